### The greeting, the main menu, and what is said when a caller's answer cannot be used.

main-greeting = Dzień dobry, { $helpdesk }.

main-menu =
    Problem z logowaniem – naciśnij 1.
    W sprawie konta naciśnij 2.
    Aby zgłosić błąd, naciśnij 3.
    Stan zgłoszenia – naciśnij 4.
    O nas – naciśnij 5.

# Spoken in Polish to a caller whose line speaks another language.
language-offer = Po polsku – naciśnij { $key }.

# Told once a call.
everywhere-keys =
    Aby w każdej chwili połączyć się z konsultantem, naciśnij 0.
    Aby usłyszeć coś jeszcze raz, naciśnij gwiazdkę.
    Aby wrócić do menu głównego, naciśnij 9.

notice-silence = Nie wybrano niczego, więc powtórzę.
notice-wrong-key = Ten klawisz tutaj nie działa.
notice-no-callback = Na ten numer nie możemy oddzwonić.
notice-no-sms = Na ten numer nie możemy wysłać SMS-a.
notice-too-few-digits =
    { $counted ->
        [0] Nie było żadnej cyfry
        [one] Była tylko { $counted } cyfra
        [few] Były tylko { $counted } cyfry
       *[many] Było tylko { $counted } cyfr
    }, a potrzeba { $digits }.
notice-nothing-recorded = Nic się nie nagrało. Spróbuj jeszcze raz po sygnale.
notice-unclear-to-consultant = Dalej pomoże ci konsultant.
notice-long-call-to-consultant = Rozmawiamy już długo, więc dalej pomoże ci konsultant.
notice-trouble = Przepraszamy, coś u nas nie zadziałało. Dalej pomoże ci konsultant.
