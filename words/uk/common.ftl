### Facts as one dictates them; mentioned by other messages.

phone-spoken = { PHONE($phone, plus: "плюс") }
email-spoken = { ADDRESS($email, at: "равлик", dot: "крапка", hyphen: "дефіс") }
portal-spoken = { ADDRESS($portal, at: "равлик", dot: "крапка", hyphen: "дефіс") }
