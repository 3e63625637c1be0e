### What supervisors hear behind the hidden key, where announcements are switched.

supervisor-pin = Enter your PIN.
supervisor-pin-wrong = That PIN is not right.
supervisor-pin-refused = There were too many mistakes, so no PIN is accepted here now.
supervisor-greeting = Thank you.

supervisor-state =
    { $on ->
        [yes] Callers hear this announcement now.
       *[no] Callers hear no announcement now.
    }

supervisor-menu =
    To announce that the switchboard is out, press 1.
    To announce that e-Customer is out, press 2.
    To end an announcement, press 3.
    To record one in your own voice, press 4.
    To hear what is on, press 5.

supervisor-not-possible = That did not work. Try again, or switch it in the console.

supervisor-will-hear = Callers will hear this.
supervisor-text = { $text }
supervisor-follows =
    { $scope ->
        [switchboard] Then the call will end, without a menu.
       *[service] Then they will hear the usual menu.
    }
supervisor-confirm =
    To put it out, press 1.
    To drop it, press 2.

supervisor-is-out = Done, the announcement is on.
supervisor-on-already = This announcement is on already.
supervisor-dropped = All right, nothing goes out.

supervisor-ending = This announcement is on now.
supervisor-end =
    To end it, press 1.
    To go on to the next, press 2.
supervisor-none-on = No announcement is on now.
supervisor-no-more = There are no more announcements.
supervisor-is-ended = Done, the announcement has ended.
supervisor-was-over = This announcement has ended already.

supervisor-whose =
    To record that the switchboard is out, press 1.
    To record that e-Customer is out, press 2.

supervisor-record =
    { $controller } records this for all callers, and it stays in the history.
    In other languages they will hear the usual text.
    After the tone you have { $announcement_seconds } { $announcement_seconds ->
        [one] second
       *[other] seconds
    }; at the end, press any key.
supervisor-not-here-yet = The recording is still on its way.
supervisor-moment =
    Please wait, you will hear it in a moment.
    To drop it, press 2.
supervisor-keep =
    To put it out, press 1.
    To record it again, press 2.
    To drop it, press 3.
supervisor-unfit =
    { $unfit ->
        [silent] Nothing can be heard in the recording.
        [too_short] The recording is too short.
        [too_long] The recording is too long.
        [too_large] The recording is too large.
       *[not_audio] The recording cannot be played.
    }
supervisor-not-here = The recording did not arrive. Nothing goes out.
