### Requests about an account, finished by a consultant in the same call.

account-menu =
    Aby zmienić e-mail, gdy nie pamiętasz hasła podstawowego, naciśnij 1.
    Aby zmienić e-mail, gdy nie pamiętasz obu haseł, naciśnij 2.
    Jeśli nie możesz założyć konta, bo PESEL już istnieje, naciśnij 3.

account-email-basic =
    Wniosek o zmianę adresu e-mail jest przygotowany.
    Konsultant wie, że nie pamiętasz hasła podstawowego, i dokończy sprawę w tej rozmowie.

account-email-both =
    Wniosek o zmianę adresu e-mail jest przygotowany.
    Konsultant wie, że nie pamiętasz obu haseł, i dokończy sprawę w tej rozmowie.

account-pesel-exists = Konto z tym numerem PESEL już istnieje. Wyjaśni to konsultant.

account-pesel =
    Wpisz swój PESEL, a konsultant od razu znajdzie po nim to konto.
    Aby pominąć to pytanie, naciśnij 0.

account-pesel-wrong = W tym numerze jest pomyłka.

account-pesel-noted = Dziękuję. Konsultant dokończy sprawę w tej rozmowie.
