### Topics: the name of each, as the desk shows it and a consultant hears it. A new topic begins here.

topic-login_locked = zablokowane logowanie
topic-basic_password_forgotten = zapomniane hasło podstawowe
topic-both_passwords_forgotten = zapomniane oba hasła
topic-email_change_basic_forgotten = zmiana adresu e-mail, zapomniane hasło podstawowe
topic-email_change_both_forgotten = zmiana adresu e-mail, zapomniane oba hasła
topic-pesel_exists = PESEL już jest w systemie
topic-error_report = błąd lub nieprawidłowość
topic-existing_ticket = istniejące zgłoszenie
topic-about = informacje o nas
topic-outage = awaria
