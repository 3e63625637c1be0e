### The help desk itself: ways to reach it, hours, how long things take.

about-channels =
    You can call this number: { phone-spoken }.
    You can use the { $helpdesk } portal, if you have a PUESC account.
    You can write to { email-spoken }.
    Put the word { $subject_word } in the subject.
    For that you need accounts with PUESC and with the { $helpdesk } portal.

about-hours =
    We work { $hours_a_day } { $hours_a_day ->
        [one] hour
       *[other] hours
    } a day, { $days_a_week } { $days_a_week ->
        [one] day
       *[other] days
    } a week.

about-times =
    Most matters are settled at once, in the call.
    A complex error takes at most { $working_days } working { $working_days ->
        [one] day
       *[other] days
    }.

about-enough =
    If that is all, press 1.
    To talk to a consultant, press 2.
