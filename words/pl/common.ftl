### Facts as one dictates them; mentioned by other messages.

phone-spoken = { PHONE($phone, plus: "plus") }
email-spoken = { ADDRESS($email, at: "małpa", dot: "kropka", hyphen: "myślnik") }
portal-spoken = { ADDRESS($portal, at: "małpa", dot: "kropka", hyphen: "myślnik") }
