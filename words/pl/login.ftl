### The caller cannot log in.

login-menu =
    Jeśli konto zablokowało się po { $login_tries } { $login_tries ->
        [one] błędnej próbie
       *[many] błędnych próbach
    }, naciśnij 1.
    Jeśli znasz tylko hasło awaryjne, naciśnij 2.
    Jeśli nie pamiętasz żadnego z haseł, naciśnij 3.

login-locked = Konsultant przywróci ci możliwość logowania jeszcze w tej rozmowie.

login-basic-forgotten =
    Hasło podstawowe zmienisz samodzielnie.
    Wejdź na stronę logowania, { portal-spoken }.
    Użyj tam przycisku „zapomniałem hasła”.
    Zmianę potwierdzisz hasłem awaryjnym.

login-both-forgotten =
    Potrzebujesz nowego hasła awaryjnego.
    Nada je najbliższa placówka celna.
    Przyjdź tam osobiście, z dokumentem tożsamości.
    Potem zmienisz nim hasło podstawowe, przyciskiem „zapomniałem hasła”.

login-solved =
    Jeśli to rozwiązuje sprawę, naciśnij 1.
    Jeśli nadal potrzebny jest konsultant, naciśnij 2.
    { $sms ->
        [yes] Aby dostać adres SMS-em, naciśnij 3.
       *[no] { "" }
    }

address-sent = Adres wysłany SMS-em.
address-not-sent = Nie udało się wysłać SMS-a. Adres strony to { portal-spoken }.
