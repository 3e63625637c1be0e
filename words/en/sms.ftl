### Text messages; each fits into one part of 160 characters.

sms-ticket-number = { $helpdesk }: your ticket number is { $number }. Answer by { DATE($due) }.
sms-address-basic = { $helpdesk }: the login page is { $login_page }
sms-address-both = { $helpdesk }: for a new emergency password, go with an identity document to the nearest customs office. { $offices_page }
sms-line-works = { $helpdesk }: our telephone line { $phone } works again.
sms-answered = { $helpdesk }: we have answered your ticket { $number }. Complaints by { DATE($last) }, call { $phone }.
