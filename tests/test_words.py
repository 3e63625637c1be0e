"""What the sentences promise in each language: the same ones, short, and right in grammar."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fluent.syntax import FluentParser, ast

import words

FOLDER = Path(words.__file__).parent
SAMPLE: dict[str, words.Value] = {
    "key": "8",
    "counted": 5,
    "digits": 9,
    "state": "open",
    "date": "2026-11-30",
    "due": "2026-11-30",
    "last": "2026-11-30",
    "number": "123456789",
    "sms": "yes",
    "callback": "yes",
    "place": 12,
    "minutes": 5,
    "service_out": "yes",
    "line_out": "yes",
    "when": "dzisiaj, 30 listopada, od 07:30 do 09:30",
    "ends": "known",
    "on": "yes",
    "scope": "switchboard",
    "text": "Trwa awaria.",
    "has_topic": "yes",
    "topic": "zmiana adresu e-mail",
    "caller_speaks": "uk",
    "unfit": "silent",
}
EVERY = {code: sorted(words.messages(code)) for code in words.LANGUAGES}


def spoken(code: str) -> Iterator[tuple[str, str]]:
    """Each message that a voice says, with its text."""
    for name in EVERY[code]:
        if not name.startswith("sms-"):
            yield name, words.say(code, name, **SAMPLE)


KEYS_AS_SAID = "0 1 2 3 4 5 8 9 gwiazdkę star зірочку"
VOICE_BYTES, VOICE_ENCODED = 3000, 4500  # of one Say: the carrier's error 13521
WRITTEN = [
    (code, name) for code, names in EVERY.items() for name in names if name.startswith("sms-")
]
GSM = re.compile(r"[\w@£$¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüà !\"#¤%&'()*+,\-./:;<=>?¡\n\r]*", re.ASCII)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_each_language_has_the_same_messages_with_the_same_variables(code: str) -> None:
    polish = {name: words.variables("pl", name) for name in words.messages("pl")}
    assert {name: words.variables(code, name) for name in words.messages(code)} == polish


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_each_language_offers_the_same_keys_in_the_same_order(code: str) -> None:
    for name in words.messages("pl"):
        polish = words.spoken_keys("pl", words.say("pl", name, **SAMPLE))
        assert words.spoken_keys(code, words.say(code, name, **SAMPLE)) == polish, name


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_no_sentence_is_longer_than_twenty_words(code: str) -> None:
    for name, text in spoken(code):
        for sentence in re.split(r"[.!?]", text):
            assert len(sentence.split()) <= 20, (name, sentence)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_the_option_comes_before_its_key(code: str) -> None:
    for name, text in spoken(code):
        for sentence in re.split(r"(?<=\.) ", text):
            if words.spoken_keys(code, sentence):
                assert re.search(r"[\w*#]\.$", sentence), (name, sentence)
                assert sentence.split()[-1].rstrip(".") in KEYS_AS_SAID, (name, sentence)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_no_menu_takes_longer_than_twenty_seconds(code: str) -> None:
    for name, text in spoken(code):
        if words.spoken_keys(code, text):
            assert words.seconds(text) <= 20, (name, text)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_the_main_menu_with_both_languages_takes_at_most_twenty_seconds(code: str) -> None:
    offers = [words.say(c, "language-offer", key="7") for c in words.LANGUAGES if c != code]
    assert words.seconds(" ".join([words.say(code, "main-menu"), *offers])) <= 20


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_texts_hold_nothing_that_a_voice_would_stumble_over(code: str) -> None:
    for name in EVERY[code]:
        text = words.say(code, name, **SAMPLE)
        assert not re.search(r"[{}$\u2066-\u2069\n\\]|  | [,.]|\.\.", text), (name, text)
        # A topic is a name, which stands in a sentence.
        is_part = name.endswith(("-spoken", "sms-address-basic", "sms-address-both"))
        assert is_part or name.startswith(words.TOPIC) or text[-1] == ".", (name, text)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_a_voice_takes_each_text_at_once(code: str) -> None:
    for name, text in spoken(code):
        assert len(text.encode()) <= VOICE_BYTES, name
        assert len(quote(text)) <= VOICE_ENCODED, name


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*/*.ftl")), ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_no_number_is_typed_into_a_sentence(path: Path) -> None:
    verb = {"pl": "naciśnij", "en": "press", "uk": "натисніть"}[path.parent.name]
    for text in _typed(path):
        assert not re.search(r"\d", re.sub(rf"\b{verb} \d\b", "", text)), text
        assert not re.search(r"https?:|@|\.pl\b|NOWE|Help Desk", text), text


def _typed(path: Path) -> Iterator[str]:
    def below(node: object) -> Iterator[str]:
        if isinstance(node, ast.TextElement):
            yield node.value
        if isinstance(node, ast.BaseNode):
            for value in vars(node).values():
                for child in value if isinstance(value, list) else [value]:
                    yield from below(child)

    yield from below(FluentParser().parse(path.read_text("utf-8")))


# For 1, for 2 and 22, for 5 and 10; # is the count. Zero is said as 5 is, or has words of its own.
COUNTED = """
pl about-hours days_a_week: # dzień w tygodniu | # dni w tygodniu | # dni w tygodniu
en about-hours days_a_week: # day a week | # days a week | # days a week
uk about-hours days_a_week: # день на тиждень | # дні на тиждень | # днів на тиждень
pl about-hours hours_a_day: # godzinę na dobę | # godziny na dobę | # godzin na dobę
en about-hours hours_a_day: # hour a day | # hours a day | # hours a day
uk about-hours hours_a_day: # годину на добу | # години на добу | # годин на добу
pl about-times working_days: # dzień roboczy. | # dni robocze. | # dni roboczych.
en about-times working_days: # working day. | # working days. | # working days.
uk about-times working_days: # робочого дня. | # робочих днів. | # робочих днів.
pl consultant-place minutes: # minutę. | # minuty. | # minut. | zaraz
en consultant-place minutes: # minute. | # minutes. | # minutes. | in a moment
uk consultant-place minutes: # хвилину. | # хвилини. | # хвилин. | зараз
pl existing-too-late complaint_days: # dzień od | # dni od | # dni od
en existing-too-late complaint_days: # day after | # days after | # days after
uk existing-too-late complaint_days: # дня після | # днів після | # днів після
pl login-menu login_tries: # błędnej próbie, | # błędnych próbach, | # błędnych próbach,
en login-menu login_tries: # wrong try, | # wrong tries, | # wrong tries,
uk login-menu login_tries: # помилкової спроби, | # помилкових спроб, | # помилкових спроб,
pl notice-too-few-digits counted: Była tylko # cyfra | Były tylko # cyfry | tylko # cyfr | żadnej
en notice-too-few-digits counted: was only # digit, | were only # digits | were only # digits | no
uk notice-too-few-digits counted: Була лише # цифра | Було лише # цифри | Було лише # цифр | жодної
pl recording-end message_minutes: # minutę, | # minuty, | # minut,
en recording-end message_minutes: # minute; | # minutes; | # minutes;
uk recording-end message_minutes: # хвилина, | # хвилини, | # хвилин,
pl recording-notice kept_days: # dniu. | # dniach. | # dniach.
en recording-notice kept_days: # day. | # days. | # days.
uk recording-notice kept_days: # день. | # дні. | # днів.
pl talk-recording-notice talk_kept_days: # dniu. | # dniach. | # dniach.
en talk-recording-notice talk_kept_days: # day. | # days. | # days.
uk talk-recording-notice talk_kept_days: # день. | # дні. | # днів.
pl supervisor-record announcement_seconds: # sekundę, | # sekundy, | # sekund,
en supervisor-record announcement_seconds: # second; | # seconds; | # seconds;
uk supervisor-record announcement_seconds: # секунду, | # секунди, | # секунд,
""".strip().splitlines()


@pytest.mark.parametrize("line", COUNTED)
def test_counts_agree_with_their_nouns(line: str) -> None:
    code, name, variable, forms = re.split(r":? ", line, maxsplit=3)
    one, two, five, *zero = forms.split(" | ")
    for count, form in (1, one), (2, two), (22, two), (5, five), (10, five), (0, [*zero, five][0]):
        said = words.say(code, name, **{**SAMPLE, variable: count})
        expected = re.escape(form.replace("#", str(count)))
        assert re.search(rf"\b{expected}", said), said


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_every_sentence_that_turns_on_a_count_is_among_those_tested(code: str) -> None:
    counts = [n for n, v in {**vars(words.FACTS), **SAMPLE}.items() if isinstance(v, int)]
    turning = {
        f"{name} {count}"
        for name in words.messages(code)
        for count in counts
        if _without_digits(code, name, **{count: 1}) != _without_digits(code, name, **{count: 5})
    }
    tested = {line[3 : line.index(":")] for line in COUNTED if line.startswith(code)}
    after_a_tone = {f"{name} message_minutes" for name in ANSWERED_BY_VOICE}
    assert turning == tested | after_a_tone


ANSWERED_BY_VOICE = (
    "report-describe",
    "consultant-message",
    "existing-complaint",
    "existing-clarification",
)


def _without_digits(code: str, name: str, **given: words.Value) -> str:
    return re.sub(r"\d+", "#", words.say(code, name, **{**SAMPLE, **given}))


@pytest.mark.parametrize(("code", "name"), WRITTEN)
def test_text_messages_are_short(code: str, name: str) -> None:
    text = words.say(code, name, **SAMPLE)
    assert len(text) <= (160 if GSM.fullmatch(text) else 2 * 67), text


SHORT = [
    "sms-ticket-number",
    "sms-address-basic",
    "sms-line-works",
    "sms-answered",
]


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("code", ["pl", "en"])
def test_short_text_messages_take_one_part_all_year(code: str, name: str) -> None:
    for month in range(1, 13):
        text = words.say(
            code, name, **{**SAMPLE, "due": f"2026-{month:02}-15", "last": f"2026-{month:02}-15"}
        )
        assert GSM.fullmatch(text)
        assert len(text) <= 160


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_offers_that_cannot_be_kept_are_not_made(code: str) -> None:
    def keys(name: str, **given: str) -> list[str]:
        return words.spoken_keys(code, words.say(code, name, **given))

    assert keys("login-solved", sms="yes") == ["1", "2", "3"]
    assert keys("login-solved", sms="no") == ["1", "2"]
    assert keys("consultant-waiting", callback="yes") == ["1", "2"]
    assert keys("consultant-waiting", callback="no") == ["2"]
    assert "SMS" not in words.say("pl", "kept-number", number="1", due="2026-11-30", sms="no")


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_the_state_of_a_ticket_is_told_with_its_day(code: str) -> None:
    states = ("open", "resolved", "closed")
    told = {words.say(code, "existing-state", state=s, date="2026-11-30") for s in states}
    assert len(told) == len(states)
    assert all("30" in text and "2026" in text for text in told)


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_about_names_every_fact_of_the_help_desk(code: str) -> None:
    channels = words.say(code, "about-channels")
    assert words.FACTS.subject_word in channels
    assert words.say(code, "email-spoken") in channels
    assert words.say(code, "phone-spoken") in channels
    assert channels.count("PUESC") == 2
    assert "24" in words.say(code, "about-hours")


def test_the_polish_sounds_like_a_speaker() -> None:
    assert words.say("pl", "kept-number", number="123456789", due="2026-12-08", sms="yes") == (
        "Zapisz numer zgłoszenia: 1 2 3, 4 5 6, 7 8 9. Powtarzam: 1 2 3, 4 5 6, 7 8 9. "
        "Wyślemy go też SMS-em. Odpowiedź będzie najpóźniej 8 grudnia 2026 roku."
    )
    assert words.say("pl", "email-spoken") == (
        "helpdesk myślnik eclo, małpa, m f kropka gov kropka p l"
    )
    assert words.say("pl", "phone-spoken") == "plus 48, 33, 483, 20, 55"
