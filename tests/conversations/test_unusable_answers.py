"""Wrong keys, silence, and calls that go on for too long: always a consultant in the end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.conversations.callers import Caller

SILENCE = " "


def _answers(caller: Caller, *answers: str) -> None:
    for answer in answers:
        caller.waits() if answer == SILENCE else caller.presses(answer)


@pytest.mark.parametrize(
    "answers", [("6", "6", "6"), (SILENCE,) * 3, ("6", SILENCE, "6"), (SILENCE, "6", SILENCE)]
)
@pytest.mark.parametrize(
    ("keys", "menu"),
    [("", "main-menu"), ("1", "login-menu"), ("2", "account-menu"), ("3", "report-menu")],
)
def test_three_in_a_row_lead_to_a_consultant(
    olena: Caller, keys: str, menu: str, answers: tuple[str, ...]
) -> None:
    olena.dials_in("pl", *keys)
    for answer in answers[:2]:
        _answers(olena, answer)
        olena.is_told("notice-silence" if answer == SILENCE else "notice-wrong-key", menu)
        assert not olena.is_waiting()
    _answers(olena, answers[2])
    olena.is_told("notice-unclear-to-consultant", "consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()


def test_it_is_said_in_each_language(olena: Caller, language: str) -> None:
    olena.dials_in(language)
    olena.presses("6")
    olena.is_told("notice-wrong-key", "main-menu")
    olena.waits()
    olena.is_told("notice-silence", "main-menu")
    olena.presses("6")
    olena.is_told("notice-unclear-to-consultant", "consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()


def test_they_are_counted_across_documents(olena: Caller) -> None:
    """A wrong key during the guidance, silence and a wrong key at the question after it."""
    olena.dials_in("pl", "1", "2")
    olena.presses("7")
    olena.is_told("notice-wrong-key")
    _answers(olena, SILENCE, "7")
    assert olena.is_waiting()
    olena.hangs_up()


def test_hearing_guidance_out_does_not_make_them_fewer(olena: Caller) -> None:
    olena.dials_in("pl", "5", "6")
    olena.is_told("about-enough")
    _answers(olena, SILENCE, SILENCE)
    assert olena.is_waiting()
    olena.hangs_up()


@pytest.mark.parametrize("good", ["1", "9", "*", "8"])
def test_a_good_key_starts_the_count_anew(olena: Caller, good: str) -> None:
    olena.dials()
    _answers(olena, "6", SILENCE, good, "6", SILENCE)
    assert not olena.is_waiting()
    _answers(olena, SILENCE)
    assert olena.is_waiting()
    olena.hangs_up()


def test_the_greeting_is_not_repeated_to_the_silent(olena: Caller, language: str) -> None:
    olena.dials_in(language)
    olena.waits()
    olena.is_told("main-menu")
    olena.is_not_told("main-greeting", "everywhere-keys")
    olena.hangs_up()


@pytest.mark.parametrize("answers", [("12#", SILENCE, "#"), (SILENCE,) * 3, ("#", "1#", "12345#")])
def test_typing_nothing_usable_counts_too(
    olena: Caller, language: str, answers: tuple[str, ...]
) -> None:
    olena.dials_in(language, "4")
    for answer in answers:
        assert not olena.is_waiting()
        olena.waits() if answer == SILENCE else olena.types(answer)
    olena.is_told("notice-unclear-to-consultant")
    assert olena.is_waiting()
    olena.hangs_up()


def test_a_key_that_is_not_offered_tells_why(jan: Caller) -> None:
    """A landline is not offered the address by SMS; who presses 3 all the same is told."""
    jan.dials_in("pl", "1", "2")
    jan.waits()
    jan.is_told("login-solved", sms="no")
    jan.presses("3")
    jan.is_told("notice-no-sms", "login-solved", sms="no")
    jan.hangs_up()


@pytest.mark.parametrize(("keys", "last"), [("9", "main-menu"), ("1*", "login-menu")])
def test_after_sixty_steps_comes_a_consultant(olena: Caller, keys: str, last: str) -> None:
    olena.dials_in("pl", keys[0])
    for _ in range(58):
        olena.presses(keys[-1])
        olena.is_told(last)
    olena.presses(keys[-1])
    olena.is_told("notice-long-call-to-consultant", "consultant-connecting")
    assert olena.is_waiting()
    assert olena.turns()[-1].step == 60
    olena.hangs_up()


def test_hearing_a_number_for_ever_ends_with_a_consultant(jan: Caller) -> None:
    jan.dials_in("en", "3", "2")
    jan.waits()
    jan.speaks(3)
    for _ in range(70):
        if not jan.is_waiting():
            jan.presses("*")
    assert jan.is_waiting()
    jan.hangs_up()


def test_after_a_quarter_of_an_hour_comes_a_consultant(
    clock: Callable[[datetime], object], olena: Caller, language: str
) -> None:
    olena.dials_in(language, "1")
    began = datetime.now(UTC)
    clock(began + timedelta(minutes=14))
    olena.presses("*")
    olena.is_told("login-menu")
    clock(began + timedelta(minutes=15, seconds=2))
    olena.presses("9")
    olena.is_told("notice-long-call-to-consultant", "consultant-connecting")
    assert olena.is_waiting()
    olena.hangs_up()


def test_a_message_may_still_be_finished_then(
    clock: Callable[[datetime], object], olena: Caller
) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    clock(datetime.now(UTC) + timedelta(minutes=16))
    olena.speaks(60)
    olena.hears("numer zgłoszenia")
    olena.hangs_up()
