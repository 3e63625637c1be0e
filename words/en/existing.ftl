### A ticket that the caller already has.

existing-number = Please enter the ticket number.
existing-number-wrong = There is a mistake in that number.
existing-number-unknown = We have no ticket with that number.

existing-state =
    { $state ->
        [open] We are working on this ticket. You will have an answer by { DAY($date) }.
        [resolved] This ticket was resolved on { DAY($date) }.
       *[closed] This ticket was closed on { DAY($date) }.
    }

existing-choose =
    To make a complaint, press 1.
    To ask for further explanation, press 2.

existing-still-open =
    You can do this after our answer, which comes by { DAY($date) }.
    To talk to a consultant now, press 1.
    To finish, press 2.

existing-too-late =
    This is possible for { $complaint_days } { $complaint_days ->
        [one] day
       *[other] days
    } after the answer, and that time has passed.
    To talk to a consultant, press 1.
    To finish, press 2.

existing-complaint = After the tone, tell us what your complaint is, and why. { recording-end }
existing-clarification = After the tone, tell us what still needs explaining. { recording-end }
