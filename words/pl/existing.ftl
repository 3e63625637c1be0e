### A ticket that the caller already has.

existing-number = Wpisz numer zgłoszenia.
existing-number-wrong = W tym numerze jest pomyłka.
existing-number-unknown = Nie mamy zgłoszenia o tym numerze.

existing-state =
    { $state ->
        [open] To zgłoszenie jest w toku. Odpowiedź będzie najpóźniej { DAY($date) }.
        [resolved] To zgłoszenie zostało rozwiązane { DAY($date) }.
       *[closed] To zgłoszenie zostało zamknięte { DAY($date) }.
    }

existing-choose =
    Aby złożyć reklamację, naciśnij 1.
    Aby poprosić o dodatkowe wyjaśnienia, naciśnij 2.

existing-still-open =
    To będzie możliwe po naszej odpowiedzi, najpóźniej { DAY($date) }.
    Aby już teraz porozmawiać z konsultantem, naciśnij 1.
    Aby zakończyć, naciśnij 2.

existing-too-late =
    Masz na to { $complaint_days } { $complaint_days ->
        [one] dzień
        [few] dni
       *[many] dni
    } od odpowiedzi, a ten czas już minął.
    Aby porozmawiać z konsultantem, naciśnij 1.
    Aby zakończyć, naciśnij 2.

existing-complaint = Po sygnale powiedz, co reklamujesz i dlaczego. { recording-end }
existing-clarification = Po sygnale powiedz, co jeszcze trzeba wyjaśnić. { recording-end }
