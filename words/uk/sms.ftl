### Text messages; each fits into two parts of 67 characters.

sms-ticket-number = { $helpdesk }: номер звернення { $number }. Відповідь не пізніше { DATE($due) }.
sms-address-basic = { $helpdesk }: сторінка входу { $login_page }
sms-address-both = { $helpdesk }: новий аварійний пароль надасть найближча митна установа, особисто й з документом. { $offices_page }
sms-line-works = { $helpdesk }: наша телефонна лінія { $phone } знову працює.
sms-answered = { $helpdesk }: на звернення { $number } є відповідь. Скарги до { DATE($last) }, телефон { $phone }.
