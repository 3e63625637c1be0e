### Text messages. One with ą, ę or ł holds 70 characters instead of 160, so the short ones are made
### of words that need no such letters; none is misspelled to save a part.

sms-ticket-number = { $helpdesk }: numer sprawy { $number }. Termin odpowiedzi: { DATE($due) }.
sms-address-basic = { $helpdesk }: adres strony logowania { $login_page }
sms-address-both = { $helpdesk }: nowe hasło awaryjne nada osobiście, na podstawie dokumentu, najbliższa placówka celna. { $offices_page }
sms-line-works = { $helpdesk }: telefon { $phone } jest ponownie czynny.
sms-answered = { $helpdesk }: sprawa { $number } jest rozpatrzona. Reklamacje przyjmujemy do { DATE($last) }, telefon { $phone }.
