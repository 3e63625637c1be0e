### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    Rozmowa z centrali.
    { $topic ->
        [login_locked] Zablokowane logowanie.
        [basic_password_forgotten] Zapomniane hasło podstawowe.
        [both_passwords_forgotten] Zapomniane oba hasła.
        [email_change_basic_forgotten] Zmiana adresu e-mail, bez hasła podstawowego.
        [email_change_both_forgotten] Zmiana adresu e-mail, bez obu haseł.
        [pesel_exists] PESEL jest już w systemie.
        [error_report] Zgłoszenie błędu.
        [existing_ticket] W sprawie wcześniejszego zgłoszenia.
        [outage] Po awarii.
       *[none] Bez podanego tematu.
    }
    { $caller_speaks ->
        [en] Po angielsku.
        [uk] Po ukraińsku.
       *[pl] Po polsku.
    }
    Aby przyjąć, naciśnij 1.

desk-client-greeting = Dzień dobry, tu { $helpdesk }, dzwonimy, jak obiecaliśmy. Łączę z konsultantem.

desk-client-lost = Przepraszamy, rozmowa się urwała. Zaraz zadzwonimy jeszcze raz.
