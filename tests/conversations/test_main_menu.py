"""The first words, the languages, and the keys that work everywhere."""

import pytest

import words
from models import Outcome, Status
from tests.conversations.callers import Caller


def test_the_first_words_are_polish(olena: Caller) -> None:
    olena.dials()
    olena.is_told("main-greeting", "main-menu", "everywhere-keys")
    olena.hears("Help Desk SISC", "naciśnij 0", "gwiazdkę", "naciśnij 9")
    assert {piece.language for piece in olena.heard} == {"pl-PL", "en-GB", "uk-UA"}
    olena.hangs_up()


def test_each_language_is_offered_in_its_own_words_and_voice(olena: Caller) -> None:
    olena.dials()
    offers = {piece.language: piece for piece in olena.heard if piece.language != "pl-PL"}
    assert offers["en-GB"].text == words.say("en", "language-offer", key=8)
    assert offers["uk-UA"].text == words.say("uk", "language-offer", key=7)
    assert len({piece.voice for piece in olena.heard}) == 3
    olena.hangs_up()


@pytest.mark.parametrize(
    ("language", "key", "then"),
    [
        ("pl", "8", "en"),
        ("pl", "7", "uk"),
        ("en", "8", "pl"),
        ("en", "7", "uk"),
        ("uk", "7", "pl"),
        ("uk", "8", "en"),
    ],
)
def test_the_key_of_the_language_in_use_leads_to_polish(
    olena: Caller, language: str, key: str, then: str
) -> None:
    olena.dials_in(language)
    offer = words.say(then, "language-offer", key=int(key))
    assert offer in [piece.text for piece in olena.heard]
    olena.presses(key)
    olena.language = then
    olena.is_told("main-menu")
    olena.hangs_up()
    assert olena.ticket().language == olena.row().language == then
    assert olena.turns()[-1].result == "language"


def test_who_called_before_starts_in_the_language_used_last(olena: Caller, language: str) -> None:
    olena.dials_in(language)
    olena.hangs_up()
    olena.dials()
    olena.is_told("main-greeting", "main-menu", "everywhere-keys")
    olena.hangs_up()
    assert olena.ticket().language == language


def test_the_last_language_counts_not_the_first(olena: Caller) -> None:
    olena.dials_in("uk")
    olena.hangs_up()
    olena.dials()
    olena.presses("8")
    olena.hangs_up()
    olena.dials()
    olena.language = "en"
    olena.is_told("main-greeting")
    olena.hangs_up()


def test_callers_without_a_number_are_not_known_again(somebody: Caller) -> None:
    somebody.dials_in("uk")
    somebody.hangs_up()
    somebody.dials()
    somebody.language = "pl"
    somebody.is_told("main-greeting")
    somebody.hangs_up()
    assert somebody.ticket().caller == "withheld"


def test_another_spelling_is_the_same_caller(olena: Caller, jan: Caller) -> None:
    olena.dials_in("uk")
    olena.hangs_up()
    other = Caller.of(olena.network, "501 234 567")
    other.language = "uk"
    other.dials()
    other.is_told("main-greeting")
    other.hangs_up()
    assert other.ticket().caller == olena.number


def test_the_keys_that_work_everywhere_are_told_once(olena: Caller, language: str) -> None:
    olena.dials_in(language)
    olena.presses("9")
    olena.is_told("main-menu")
    olena.is_not_told("everywhere-keys", "main-greeting")
    olena.presses("1")
    olena.is_not_told("everywhere-keys")
    olena.hangs_up()


def test_a_language_is_no_key_elsewhere(olena: Caller) -> None:
    olena.dials_in("pl", "1", "8")
    olena.is_told("notice-wrong-key", "login-menu")
    olena.hangs_up()
    assert olena.ticket().language == "pl"


MENUS = [
    ("", "main-menu"),
    ("1", "login-menu"),
    ("2", "account-menu"),
    ("3", "report-menu"),
    ("4", "existing-number"),
    ("23", "account-pesel"),
]
GUIDANCE = [("12", "login-basic-forgotten"), ("32", "report-describe"), ("5", "about-hours")]
PLACES = pytest.mark.parametrize(("keys", "prompt"), MENUS + GUIDANCE)


