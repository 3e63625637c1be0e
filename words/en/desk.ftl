### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    A call from the switchboard.
    { $topic ->
        [login_locked] Login locked.
        [basic_password_forgotten] Basic password forgotten.
        [both_passwords_forgotten] Both passwords forgotten.
        [email_change_basic_forgotten] Change of e-mail, without the basic password.
        [email_change_both_forgotten] Change of e-mail, without both passwords.
        [pesel_exists] The PESEL is in the system already.
        [error_report] Report of an error.
        [existing_ticket] About an earlier ticket.
        [outage] After an outage.
       *[none] No topic given.
    }
    { $caller_speaks ->
        [en] In English.
        [uk] In Ukrainian.
       *[pl] In Polish.
    }
    To take it, press 1.

desk-client-greeting = Hello, this is { $helpdesk }, calling you as we promised. I am connecting you to a consultant.

desk-client-lost = Sorry, the call was cut off. We will call you again in a moment.
