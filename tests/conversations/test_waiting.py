"""Waiting for a consultant: the place, what may be pressed meanwhile, and if nobody comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calendar.deadlines import answer_due
from carrier.clocks import Doing
from carrier.network import Network
from carrier.telephone import Telephone
from carrier.webhooks import Kind as Webhook
from carrier.webhooks import Request
from models import Callback, Outcome, Status, Topic, Waiting
from models.session import transaction
from tests.conversations.callers import Caller

Takes = Callable[[Telephone], None]


def _rows() -> list[Waiting]:
    with transaction() as session:
        return list(session.query(Waiting).order_by(Waiting.id))


def _callbacks() -> list[Callback]:
    with transaction() as session:
        return list(session.query(Callback))


def test_the_place_and_the_keys_are_told(olena: Caller, language: str) -> None:
    olena.dials_in(language, "1", "1")
    olena.is_told("consultant-place", place=1, minutes="unknown")
    olena.is_told("consultant-waiting", callback="yes")
    (row,) = _rows()
    assert (row.language, row.topic, row.queue) == (language, Topic.LOGIN_LOCKED, "consultants")
    assert (row.left_at, row.how) == (None, None)
    olena.hangs_up()


def test_they_are_told_again_each_round(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    for _ in range(3):
        olena.waits()
        olena.is_told("consultant-place", place=1, minutes="unknown")
    assert len(olena.turns()) == (1 if language == "pl" else 2)
    olena.hangs_up()


def test_the_place_is_that_among_those_who_wait(
    olena: Caller, jan: Caller, somebody: Caller
) -> None:
    for place, caller in enumerate((olena, jan, somebody), start=1):
        caller.dials_in("pl", "0")
        caller.is_told("consultant-place", place=place, minutes="unknown")
    olena.hangs_up()
    somebody.waits()
    somebody.is_told("consultant-place", place=2, minutes="unknown")
    jan.presses("9")
    somebody.waits()
    somebody.is_told("consultant-place", place=1, minutes="unknown")
    jan.hangs_up()
    somebody.hangs_up()


def test_the_talk_is_no_waiting(
    jan: Caller,
    ania: Telephone,
    takes_a_call: Takes,
    clock: Callable[[datetime], object],
) -> None:
    """A consultant came after some seconds, and talked for twenty minutes."""
    clock(datetime.now(UTC))
    jan.dials_in("pl", "0")
    takes_a_call(ania)
    clock(datetime.now(UTC) + timedelta(minutes=20))
    ania.hangs_up()
    (waited,) = _rows()
    assert waited.left_at
    assert waited.left_at - waited.since < timedelta(minutes=1)


def test_one_keeps_the_place_and_is_called_back(olena: Caller, language: str) -> None:
    olena.dials_in(language, "1", "1", "1")
    ticket = olena.ticket()
    due = answer_due(ticket.opened_at).date().isoformat()
    olena.is_told("consultant-callback-kept", line_out="no")
    olena.is_told("kept-number", number=ticket.number, due=due, sms="yes")
    olena.waits()
    olena.is_told("goodbye-kept")
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.due_at == answer_due(ticket.opened_at)
    assert ticket.topic is Topic.LOGIN_LOCKED
    (callback,) = _callbacks()
    assert (callback.ticket_id, callback.number) == (ticket.id, olena.number)
    assert callback.done_at is None
    assert [row.how for row in _rows()] == ["callback"]
    assert not olena.network.queue("consultants").members


def test_a_call_back_is_due_even_if_the_caller_hangs_up_at_once(jan: Caller) -> None:
    jan.dials_in("pl", "0", "1")
    jan.hangs_up()
    assert jan.ticket().outcome is Outcome.LEFT_OPEN
    assert len(_callbacks()) == 1


def test_it_is_not_offered_to_whom_nobody_can_call(somebody: Caller, language: str) -> None:
    somebody.dials_in(language, "0")
    somebody.is_told("consultant-waiting", callback="no")
    somebody.does_not_hear("naciśnij 1", "press 1", "натисніть 1")
    somebody.presses("1")
    somebody.is_told("notice-no-callback", "consultant-waiting", callback="no")
    assert somebody.is_waiting()
    assert _callbacks() == []
    somebody.hangs_up()


def test_two_leaves_a_message_instead(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0", "2")
    olena.is_told("recording-notice", "consultant-message")
    olena.waits()
    olena.speaks(15)
    ticket = olena.ticket()
    olena.hears(" ".join(ticket.number[:3]))
    olena.waits()
    olena.is_told("goodbye-kept")
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    assert ticket.topic is None
    assert [row.how for row in _rows()] == ["message"]


def test_a_message_that_stays_empty_leads_back_to_the_queue(jan: Caller) -> None:
    jan.dials_in("pl", "0", "2")
    jan.waits(4)
    jan.is_told("consultant-connecting")
    assert jan.is_waiting()
    assert [row.how for row in _rows()] == ["message", None]
    jan.hangs_up()


def test_nine_leaves_the_queue_for_the_main_menu(olena: Caller, language: str) -> None:
    olena.dials_in(language, "1", "1", "9")
    olena.is_told("main-menu")
    assert not olena.is_waiting()
    assert [row.how for row in _rows()] == ["menu"]
    olena.presses("0")
    assert olena.is_waiting()
    assert [row.how for row in _rows()] == ["menu", None]
    olena.hangs_up()


@pytest.mark.parametrize("key", ["0", "*"])
def test_zero_and_star_say_where_one_stands(olena: Caller, language: str, key: str) -> None:
    olena.dials_in(language, "0", key)
    olena.is_told("consultant-place", place=1, minutes="unknown")
    olena.is_not_told("notice-wrong-key")
    assert olena.is_waiting()
    olena.hangs_up()


def test_a_wrong_key_is_told_and_the_place_kept(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    for _ in range(5):
        olena.presses("5")
        olena.is_told("notice-wrong-key")
        olena.is_told("consultant-place", place=1, minutes="unknown")
    assert olena.is_waiting()
    assert [row.how for row in _rows()] == [None]
    olena.hangs_up()


def test_who_hangs_up_while_waiting_waits_no_longer(olena: Caller) -> None:
    olena.dials_in("pl", "1", "1")
    olena.waits(2)
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.ABANDONED)
    assert ticket.left_at == "consultant/connecting"
    assert [row.how for row in _rows()] == ["hangup"]
    assert olena.turns()[-1].input == "hangup"


def test_after_five_minutes_one_may_leave_a_message(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    _until_nobody_came(olena)
    rounds = [sent for sent in olena.requests if sent.request.kind is Webhook.WAIT]
    assert 300 <= int(rounds[-1].form["QueueTime"]) < 330
    olena.is_told("consultant-nobody", "recording-notice", "consultant-message")
    assert [row.how for row in _rows()] == ["timeout"]
    olena.waits()
    olena.speaks(20)
    olena.hears(" ".join(olena.ticket().number[:3]))
    olena.hangs_up()
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def _until_nobody_came(caller: Caller) -> None:
    for _ in range(20):
        if not caller.is_waiting():
            return
        caller.waits()
    raise AssertionError("still waiting")


def test_who_then_says_nothing_is_not_forgotten(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    _until_nobody_came(olena)
    olena.waits(4)
    ticket = olena.ticket()
    olena.is_told("consultant-unserved")
    olena.hears(" ".join(ticket.number[:3]))
    olena.waits()
    assert not olena.is_up
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


@pytest.mark.parametrize("key", ["5", "0", "*"])
def test_pressing_keys_does_not_keep_one_waiting_for_ever(jan: Caller, key: str) -> None:
    jan.dials_in("pl", "0")
    for _ in range(60):
        if jan.is_waiting():
            jan.presses(key)
    assert not jan.is_waiting()
    jan.hangs_up()


def test_a_consultant_takes_the_call(
    olena: Caller, ania: Telephone, takes_a_call: Takes, language: str
) -> None:
    olena.dials_in(language, "0")
    takes_a_call(ania)
    assert olena.is_doing(Doing.TALKING)
    assert ania.is_doing(Doing.TALKING)
    assert olena.ticket().outcome is None
    ania.hangs_up()
    olena.waits()
    olena.is_told("goodbye-kept")
    assert not olena.is_up
    assert (olena.ticket().outcome, olena.ticket().status) == (Outcome.LEFT_OPEN, Status.OPEN)
    assert [row.how for row in _rows()] == ["bridged"]
    assert [text.purpose for text in olena.texts()] == ["ticket-number"]


def test_the_caller_hangs_up_on_the_consultant(
    olena: Caller, ania: Telephone, takes_a_call: Takes
) -> None:
    olena.dials_in("pl", "0")
    takes_a_call(ania)
    olena.hangs_up()
    assert (olena.ticket().outcome, olena.ticket().status) == (Outcome.LEFT_OPEN, Status.OPEN)
    assert [row.how for row in _rows()] == ["bridged"]


def test_a_consultants_leg_is_no_call_of_a_caller(
    olena: Caller, ania: Telephone, takes_a_call: Takes
) -> None:
    olena.dials_in("pl", "0")
    takes_a_call(ania)
    ania.hangs_up()
    with transaction() as session:
        assert session.query(Waiting).count() == 1
    assert {row.call_id for row in _rows()} == {olena.row().id}


def test_a_full_queue_leads_to_the_message(network: Network, olena: Caller, language: str) -> None:
    network.queue("consultants").max_size = 0
    olena.dials_in(language, "0")
    olena.is_told("consultant-nobody", "recording-notice")
    assert [row.how for row in _rows()] == ["fault"]
    assert olena.turns()[-1].input == "queue-full"
    olena.hangs_up()


@pytest.mark.parametrize("result", ["error", "system-error", "queue-full"])
def test_a_queue_that_fails_leads_to_the_message(
    olena: Caller, result: str, out_of_balance: list[str]
) -> None:
    out_of_balance.append("the telephone is still in the queue that the server believes broken")
    olena.dials_in("pl", "0")
    action = olena.network.main.voice_url.replace("incoming", "pl/consultant/connecting?step=2")
    form = {**olena.call.fields(), "QueueResult": result}
    answer = olena.sends(Request(Webhook.VOICE, action, form))
    assert answer.status == 200
    assert "Zostaw nam wiadomość" in answer.body
    olena.hangs_up()
