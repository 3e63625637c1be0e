### What callers hear when something is out, and what works meanwhile.

announce-switchboard-outage =
    Trwa awaria naszej centrali telefonicznej.
    { $ends ->
        [known] Potrwa { $when }.
       *[unknown] Nie wiemy jeszcze, kiedy ją usuniemy.
    }

announce-service-outage =
    Trwa awaria usługi e-Klient.
    { $ends ->
        [known] Potrwa { $when }.
       *[unknown] Nie wiemy jeszcze, kiedy ją usuniemy.
    }

announce-switchboard-maintenance =
    Prowadzimy prace serwisowe.
    { $helpdesk } nie działa { $when }.

announce-service-maintenance =
    Prowadzimy prace serwisowe.
    Usługa e-Klient nie działa { $when }.

outage-channels =
    Inne drogi kontaktu działają.
    To portal { $helpdesk } i e-mail: { email-spoken }.
    W temacie wpisz słowo { $subject_word }.

outage-callback =
    { $callback ->
        [yes] Aby dostać telefon po awarii, naciśnij 1.
       *[no] { "" }
    }

outage-callback-kept = Zadzwonimy pod ten numer, gdy centrala znów zadziała.
outage-callback-not-kept = Nie udało się zapisać prośby. Prosimy zadzwonić później.

account-service-out =
    { $service_out ->
        [yes] Trwa niedostępność usługi e-Klient, więc wniosek poczeka, aż usługa wróci.
       *[no] { "" }
    }

over-greeting = Dzwoni { $helpdesk }. Nasza centrala telefoniczna znów działa.
over-menu =
    Aby porozmawiać z konsultantem, naciśnij 1.
    Jeśli już nie trzeba, naciśnij 2.
