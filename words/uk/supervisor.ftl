### What supervisors hear behind the hidden key, where announcements are switched.

supervisor-pin = Введіть свій PIN.
supervisor-pin-wrong = Цей PIN неправильний.
supervisor-pin-refused = Було забагато помилок, тому зараз тут не приймаємо жодного PIN.
supervisor-greeting = Дякую.

supervisor-state =
    { $on ->
        [yes] Зараз абоненти чують це повідомлення.
       *[no] Зараз абоненти не чують жодного повідомлення.
    }

supervisor-menu =
    Оголосити, що станція не працює – натисніть 1.
    Оголосити, що e-Klient не працює – натисніть 2.
    Завершити повідомлення – натисніть 3.
    Записати своїм голосом – натисніть 4.
    Почути, що оголошено – натисніть 5.

supervisor-not-possible = Не вдалося. Спробуйте ще раз або скористайтеся панеллю.

supervisor-will-hear = Абоненти почують це.
supervisor-text = { $text }
supervisor-follows =
    { $scope ->
        [switchboard] Потім розмова закінчиться, без меню.
       *[service] Потім вони почують звичайне меню.
    }
supervisor-confirm =
    Щоб оголосити це, натисніть 1.
    Щоб відмовитися, натисніть 2.

supervisor-is-out = Готово, повідомлення оголошено.
supervisor-on-already = Таке повідомлення вже оголошено.
supervisor-dropped = Добре, нічого не оголошую.

supervisor-ending = Зараз оголошено це повідомлення.
supervisor-end =
    Щоб завершити його, натисніть 1.
    Щоб перейти далі, натисніть 2.
supervisor-none-on = Зараз не оголошено жодного повідомлення.
supervisor-no-more = Більше повідомлень немає.
supervisor-is-ended = Готово, повідомлення завершено.
supervisor-was-over = Це повідомлення вже завершено.

supervisor-whose =
    Записати, що станція не працює – натисніть 1.
    Записати, що e-Klient не працює – натисніть 2.

supervisor-record =
    Записує { $controller } для всіх абонентів, а запис залишиться в історії.
    Іншими мовами вони почують звичайний текст.
    Після сигналу маєте { $announcement_seconds } { $announcement_seconds ->
        [one] секунду
        [few] секунди
       *[many] секунд
    }, а наприкінці натисніть будь-яку клавішу.
supervisor-not-here-yet = Запис ще в дорозі.
supervisor-moment =
    Зачекайте хвилинку, зараз ви його почуєте.
    Щоб відмовитися, натисніть 2.
supervisor-keep =
    Щоб оголосити це, натисніть 1.
    Щоб записати знову, натисніть 2.
    Щоб відмовитися, натисніть 3.
supervisor-unfit =
    { $unfit ->
        [silent] У записі нічого не чути.
        [too_short] Запис закороткий.
        [too_long] Запис задовгий.
        [too_large] Запис завеликий.
       *[not_audio] Цей запис неможливо відтворити.
    }
supervisor-not-here = Запис не надійшов. Нічого не оголошую.
