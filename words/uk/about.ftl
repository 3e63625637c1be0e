### The help desk itself: ways to reach it, hours, how long things take.

about-channels =
    Можете телефонувати на цей номер: { phone-spoken }.
    Можете скористатися порталом { $helpdesk }, якщо маєте акаунт на PUESC.
    Можете написати на адресу { email-spoken }.
    У темі листа вкажіть слово { $subject_word }.
    Для цього потрібні акаунти на PUESC і на порталі { $helpdesk }.

about-hours =
    Ми працюємо { $hours_a_day } { $hours_a_day ->
        [one] годину
        [few] години
       *[many] годин
    } на добу, { $days_a_week } { $days_a_week ->
        [one] день
        [few] дні
       *[many] днів
    } на тиждень.

about-times =
    Більшість справ вирішуємо одразу, у розмові.
    Складна помилка потребує щонайбільше { $working_days } { $working_days ->
        [one] робочого дня
       *[many] робочих днів
    }.

about-enough =
    Якщо це все, натисніть 1.
    Щоб поговорити з консультантом, натисніть 2.
