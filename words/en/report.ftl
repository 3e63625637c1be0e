### An error or an irregularity; and what is said around every recording.

report-menu =
    To talk to a consultant now, press 1.
    To describe the error after the tone, press 2.

report-talk = A consultant will take your report.

recording-notice =
    { $controller } records your message in order to settle your matter.
    We delete it after { $kept_days } { $kept_days ->
        [one] day
       *[other] days
    }.

report-describe = After the tone, tell us what fails, where, and since when. { recording-end }

# How long one may speak and how to end, after each of the questions that are answered by voice.
recording-end =
    You have { $message_minutes } { $message_minutes ->
        [one] minute
       *[other] minutes
    }; when you finish, press any key.
