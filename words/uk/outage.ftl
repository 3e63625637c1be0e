### What callers hear when something is out, and what works meanwhile.

announce-switchboard-outage =
    Наша телефонна станція не працює через аварію.
    { $ends ->
        [known] Це триватиме { $when }.
       *[unknown] Ще не знаємо, коли її усунемо.
    }

announce-service-outage =
    Сервіс e-Klient не працює через аварію.
    { $ends ->
        [known] Це триватиме { $when }.
       *[unknown] Ще не знаємо, коли її усунемо.
    }

announce-switchboard-maintenance =
    Ми проводимо технічні роботи.
    { $helpdesk } не працює { $when }.

announce-service-maintenance =
    Ми проводимо технічні роботи.
    Сервіс e-Klient не працює { $when }.

outage-channels =
    Інші канали зв’язку працюють.
    Це портал { $helpdesk } та e-mail: { email-spoken }.
    У темі напишіть слово { $subject_word }.

outage-callback =
    { $callback ->
        [yes] Щоб ми подзвонили після аварії, натисніть 1.
       *[no] { "" }
    }

outage-callback-kept = Подзвонимо на цей номер, коли станція знову запрацює.
outage-callback-not-kept = Не вдалося записати прохання. Подзвоніть, будь ласка, пізніше.

account-service-out =
    { $service_out ->
        [yes] Сервіс e-Klient зараз не працює, тому заява зачекає, поки він повернеться.
       *[no] { "" }
    }

over-greeting = Телефонує { $helpdesk }. Наша телефонна станція знову працює.
over-menu =
    Щоб поговорити з консультантом, натисніть 1.
    Якщо вже не потрібно, натисніть 2.
