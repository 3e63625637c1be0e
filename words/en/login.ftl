### The caller cannot log in.

login-menu =
    If you are locked out after { $login_tries } wrong { $login_tries ->
        [one] try
       *[other] tries
    }, press 1.
    If you only know your emergency password, press 2.
    If you remember neither password, press 3.

login-locked = A consultant will restore your login in this call.

login-basic-forgotten =
    You can change your basic password yourself.
    Go to the login page, { portal-spoken }.
    There, use the “forgot password” button.
    You confirm the change with your emergency password.

login-both-forgotten =
    You need a new emergency password.
    The nearest customs office will give you one.
    Go there in person, with an identity document.
    Then use it to change your basic password, with the “forgot password” button.

login-solved =
    If that solves it, press 1.
    If you still need a consultant, press 2.
    { $sms ->
        [yes] To get the address by text message, press 3.
       *[no] { "" }
    }

address-sent = The address is on its way to your phone.
address-not-sent = The text message could not be sent. The address is { portal-spoken }.
