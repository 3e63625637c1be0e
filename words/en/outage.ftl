### What callers hear when something is out, and what works meanwhile.

announce-switchboard-outage =
    Our telephone switchboard is out of order.
    { $ends ->
        [known] It will be so { $when }.
       *[unknown] We do not know yet when it will be mended.
    }

announce-service-outage =
    The e-Customer service is out of order.
    { $ends ->
        [known] It will be so { $when }.
       *[unknown] We do not know yet when it will be mended.
    }

announce-switchboard-maintenance =
    We are doing maintenance.
    { $helpdesk } does not work { $when }.

announce-service-maintenance =
    We are doing maintenance.
    The e-Customer service does not work { $when }.

outage-channels =
    Our other channels work.
    They are the { $helpdesk } portal and e-mail: { email-spoken }.
    Put the word { $subject_word } in the subject.

outage-callback =
    { $callback ->
        [yes] To be called when it is over, press 1.
       *[no] { "" }
    }

outage-callback-kept = We will call this number when the switchboard works again.
outage-callback-not-kept = Your wish could not be noted. Please call again later.

account-service-out =
    { $service_out ->
        [yes] The e-Customer service is out, so the request will wait until it is back.
       *[no] { "" }
    }

over-greeting = This is { $helpdesk }. Our telephone switchboard works again.
over-menu =
    To talk to a consultant, press 1.
    If there is no need any more, press 2.
