### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    A call from the switchboard.
    { $has_topic ->
        [yes] The topic: { $topic }.
       *[no] No topic given.
    }
    { $caller_speaks ->
        [en] In English.
        [uk] In Ukrainian.
       *[pl] In Polish.
    }
    To take it, press 1.

desk-client-greeting = Hello, this is { $helpdesk }, calling you as we promised. I am connecting you to a consultant.

desk-client-lost = Sorry, the call was cut off. We will call you again in a moment.
