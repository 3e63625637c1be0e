### Topics: the name of each, as the desk shows it and a consultant hears it. A new topic begins here.

topic-login_locked = заблокований вхід
topic-basic_password_forgotten = забутий основний пароль
topic-both_passwords_forgotten = забуті обидва паролі
topic-email_change_basic_forgotten = зміна електронної адреси, забутий основний пароль
topic-email_change_both_forgotten = зміна електронної адреси, забуті обидва паролі
topic-pesel_exists = PESEL уже є в системі
topic-error_report = помилка або неправильність
topic-existing_ticket = наявне звернення
topic-about = про нас
topic-outage = аварія
