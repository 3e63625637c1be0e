### The greeting, the main menu, and what is said when a caller’s answer cannot be used.

main-greeting = Добрий день, це { $helpdesk }.

main-menu =
    Якщо не можете увійти, натисніть 1.
    Щодо акаунта натисніть 2.
    Про помилку – натисніть 3.
    Про звернення – натисніть 4.
    Про нас – натисніть 5.

# Spoken in Ukrainian to a caller whose line speaks another language.
language-offer = Українською – натисніть { $key }.

# Told once a call.
everywhere-keys =
    Щоб будь-коли з’єднатися з консультантом, натисніть 0.
    Щоб почути щось ще раз, натисніть зірочку.
    Щоб повернутися до головного меню, натисніть 9.

notice-silence = Нічого не вибрано, тому повторю.
notice-wrong-key = Ця клавіша тут не працює.
notice-no-callback = На цей номер ми не можемо передзвонити.
notice-no-sms = На цей номер ми не можемо надіслати SMS.
notice-too-few-digits =
    { $counted ->
        [0] Не було жодної цифри
        [one] Була лише { $counted } цифра
        [few] Було лише { $counted } цифри
       *[many] Було лише { $counted } цифр
    }, а потрібно { $digits }.
notice-nothing-recorded = Нічого не записалося. Спробуйте ще раз після сигналу.
notice-unclear-to-consultant = Далі вам допоможе консультант.
notice-long-call-to-consultant = Ми розмовляємо вже довго, тож далі допоможе консультант.
notice-trouble = Перепрошуємо, у нас щось не спрацювало. Далі вам допоможе консультант.
