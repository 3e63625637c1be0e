### What consultants hear at a telephone, and clients whom they call back.

desk-whisper =
    Дзвінок із центральної лінії.
    { $topic ->
        [login_locked] Заблокований вхід.
        [basic_password_forgotten] Забутий основний пароль.
        [both_passwords_forgotten] Забуті обидва паролі.
        [email_change_basic_forgotten] Зміна електронної адреси, без основного пароля.
        [email_change_both_forgotten] Зміна електронної адреси, без обох паролів.
        [pesel_exists] PESEL уже є в системі.
        [error_report] Повідомлення про помилку.
        [existing_ticket] Щодо попереднього звернення.
        [outage] Після аварії.
       *[none] Тему не вказано.
    }
    { $caller_speaks ->
        [en] Англійською.
        [uk] Українською.
       *[pl] Польською.
    }
    Щоб прийняти, натисніть 1.

desk-client-greeting = Добрий день, це { $helpdesk }, телефонуємо, як обіцяли. З’єдную з консультантом.

desk-client-lost = Перепрошуємо, розмова перервалася. Зараз подзвонимо ще раз.
