### An error or an irregularity; and what is said around every recording.

report-menu =
    Щоб одразу поговорити з консультантом, натисніть 1.
    Щоб описати помилку після сигналу, натисніть 2.

report-talk = Консультант прийме повідомлення про помилку.

recording-notice =
    Повідомлення записує { $controller }, щоб вирішити вашу справу.
    Ми видалимо його через { $kept_days } { $kept_days ->
        [one] день
        [few] дні
       *[many] днів
    }.

report-describe = Після сигналу скажіть, що не працює, де і відколи. { recording-end }

# How long one may speak and how to end, after each of the questions that are answered by voice.
recording-end =
    У вас є { $message_minutes } { $message_minutes ->
        [one] хвилина
        [few] хвилини
       *[many] хвилин
    }, а наприкінці натисніть будь-яку клавішу.
