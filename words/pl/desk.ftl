### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    Rozmowa z centrali.
    { $has_topic ->
        [yes] Temat: { $topic }.
       *[no] Bez podanego tematu.
    }
    { $caller_speaks ->
        [en] Po angielsku.
        [uk] Po ukraińsku.
       *[pl] Po polsku.
    }
    Aby przyjąć, naciśnij 1.

desk-client-greeting = Dzień dobry, tu { $helpdesk }, dzwonimy, jak obiecaliśmy. Łączę z konsultantem.

desk-client-lost = Przepraszamy, rozmowa się urwała. Zaraz zadzwonimy jeszcze raz.
