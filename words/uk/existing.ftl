### A ticket that the caller already has.

existing-number = Введіть номер звернення.
existing-number-wrong = У цьому номері є помилка.
existing-number-unknown = У нас немає звернення з таким номером.

existing-state =
    { $state ->
        [open] Це звернення в роботі. Відповідь буде не пізніше { DAY($date) }.
        [resolved] Це звернення вирішено { DAY($date) }.
       *[closed] Це звернення закрито { DAY($date) }.
    }

existing-choose =
    Щоб подати скаргу, натисніть 1.
    Щоб попросити додаткове пояснення, натисніть 2.

existing-still-open =
    Це можна зробити після нашої відповіді, вона буде не пізніше { DAY($date) }.
    Щоб уже зараз поговорити з консультантом, натисніть 1.
    Щоб завершити, натисніть 2.

existing-too-late =
    Це можна зробити протягом { $complaint_days } { $complaint_days ->
        [one] дня
       *[many] днів
    } після відповіді, і цей час уже минув.
    Щоб поговорити з консультантом, натисніть 1.
    Щоб завершити, натисніть 2.

existing-complaint = Після сигналу скажіть, на що скаржитеся й чому. { recording-end }
existing-clarification = Після сигналу скажіть, що ще треба пояснити. { recording-end }
