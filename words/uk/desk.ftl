### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    Дзвінок із центральної лінії.
    { $has_topic ->
        [yes] Тема: { $topic }.
       *[no] Тему не вказано.
    }
    { $caller_speaks ->
        [en] Англійською.
        [uk] Українською.
       *[pl] Польською.
    }
    Щоб прийняти, натисніть 1.

desk-client-greeting = Добрий день, це { $helpdesk }, телефонуємо, як обіцяли. З’єдную з консультантом.

desk-client-lost = Перепрошуємо, розмова перервалася. Зараз подзвонимо ще раз.
