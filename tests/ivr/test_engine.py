"""The conversation as a pure function: where the caller is and what came in -> what follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.actions import ActionResult
from ivr import engine
from ivr.flows import SCRIPT
from ivr.script import Can, Do, Menu, Place, Record, Wait
from ivr.transitions import MAX_MENU_S, MAX_STEPS, Move, Position, Received, Result
from models import Kind, Outcome, Topic

EVERYTHING = frozenset(Can)
ANSWERABLE = [str(p) for p, node in SCRIPT.places() if engine.is_answerable(node)]


def place(text: str) -> Place:
    return Place(*text.split("/"))


def answer(where: str, keys: str = "", language: str = "pl", tries: int = 0, **came: int) -> Move:
    at = Position(language, place(where), step=3, tries=tries)
    return engine.answer(SCRIPT, at, Received(keys, **came), EVERYTHING)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "keys", "result", "to"),
    [
        ("main/welcome", "1", Result.PRESSED, "login/menu"),
        ("main/welcome", "5", Result.PRESSED, "about/facts"),
        ("main/welcome", "6", Result.WRONG_KEY, "main/menu"),
        ("main/welcome", "", Result.SILENCE, "main/menu"),
        ("main/menu", "0", Result.CONSULTANT, "consultant/may_record"),
        ("main/menu", "9", Result.MAIN_MENU, "main/menu"),
        ("login/menu", "*", Result.REPEAT, "login/menu"),
        ("login/menu", "1", Result.PRESSED, "consultant/may_record"),
        ("login/solved", "1", Result.PRESSED, "login/bye"),
        ("about/facts", "", Result.HEARD, "about/enough"),
        ("about/facts", "1", Result.PRESSED, "about/bye"),
        ("about/facts", "7", Result.WRONG_KEY, "about/enough"),
        ("report/describe", "5", Result.SKIPPED, "report/tone"),
        ("existing/number", "12345", Result.TOO_FEW_DIGITS, "existing/number"),
        ("existing/number", "123456789", Result.REFUSED, "existing/number"),
        ("existing/number", "0", Result.CONSULTANT, "consultant/may_record"),
        ("account/pesel", "44051401359", Result.TYPED, "account/note"),
        ("account/pesel", "44051401358", Result.REFUSED, "account/pesel"),
        ("consultant/will_record", "", Result.SILENCE, "consultant/refuse"),
        ("consultant/will_record", "4", Result.PRESSED, "consultant/agree"),
        ("consultant/will_record", "3", Result.PRESSED, "consultant/refuse"),
        ("consultant/will_record", "0", Result.CONSULTANT, "consultant/may_record"),
        ("consultant/waiting", "1", Result.PRESSED, "consultant/call_back"),
        ("consultant/waiting", "9", Result.MAIN_MENU, "main/menu"),
        ("consultant/waiting", "0", Result.REPEAT, "consultant/waiting"),
        ("consultant/waiting", "7", Result.REPEAT, "consultant/waiting"),
    ],
)
def test_where_an_answer_leads(where: str, keys: str, result: Result, to: str) -> None:
    move = answer(where, keys)
    assert (move.result, str(move.place)) == (result, to)


@pytest.mark.parametrize(
    ("language", "key", "then"), [("pl", "8", "en"), ("en", "8", "pl"), ("uk", "8", "en")]
)
def test_a_language_is_answered_in_itself(language: str, key: str, then: str) -> None:
    assert answer("main/welcome", key, language).language == then


def test_entering_a_leaf_sets_its_topic() -> None:
    assert answer("login/menu", "2").topic is Topic.BASIC_PASSWORD_FORGOTTEN
    assert answer("login/menu", "1").topic is Topic.LOGIN_LOCKED
    assert answer("main/menu", "4").topic is Topic.EXISTING_TICKET
    assert answer("main/menu", "1").topic is None


def test_the_words_that_lead_on_are_spoken_on_the_way() -> None:
    assert answer("login/menu", "1").spoken == ("login-locked",)


def test_guidance_earns_its_outcome_only_when_heard_out() -> None:
    assert answer("about/facts", "").credit is Outcome.RESOLVED_BY_LINE
    assert answer("about/facts", "2").credit is None


def test_a_kind_is_settled_where_the_tone_begins() -> None:
    assert answer("existing/complaint", "").kind is Kind.COMPLAINT
    assert answer("existing/clarification", "").kind is Kind.CLARIFICATION


@pytest.mark.parametrize(("seconds", "kept"), [(None, False), (0, False), (1, True), (180, True)])
def test_a_message_is_kept_from_its_first_second(seconds: int | None, kept: bool) -> None:
    move = answer("report/tone", "#", recorded_s=seconds)  # type: ignore[arg-type]
    assert (move.credit is Outcome.LEFT_OPEN) is kept
    assert (move.result is Result.RECORDED) is kept


def test_a_key_that_leads_away_from_a_message_keeps_it() -> None:
    for key, to in (("0", "consultant/may_record"), ("9", "main/menu")):
        move = answer("report/tone", key, recorded_s=5)
        assert (str(move.place), move.credit) == (to, Outcome.LEFT_OPEN)


@pytest.mark.parametrize(
    ("queue_result", "result", "to"),
    [
        ("bridged", Result.BRIDGED, "kept/keep"),
        ("redirected-from-bridged", Result.BRIDGED, "kept/keep"),
        ("hangup", Result.HUNG_UP, "consultant/connecting"),
        ("error", Result.QUEUE_FAILED, "consultant/nobody"),
        ("queue-full", Result.QUEUE_FAILED, "consultant/nobody"),
        ("system-error", Result.QUEUE_FAILED, "consultant/nobody"),
        ("something new", Result.QUEUE_FAILED, "consultant/nobody"),
        (None, Result.QUEUE_FAILED, "consultant/nobody"),
    ],
)
def test_how_a_queue_is_left(queue_result: str | None, result: Result, to: str) -> None:
    at = Position("pl", place("consultant/connecting"))
    move = engine.answer(SCRIPT, at, Received(queue_result=queue_result))
    assert (move.result, str(move.place)) == (result, to)


@pytest.mark.parametrize(("seconds", "overdue"), [(0, False), (299, False), (300, True)])
def test_five_minutes_of_waiting_are_enough(seconds: int, overdue: bool) -> None:
    for key in ("", "5", "0"):
        move = answer("consultant/waiting", key, queued_s=seconds)
        assert (move.result is Result.OVERDUE) is overdue


def test_keys_are_accepted_only_of_numbers_that_allow_them() -> None:
    at = Position("pl", place("login/solved"))
    move = engine.answer(SCRIPT, at, Received("3"), frozenset())
    assert move.result is Result.WRONG_KEY
    assert engine.answer(SCRIPT, at, Received("3"), EVERYTHING).result is Result.PRESSED


class TestUnusableAnswers:
    def test_the_third_leads_to_the_consultant(self) -> None:
        for keys in ("", "6"):
            move = answer("main/menu", keys, tries=2)
            assert move.place == SCRIPT.consultant
            assert move.spoken == ("notice-unclear-to-consultant",)
            assert move.tries == 0

    def test_each_counts_one_and_a_good_key_starts_anew(self) -> None:
        assert answer("main/menu", "", tries=0).tries == 1
        assert answer("main/menu", "6", tries=1).tries == 2
        assert answer("main/menu", "1", tries=2).tries == 0
        assert answer("main/menu", "*", tries=2).tries == 0

    def test_hearing_guidance_out_keeps_the_count(self) -> None:
        assert answer("about/facts", "", tries=2).tries == 2

    def test_a_number_that_no_ticket_has_counts_too(self) -> None:
        at = Position("pl", place("existing/number"), tries=1)
        move = engine.answer(SCRIPT, at, Received("572"), EVERYTHING)
        assert move.tries == 2
        find = Move(Result.TYPED, place("existing/find"), "pl")
        missed = engine.done(SCRIPT, at, find, ActionResult("missing"))
        assert (missed.tries, missed.spoken) == (2, ("existing-number-unknown",))
        last = engine.done(SCRIPT, Position("pl", at.place, tries=2), find, ActionResult("missing"))
        assert last.place == SCRIPT.consultant


class TestTooLong:
    @pytest.mark.parametrize(
        ("step", "now", "too_long"),
        [
            (MAX_STEPS - 1, 0, False),
            (MAX_STEPS, 0, True),
            (1, 1000 + MAX_MENU_S, False),
            (1, 1001 + MAX_MENU_S, True),
        ],
    )
    def test_a_call_leads_to_the_consultant(self, step: int, now: int, too_long: bool) -> None:
        at = Position("pl", place("main/menu"), step=step, since=1000)
        move = engine.answer(SCRIPT, at, Received("1"), EVERYTHING, now)
        assert (move.place == SCRIPT.consultant) is too_long
        assert (move.spoken == ("notice-long-call-to-consultant",)) is too_long

    def test_a_call_whose_start_is_not_known_is_not(self) -> None:
        at = Position("pl", place("main/menu"))
        assert engine.answer(SCRIPT, at, Received("1"), now=10**9).place == place("login/menu")

    def test_a_message_is_still_taken(self) -> None:
        at = Position("pl", place("report/describe"), step=MAX_STEPS)
        assert engine.answer(SCRIPT, at, Received()).place == place("report/tone")


def test_only_an_action_can_be_done() -> None:
    move = Move(Result.PRESSED, place("main/menu"), "pl")
    with pytest.raises(TypeError, match="main/menu is no action"):
        engine.done(SCRIPT, Position("pl", place("main/menu")), move, ActionResult("kept"))


def test_what_waits_for_no_answer_gets_none() -> None:
    with pytest.raises(TypeError, match="login/bye"):
        engine.answer(SCRIPT, Position("pl", place("login/bye")), Received("1"))


received = st.builds(
    Received,
    digits=st.text("0123456789*#", max_size=12) | st.text(max_size=4),
    recorded_s=st.none() | st.integers(0, 200),
    hung_up=st.booleans(),
    queue_result=st.none() | st.sampled_from(["bridged", "leave", "hangup", "error", "x"]),
    queued_s=st.integers(0, 1000),
)


@given(
    st.sampled_from(ANSWERABLE),
    st.sampled_from(("pl", "en", "uk")),
    st.integers(0, 70),
    st.integers(0, 2),
    received,
    st.sets(st.sampled_from(Can)),
)
def test_whatever_comes_in_leads_to_a_place_that_exists(
    where: str, language: str, step: int, tries: int, came: Received, can: set[Can]
) -> None:
    at = Position(language, place(where), step, tries)
    move = engine.answer(SCRIPT, at, came, frozenset(can))
    node = SCRIPT.node(move.place)
    assert engine.is_answerable(node) or type(node).__name__ in ("Do", "End")
    assert move.tries <= 2
    assert move.language in ("pl", "en", "uk")
    if step >= MAX_STEPS and not came.hung_up:
        assert not isinstance(node, Menu)
    if move.secret:
        assert move.secret not in str(move.says)
    assert engine.answer(SCRIPT, at, came, frozenset(can)) == move


@given(st.sampled_from([(p, n) for p, n in SCRIPT.places() if isinstance(n, Do)]), st.data())
def test_every_outcome_of_every_action_leads_on(
    action: tuple[Place, Do], data: st.DataObject
) -> None:
    where, node = action
    outcome = data.draw(st.sampled_from(sorted(node.ways)))
    at = Position("pl", place("main/menu"), tries=data.draw(st.integers(0, 2)))
    move = engine.done(SCRIPT, at, Move(Result.PRESSED, where, "pl"), ActionResult(outcome))
    assert SCRIPT.has(move.place)


@pytest.mark.parametrize("where", ANSWERABLE)
def test_silence_never_stays_for_ever(where: str) -> None:
    """Three silences from anywhere: another place, or a loop that the carrier's clock ends."""
    at = Position("pl", place(where))
    for _ in range(3):
        node = SCRIPT.node(at.place)
        if isinstance(node, Wait) or not engine.is_answerable(node):
            return
        came = (
            Received(queue_result="error")
            if at.place == place("consultant/connecting")
            else Received()
        )
        move = engine.answer(SCRIPT, at, came, EVERYTHING)
        at = Position("pl", move.place, at.step + 1, move.tries)
    assert str(at.place) != where or isinstance(SCRIPT.node(at.place), Record)
