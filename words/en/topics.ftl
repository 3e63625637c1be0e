### Topics: the name of each, as the desk shows it and a consultant hears it. A new topic begins here.

topic-login_locked = log-in locked
topic-basic_password_forgotten = basic password forgotten
topic-both_passwords_forgotten = both passwords forgotten
topic-email_change_basic_forgotten = change of e-mail, basic password forgotten
topic-email_change_both_forgotten = change of e-mail, both passwords forgotten
topic-pesel_exists = PESEL already in the system
topic-error_report = error or irregularity
topic-existing_ticket = existing ticket
topic-about = about us
topic-outage = outage