@PLACES
class TestEverywhere:
    def test_zero_is_a_consultant(
        self, olena: Caller, language: str, keys: str, prompt: str
    ) -> None:
        olena.dials_in(language, *keys)
        _presses_alone(olena, "0")
        olena.is_told("consultant-connecting")
        assert olena.is_waiting()
        olena.hangs_up()
        ticket = olena.ticket()
        assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.ABANDONED)

    def test_nine_is_the_main_menu(
        self, olena: Caller, language: str, keys: str, prompt: str
    ) -> None:
        olena.dials_in(language, *keys)
        _presses_alone(olena, "9")
        olena.is_told("main-menu")
        assert olena.turns()[-1].leads_to == "main/menu"
        olena.hangs_up()

    def test_star_says_it_again(self, olena: Caller, language: str, keys: str, prompt: str) -> None:
        olena.dials_in(language, *keys)
        before = olena.last_heard
        _presses_alone(olena, "*")
        olena.is_told(prompt)
        assert before.endswith(olena.last_heard)
        olena.hangs_up()


def _presses_alone(caller: Caller, key: str) -> None:
    """Where digits are typed, a command is one only when no digit follows it."""
    step = caller.requests_made
    caller.presses(key)
    if caller.requests_made == step:
        caller.waits()


def test_any_key_interrupts_the_speech(olena: Caller) -> None:
    olena.interrupts("11")
    olena.dials()
    heard = [piece.text for piece in olena.heard]
    assert words.say("pl", "main-greeting") == heard[0]
    assert words.say("pl", "main-menu") not in heard
    assert olena.is_waiting()
    olena.hangs_up()


def test_a_ticket_number_can_be_heard_again(olena: Caller, language: str) -> None:
    olena.dials_in(language, "3", "2")
    olena.waits()
    olena.speaks(5)
    told = olena.last_heard
    olena.presses("*")
    assert olena.last_heard == told
    olena.hangs_up()


def test_hash_is_not_spoken_and_leads_supervisors_to_their_pin(olena: Caller) -> None:
    olena.dials()
    olena.does_not_hear("krzyżyk")
    olena.presses("#")
    assert olena.turns()[-1].leads_to == "supervisor/pin"
    olena.hangs_up()


def test_the_call_is_logged_turn_by_turn(olena: Caller) -> None:
    olena.dials_in("en", "1", "3")
    olena.waits()
    olena.presses("1")
    log = [(t.step, t.node, t.input, t.result, t.leads_to) for t in olena.turns()]
    assert log == [
        (1, "main/welcome", "8", "language", "main/switched"),
        (2, "main/switched", "1", "pressed", "login/menu"),
        (3, "login/menu", "3", "pressed", "login/both_forgotten"),
        (4, "login/both_forgotten", "", "heard", "login/solved"),
        (5, "login/solved", "1", "pressed", "login/bye"),
    ]
    assert olena.row().status == "completed"
    assert olena.row().duration_s == olena.call.duration
    assert olena.row().ended_at is not None


def test_while_the_call_lasts_its_ticket_is_open(olena: Caller) -> None:
    olena.dials()
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome, ticket.due_at) == (Status.OPEN, None, None)
    assert ticket.topic is None
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.ABANDONED)


@pytest.mark.parametrize(
    ("number", "caller"),
    [
        ("sip:olena@example.org", "sip:olena@example.org"),
        ("client:olena", "client:olena"),
        ("+266696687", "withheld"),
        ("112", "unusable"),
    ],
)
def test_every_sort_of_caller_is_answered(
    olena: Caller, number: str, caller: str, language: str
) -> None:
    phone = Caller.of(olena.network, number)
    phone.dials_in(language, "1", "2", "1")
    phone.is_told("goodbye-solved")
    ticket = phone.ticket()
    assert (ticket.caller, ticket.outcome) == (caller, Outcome.RESOLVED_BY_LINE)
