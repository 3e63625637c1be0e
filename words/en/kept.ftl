### A ticket stays open; and the last words of every call.

kept-number =
    Please write down your ticket number: { DIGITS($number) }.
    Again: { DIGITS($number) }.
    { $sms ->
        [yes] We will text it to you, too.
       *[no] { "" }
    }
    You will have an answer by { DAY($due) }.

kept-number-follows =
    Your ticket is saved.
    { $sms ->
        [yes] We will text you its number.
       *[no] A consultant will tell you its number.
    }

goodbye = Thank you for calling. Goodbye.
goodbye-solved = Glad to have helped. Goodbye.
goodbye-kept = Thank you, we will see to it. Goodbye.
