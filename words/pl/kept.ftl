### A ticket stays open; and the last words of every call.

kept-number =
    Zapisz numer zgłoszenia: { DIGITS($number) }.
    Powtarzam: { DIGITS($number) }.
    { $sms ->
        [yes] Wyślemy go też SMS-em.
       *[no] { "" }
    }
    Odpowiedź będzie najpóźniej { DAY($due) }.

kept-number-follows =
    Twoje zgłoszenie jest zapisane.
    { $sms ->
        [yes] Jego numer wyślemy SMS-em.
       *[no] Jego numer poda ci konsultant.
    }

goodbye = Dziękujemy za telefon. Do widzenia.
goodbye-solved = Miło było pomóc. Do widzenia.
goodbye-kept = Dziękujemy, zajmiemy się tym. Do widzenia.
