### What supervisors hear behind the hidden key, where announcements are switched.

supervisor-pin = Wpisz swój PIN.
supervisor-pin-wrong = Ten PIN się nie zgadza.
supervisor-pin-refused = Było za dużo pomyłek, więc teraz nie przyjmujemy tu żadnego PIN-u.
supervisor-greeting = Dziękuję.

supervisor-state =
    { $on ->
        [yes] Dzwoniący słyszą teraz ten komunikat.
       *[no] Dzwoniący nie słyszą teraz żadnego komunikatu.
    }

supervisor-menu =
    Nadać, że centrala nie działa – naciśnij 1.
    Nadać, że e-Klient nie działa – naciśnij 2.
    Zakończyć komunikat – naciśnij 3.
    Nagrać własnym głosem – naciśnij 4.
    Usłyszeć, co jest nadawane – naciśnij 5.

supervisor-not-possible = Nie udało się. Spróbuj jeszcze raz albo przełącz komunikat w panelu.

supervisor-will-hear = Dzwoniący usłyszą to.
supervisor-text = { $text }
supervisor-follows =
    { $scope ->
        [switchboard] Potem rozmowa się skończy, bez menu.
       *[service] Potem usłyszą zwykłe menu.
    }
supervisor-confirm =
    Aby to nadać, naciśnij 1.
    Aby zrezygnować, naciśnij 2.

supervisor-is-out = Gotowe, komunikat jest nadawany.
supervisor-on-already = Taki komunikat jest już nadawany.
supervisor-dropped = Dobrze, niczego nie nadaję.

supervisor-ending = Teraz nadawany jest ten komunikat.
supervisor-end =
    Aby go zakończyć, naciśnij 1.
    Aby przejść dalej, naciśnij 2.
supervisor-none-on = Żaden komunikat nie jest teraz nadawany.
supervisor-no-more = Więcej komunikatów nie ma.
supervisor-is-ended = Gotowe, komunikat jest zakończony.
supervisor-was-over = Ten komunikat jest już zakończony.

supervisor-whose =
    Nagrać, że centrala nie działa – naciśnij 1.
    Nagrać, że e-Klient nie działa – naciśnij 2.

supervisor-record =
    Nagrywa { $controller }, dla wszystkich dzwoniących, a nagranie zostanie w historii.
    W innych językach usłyszą zwykły tekst.
    Po sygnale masz { $announcement_seconds } { $announcement_seconds ->
        [one] sekundę
        [few] sekundy
       *[many] sekund
    }, a na koniec naciśnij dowolny klawisz.
supervisor-not-here-yet = Nagranie jest jeszcze w drodze.
supervisor-moment =
    Poczekaj chwilę, zaraz je usłyszysz.
    Aby zrezygnować, naciśnij 2.
supervisor-keep =
    Aby to nadać, naciśnij 1.
    Aby nagrać od nowa, naciśnij 2.
    Aby zrezygnować, naciśnij 3.
supervisor-unfit =
    { $unfit ->
        [silent] W nagraniu niczego nie słychać.
        [too_short] Nagranie jest za krótkie.
        [too_long] Nagranie jest za długie.
        [too_large] Nagranie jest za duże.
       *[not_audio] Tego nagrania nie da się odtworzyć.
    }
supervisor-not-here = Nagranie nie dotarło. Niczego nie nadaję.
