### A ticket stays open; and the last words of every call.

kept-number =
    Запишіть номер звернення: { DIGITS($number) }.
    Повторюю: { DIGITS($number) }.
    { $sms ->
        [yes] Ми надішлемо його також у SMS.
       *[no] { "" }
    }
    Відповідь буде не пізніше { DAY($due) }.

kept-number-follows =
    Ваше звернення збережено.
    { $sms ->
        [yes] Його номер надішлемо в SMS.
       *[no] Його номер назве консультант.
    }

goodbye = Дякуємо за дзвінок. До побачення.
goodbye-solved = Раді, що вдалося допомогти. До побачення.
goodbye-kept = Дякуємо, ми цим займемося. До побачення.
