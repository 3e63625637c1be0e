### The greeting, the main menu, and what is said when a caller's answer cannot be used.

main-greeting = Hello, this is { $helpdesk }.

main-menu =
    If you cannot log in, press 1.
    For your account, press 2.
    To report an error, press 3.
    For a ticket you have, press 4.
    About us, press 5.

# Spoken in English to a caller whose line speaks another language.
language-offer = For English, press { $key }.

# Told once a call.
everywhere-keys =
    To reach a consultant at any time, press 0.
    To hear something again, press star.
    To return to the main menu, press 9.

notice-silence = Nothing was chosen, so I will repeat.
notice-wrong-key = That key does nothing here.
notice-no-callback = We cannot call this number back.
notice-no-sms = We cannot send a text to this number.
notice-too-few-digits =
    { $counted ->
        [0] There was no digit
        [one] There was only { $counted } digit
       *[other] There were only { $counted } digits
    }, and { $digits } are needed.
notice-nothing-recorded = Nothing was recorded. Please try again after the tone.
notice-unclear-to-consultant = A consultant will help you from here.
notice-long-call-to-consultant = We have been at this for a while, so a consultant will help you from here.
notice-trouble = Sorry, something went wrong on our side. A consultant will help you from here.
