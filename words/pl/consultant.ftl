### On the way to a consultant, and when none comes.

talk-recording-notice =
    Za twoją zgodą rozmowę nagra { $controller }, żeby załatwić twoją sprawę.
    Usuniemy nagranie po { $talk_kept_days } { $talk_kept_days ->
        [one] dniu
       *[many] dniach
    }.
    Jeśli zgadzasz się na nagranie, naciśnij 4.
    Jeśli nie, poczekaj albo naciśnij 3.

talk-not-recorded = Dobrze, bez nagrania.

consultant-connecting = Łączę z konsultantem.

consultant-place =
    Twoje miejsce w kolejce: { $place }.
    { $minutes ->
        [unknown] Konsultant odbierze, gdy tylko będzie wolny.
        [0] Konsultant zaraz odbierze.
        [one] Odbierze za około { $minutes } minutę.
        [few] Odbierze za około { $minutes } minuty.
       *[many] Odbierze za około { $minutes } minut.
    }

consultant-waiting =
    { $callback ->
        [yes] Aby zachować miejsce i czekać na nasz telefon, naciśnij 1.
        [outage] Aby dostać telefon po awarii, naciśnij 1.
       *[no] { "" }
    }
    Aby zostawić wiadomość, naciśnij 2.

consultant-lost = Przepraszamy, rozmowa się urwała. Zachowujesz swoje miejsce w kolejce.

consultant-message =
    Po sygnale powiedz, w jakiej sprawie dzwonisz i jak się z tobą skontaktować.
    { recording-end }

consultant-callback-kept =
    { $line_out ->
        [yes] Zadzwonimy pod ten numer, gdy centrala znów zadziała.
       *[no] Dobrze, oddzwonimy, gdy przyjdzie twoja kolej.
    }

consultant-callback-not-kept = Nie możemy teraz obiecać, że oddzwonimy.

consultant-nobody = Przepraszamy, żaden konsultant nie może teraz odebrać. Zostaw nam wiadomość.

consultant-unserved = Mimo to zajmiemy się twoją sprawą.
