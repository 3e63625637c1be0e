### An error or an irregularity; and what is said around every recording.

report-menu =
    Aby od razu porozmawiać z konsultantem, naciśnij 1.
    Aby opisać błąd po sygnale, naciśnij 2.

report-talk = Konsultant przyjmie zgłoszenie.

recording-notice =
    Wiadomość nagrywa { $controller }, żeby załatwić twoją sprawę.
    Usuniemy ją po { $kept_days } { $kept_days ->
        [one] dniu
       *[many] dniach
    }.

report-describe = Po sygnale powiedz, co nie działa, gdzie i od kiedy. { recording-end }

# How long one may speak and how to end, after each of the questions that are answered by voice.
recording-end =
    Masz na to { $message_minutes } { $message_minutes ->
        [one] minutę
        [few] minuty
       *[many] minut
    }, a na koniec naciśnij dowolny klawisz.
