"""A fault in the words is an error with a name, never something that a caller hears."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import words
from words import spoken
from words.facts import FACTS, FILE, FactsError, read
from words.language import Language, WordsError


def test_an_unknown_message_is_named() -> None:
    with pytest.raises(WordsError, match="pl: there is no message lost-luggage"):
        words.say("pl", "lost-luggage")
    with pytest.raises(WordsError, match="lost-luggage"):
        words.variables("pl", "lost-luggage")
    assert not words.has("pl", "lost-luggage")
    assert words.has("pl", "goodbye")


def test_an_unknown_language_is_named() -> None:
    for call in (words.say, words.variables):
        with pytest.raises(WordsError, match="'de'"):
            call("de", "goodbye")
    assert not words.has("de", "goodbye")


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(WordsError, match="uk: kept-number needs due, number"):
        words.say("uk", "kept-number", sms="no")
    with pytest.raises(WordsError, match="kept-number needs due"):
        words.say("uk", "kept-number", sms="no", number="1", due=None)


@pytest.mark.parametrize("minutes", ["soon", "", "5"])
def test_a_value_without_words_is_refused(minutes: str) -> None:
    with pytest.raises(WordsError, match="consultant-place has no words for minutes"):
        words.say("en", "consultant-place", place=1, minutes=minutes)


@pytest.mark.parametrize("sms", ["maybe", 1, "YES"])
def test_yes_and_no_are_the_only_answers(sms: str | int) -> None:
    with pytest.raises(WordsError, match="login-solved has no words for sms"):
        words.say("en", "login-solved", sms=sms)


def test_booleans_are_yes_and_no() -> None:
    for value, word in ((True, "yes"), (False, "no")):
        assert words.say("pl", "login-solved", sms=value) == words.say(
            "pl", "login-solved", sms=word
        )


@pytest.mark.parametrize("due", ["30.11.2026", "2026-13-01", "soon", "2026-11-30T12:00:00"])
def test_a_date_that_is_none_is_refused(due: str) -> None:
    with pytest.raises(WordsError, match="pl: kept-number: "):
        words.say("pl", "kept-number", number="1", due=due, sms="no")


def test_a_number_with_letters_is_refused() -> None:
    with pytest.raises(WordsError, match="'12a' has something else"):
        words.say("pl", "kept-number", number="12a", due="2026-11-30", sms="no")


def test_facts_are_no_variables_of_a_message() -> None:
    assert words.variables("pl", "about-times") == frozenset()
    assert words.variables("pl", "consultant-place") == {"place", "minutes"}
    assert words.variables("pl", "existing-state") == {"state", "date"}


@pytest.mark.parametrize(
    ("ftl", "fault"),
    [
        ("goodbye = Bye { $", "cannot be read"),
        ("goodbye = Bye.\ngoodbye = Bye.", "goodbye stands twice"),
        ("goodbye = { farewell }", "farewell is mentioned and does not exist"),
        ("goodbye =\n    .word = Bye.", "goodbye says nothing"),
    ],
)
def test_a_file_that_cannot_be_spoken_is_refused(tmp_path: Path, ftl: str, fault: str) -> None:
    (tmp_path / "main.ftl").write_text(ftl, "utf-8")
    with pytest.raises(WordsError, match=fault):
        Language("en", tmp_path)


def test_variables_are_found_through_mentioned_messages(tmp_path: Path) -> None:
    (tmp_path / "main.ftl").write_text(
        "a = { b } { -c } { $x ->\n   [one] { $y }\n  *[other] -\n }\nb = { DIGITS($z) }\n-c = C\n",
        "utf-8",
    )
    assert Language("en", tmp_path).variables("a") == {"x", "y", "z"}


@given(st.text("0123456789", min_size=1, max_size=30))
def test_digits_keep_every_digit(number: str) -> None:
    said = spoken.digits(number)
    assert said.replace(" ", "").replace(",", "") == number
    assert all(len(group.split()) <= 3 for group in said.split(", "))


def test_digits_come_in_threes() -> None:
    assert spoken.digits("123456789") == "1 2 3, 4 5 6, 7 8 9"


@pytest.mark.parametrize(
    ("code", "said"),
    [("pl", "1 grudnia 2026 roku"), ("en", "1 December 2026"), ("uk", "1 грудня 2026 року")],
)
def test_days_are_those_of_warsaw(code: str, said: str) -> None:
    day = spoken.functions(code)["DAY"]
    assert day("2026-12-01") == said
    assert day(datetime(2026, 11, 30, 23, 30, tzinfo=UTC).isoformat()) == said


def test_clocks_are_those_of_warsaw() -> None:
    assert spoken.clock("09:00") == "09:00"
    assert spoken.clock("2026-07-13T07:30:00+00:00") == "09:30"
    with pytest.raises(ValueError, match="no time zone"):
        spoken.clock("2026-07-13T07:30:00")


def test_telephone_numbers_are_said_in_their_groups() -> None:
    assert spoken.phone("+48600123456", "plus") == "plus 48, 600, 123, 456"
    assert spoken.phone("+48600123456", "plus", by="digit") == "plus 4 8, 6 0 0, 1 2 3, 4 5 6"


@pytest.mark.parametrize(
    ("code", "text", "keys"),
    [
        ("pl", "Naciśnij 1. Aby wrócić, naciśnij gwiazdkę. Po sygnale naciśnij krzyżyk.", "1*#"),
        ("en", "For help, press 0. Press Star, or press hash. Press any key.", "0*#"),
        ("uk", "Щоб почути, натисніть зірочку. Потім натисніть 4.", "*4"),
        ("pl", "Masz 3 minuty, a potem naciśnij dowolny klawisz. Naciśnij 12.", ""),
    ],
)
def test_the_keys_that_a_text_speaks_are_found(code: str, text: str, keys: str) -> None:
    assert words.spoken_keys(code, text) == list(keys)


def test_speaking_takes_longer_for_digits_and_full_stops() -> None:
    assert words.seconds("") == 0
    assert words.seconds("123") > words.seconds("abc")
    assert words.seconds("Tak. Nie.") > words.seconds("Tak  Nie ")


def test_the_facts_are_those_of_the_help_desk() -> None:
    assert (FACTS.phone, FACTS.email) == ("+48334832055", "helpdesk-eclo@mf.gov.pl")


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ('phone = "+48334832055"', 'phone = "33 483 20 55"', "phone is not an international"),
        ('phone = "+48334832055"', 'phone = "+4833"', "phone is not an international"),
        ('email = "helpdesk-eclo@mf.gov.pl"', 'email = "helpdesk"', "email is not an address"),
        ('portal = "puesc.gov.pl"', 'portal = "https://puesc.gov.pl"', "portal is not an address"),
        ("working_days = 10", "working_days = 0", "working_days is less than 1"),
        ("working_days = 10", "working_days = true", "working_days is not a whole number"),
        ("working_days = 10", 'working_days = "10"', "working_days is not a whole number"),
        ("working_days = 10", "", "working_days is missing"),
        ("hours_a_day = 24", "hours_a_day = 25", "at most 24"),
        ('subject_word = "NOWE"', 'subject_word = " "', "subject_word is empty"),
        ('subject_word = "NOWE"', 'subject_word = "NOWE"\nfax = 1', "fax is not known"),
        ('subject_word = "NOWE"', "subject_word = NOWE", "not TOML"),
        (
            'login_page = "https://puesc.gov.pl"',
            'login_page = "http://puesc.gov.pl"',
            "login_page is not an https address",
        ),
    ],
)
def test_facts_that_must_not_be_spoken_are_refused(line: str, instead: str, fault: str) -> None:
    text = FILE.read_text("utf-8")
    assert line in text
    with pytest.raises(FactsError, match=fault):
        read(text.replace(line, instead))


def test_all_faults_of_the_facts_are_told_at_once() -> None:
    with pytest.raises(FactsError, match=r"helpdesk is missing.*fax is not known"):
        read(FILE.read_text("utf-8").replace("helpdesk =", "fax ="))
