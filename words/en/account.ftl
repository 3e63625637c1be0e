### Requests about an account, finished by a consultant in the same call.

account-menu =
    To change your e-mail without the basic password, press 1.
    To change your e-mail without either password, press 2.
    If you cannot open an account because your PESEL exists already, press 3.

account-email-basic =
    Your request to change the e-mail address is ready.
    The consultant knows that the basic password is forgotten, and will finish it in this call.

account-email-both =
    Your request to change the e-mail address is ready.
    The consultant knows that both passwords are forgotten, and will finish it in this call.

account-pesel-exists = An account with that PESEL already exists. A consultant will clear it up.

account-pesel =
    Please enter your PESEL, so that the consultant finds that account at once.
    To skip this question, press 0.

account-pesel-wrong = There is a mistake in that number.

account-pesel-noted = Thank you. A consultant will finish this in the same call.
