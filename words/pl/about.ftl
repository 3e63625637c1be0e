### The help desk itself: ways to reach it, hours, how long things take.

about-channels =
    Możesz dzwonić pod ten numer: { phone-spoken }.
    Możesz skorzystać z portalu { $helpdesk }, jeśli masz konto na PUESC.
    Możesz napisać na adres { email-spoken }.
    W temacie wpisz słowo { $subject_word }.
    Do tego trzeba mieć konta na PUESC i w portalu { $helpdesk }.

about-hours =
    Pracujemy { $hours_a_day } { $hours_a_day ->
        [one] godzinę
        [few] godziny
       *[many] godzin
    } na dobę, { $days_a_week } { $days_a_week ->
        [one] dzień
       *[many] dni
    } w tygodniu.

about-times =
    Większość spraw załatwiamy od razu, w rozmowie.
    Złożony błąd zajmuje najwyżej { $working_days } { $working_days ->
        [one] dzień roboczy
        [few] dni robocze
       *[many] dni roboczych
    }.

about-enough =
    Jeśli to wszystko, naciśnij 1.
    Aby porozmawiać z konsultantem, naciśnij 2.
