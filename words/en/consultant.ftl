### On the way to a consultant, and when none comes.

talk-recording-notice =
    If you agree, { $controller } will record the conversation to deal with your matter.
    We delete it after { $talk_kept_days } { $talk_kept_days ->
        [one] day
       *[other] days
    }.
    If you agree to the recording, press 4.
    If not, wait or press 3.

talk-not-recorded = All right, no recording.

consultant-connecting = I am connecting you to a consultant.

consultant-place =
    Your place in the queue: { $place }.
    { $minutes ->
        [unknown] A consultant will answer as soon as one is free.
        [0] A consultant will answer in a moment.
        [one] A consultant will answer in about { $minutes } minute.
       *[other] A consultant will answer in about { $minutes } minutes.
    }

consultant-waiting =
    { $callback ->
        [yes] To keep your place and be called back, press 1.
        [outage] To be called when the outage is over, press 1.
       *[no] { "" }
    }
    To leave a message, press 2.

consultant-lost = Sorry, the call was cut off. You keep your place in the queue.

consultant-message =
    After the tone, tell us what it is about and how to reach you.
    { recording-end }

consultant-callback-kept =
    { $line_out ->
        [yes] We will call this number when the switchboard works again.
       *[no] All right, we will call you back when it is your turn.
    }

consultant-callback-not-kept = We cannot promise to call you back now.

consultant-nobody = Sorry, no consultant can answer now. Please leave us a message.

consultant-unserved = We will look after your matter all the same.
