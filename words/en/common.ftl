### Facts as one dictates them; mentioned by other messages.

phone-spoken = { PHONE($phone, plus: "plus", by: "digit") }
email-spoken = { ADDRESS($email, at: "at", dot: "dot", hyphen: "hyphen") }
portal-spoken = { ADDRESS($portal, at: "at", dot: "dot", hyphen: "hyphen") }
