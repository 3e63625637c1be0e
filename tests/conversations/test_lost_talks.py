"""Who talks and loses the consultant keeps the place; who is hung up on has been talked with."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from callcenter.tickets import handling, resolutions
from callcenter.tickets.decisions import Decider
from carrier.clocks import Doing
from carrier.telephone import Telephone
from models import Away, Callback, Ended, Left, Outcome, State, Status, Ticket, Topic, Waiting
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift


def talking(shift: Shift, caller: Caller, ania: Telephone, language: str = "pl") -> None:
    caller.dials_in(language, "1", "1")
    shift.works()
    ania.answers()
    shift.works()
    assert caller.is_doing(Doing.CONFERRING)


def waits() -> list[Waiting]:
    with transaction() as session:
        return list(session.query(Waiting).order_by(Waiting.id))


def test_a_caller_whose_consultant_is_lost_keeps_the_place(
    shift: Shift, olena: Caller, jan: Caller, language: str, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    talking(shift, olena, ania, language)
    jan.dials_in("pl", "0")
    now.shift(1)
    ania.hangs_up()
    shift.works()
    olena.is_told("consultant-lost", "consultant-connecting")
    olena.is_told("consultant-place", place=1, minutes="unknown")
    olena.is_not_told("goodbye-kept")
    assert olena.is_waiting()
    assert (olena.ticket().status, olena.ticket().in_hands_since) == (Status.OPEN, None)
    assert (shift.presence("ania").state, shift.presence("ania").away) == (State.AWAY, Away.GONE)
    first, second, again = waits()
    assert (first.call_id, first.since) == (again.call_id, again.since)
    assert second.since > again.since
    tomek = shift.comes("tomek")
    tomek.answers()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    assert jan.is_waiting()
    shift.does("tomek", "leave")
    assert shift.presence("tomek").ticket_id == olena.ticket().id
    olena.waits()
    olena.is_told("goodbye-kept")
    assert olena.ticket().outcome is Outcome.LEFT_OPEN
    jan.hangs_up()
    shift.works()


def test_it_may_come_to_this_again(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena, ania)
    for lost in (ania, tomek):
        if lost.is_ringing:
            lost.answers()
            shift.works()
        assert olena.is_doing(Doing.CONFERRING)
        lost.hangs_up()
        shift.works()
        olena.is_told("consultant-lost")
    assert olena.is_waiting()
    olena.presses("1")
    olena.is_told("consultant-callback-kept", line_out="no")
    olena.hangs_up()
    shift.works()
    with transaction() as session:
        assert session.query(Callback).one().waited_since == waits()[0].since


def test_who_is_lost_later_is_lost_too(
    shift: Shift, olena: Caller, now: time_machine.Traveller
) -> None:
    ania = shift.comes("ania")
    talking(shift, olena, ania)
    now.shift(timedelta(minutes=5))
    ania.hangs_up()
    shift.works()
    olena.is_told("consultant-lost")
    olena.hangs_up()
    shift.works()
    assert olena.ticket().outcome is Outcome.LEFT_OPEN
    assert [row.how for row in waits()] == [Left.BRIDGED, Left.HANGUP]


@pytest.mark.parametrize(("seconds", "is_lost"), [(2, True), (60, False)])
def test_a_telephone_that_is_hung_up_after_some_words_has_ended_the_talk(
    shift: Shift, olena: Caller, now: time_machine.Traveller, seconds: int, is_lost: bool
) -> None:
    olena.dials_in("pl", "1", "1")
    ania = shift.comes("ania", number="+48600111222")
    ania.answers()
    ania.presses("1")
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    now.shift(seconds)
    ania.hangs_up()
    shift.works()
    if is_lost:
        olena.is_told("consultant-lost")
        assert shift.presence("ania").away is Away.DECLINED
    else:
        olena.is_not_told("consultant-lost")
        assert shift.presence("ania").state is State.WRAPPING_UP
    olena.hangs_up()
    shift.works()


@pytest.mark.parametrize("decide", [handling.resolve, handling.leave_open])
def test_whoever_has_decided_has_said_all(
    shift: Shift, olena: Caller, decide: Callable[..., None]
) -> None:
    ania = shift.comes("ania")
    talking(shift, olena, ania)
    decides(shift, "ania", olena, decide)
    ania.hangs_up()
    shift.works()
    olena.is_not_told("consultant-lost")
    olena.hangs_up()


def decides(shift: Shift, login: str, caller: Caller, what: Callable[..., None]) -> None:
    with transaction() as session:
        ticket = session.get_one(Ticket, caller.ticket().id)
        by = Decider(shift.id_of(login), datetime.now(UTC))
        what(session, ticket, by, Topic.LOGIN_LOCKED, resolutions.for_topic(Topic.LOGIN_LOCKED)[0])


def test_a_caller_who_hangs_up_loses_nobody(shift: Shift, olena: Caller) -> None:
    ania = shift.comes("ania")
    talking(shift, olena, ania)
    olena.hangs_up()
    shift.works()
    assert not ania.is_up
    assert [leg.how for leg in shift.legs()] == [Ended.LEFT]
    assert shift.presence("ania").state is State.WRAPPING_UP


def test_whoever_remains_with_the_caller_talks_on(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena, ania)
    shift.does("ania", "add_third", shift.id_of("tomek"))
    tomek.answers()
    shift.works()
    ania.hangs_up()
    shift.works()
    assert olena.is_doing(Doing.CONFERRING)
    tomek.hangs_up()
    shift.works()
    olena.is_told("consultant-lost")
    olena.hangs_up()
    shift.works()


def test_a_client_who_was_called_and_loses_the_consultant_is_called_again(
    shift: Shift, olena: Caller, language: str, now: time_machine.Traveller
) -> None:
    olena.dials_in(language, "0", "1")
    olena.hangs_up()
    ania = shift.comes("ania")
    ania.answers()
    shift.works()
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    ania.hangs_up()
    shift.works()
    olena.is_told("desk-client-lost")
    olena.is_not_told("goodbye-kept")
    assert not olena.is_up
    assert shift.presence("ania").away is Away.GONE
    with transaction() as session:
        callback = session.query(Callback).one()
        assert (callback.attempts, callback.done_at) == (0, None)
        assert session.query(Ticket).one().notes[-1].change == {"call_back": "lost"}
    shift.is_available("ania")
    assert not ania.is_up
    now.shift(16)
    shift.works()
    ania.answers()
    shift.works()
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    olena.hangs_up()
    shift.works()
    with transaction() as session:
        callback = session.query(Callback).one()
        assert (callback.attempts, callback.done_at is None) == (1, False)


@pytest.mark.parametrize("conversation_first", [True, False])
def test_who_is_lost_while_another_is_rung_was_the_last(
    shift: Shift, olena: Caller, now: time_machine.Traveller, conversation_first: bool
) -> None:
    """Ania hands over, her browser dies, and Tomek does not come."""
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena, ania)
    shift.does("ania", "hand_over", shift.id_of("tomek"), conversation_first)
    now.shift(3)
    ania.hangs_up()
    shift.works()
    now.shift(3)
    tomek.declines()
    shift.works()
    olena.is_told("consultant-lost")
    olena.is_not_told("goodbye-kept")
    assert olena.is_waiting()
    assert (shift.presence("ania").state, shift.presence("ania").away) == (State.AWAY, Away.GONE)
    first, again = waits()
    assert first.since == again.since
    olena.hangs_up()
    shift.works()


def test_who_hands_over_and_leaves_has_lost_nobody(shift: Shift, olena: Caller) -> None:
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena, ania)
    shift.does("ania", "hand_over", shift.id_of("tomek"), False)
    shift.does("ania", "leave")
    tomek.declines()
    shift.works()
    olena.is_not_told("consultant-lost")
    olena.waits()
    olena.is_told("goodbye-kept")
    assert shift.presence("ania").state is State.WRAPPING_UP


@pytest.mark.parametrize("conversation_first", [True, False])
def test_what_was_resolved_before_the_next_was_lost_ends_nothing(
    shift: Shift, olena: Caller, now: time_machine.Traveller, conversation_first: bool
) -> None:
    """Ania hands over and resolves in her wrap-up; then Tomek's browser dies."""
    ania, tomek = shift.comes("ania"), shift.comes("tomek")
    talking(shift, olena, ania)
    shift.does("ania", "hand_over", shift.id_of("tomek"), conversation_first)
    tomek.answers()
    shift.works()
    if conversation_first:
        shift.does("ania", "complete")
    decides(shift, "ania", olena, handling.resolve)
    now.shift(10)
    tomek.hangs_up()
    shift.works()
    olena.is_told("consultant-lost")
    olena.is_not_told("goodbye-solved")
    assert olena.is_waiting()
    assert shift.presence("tomek").away is Away.GONE
    first, again = waits()
    assert first.since == again.since
    olena.hangs_up()
    shift.works()
    assert olena.ticket().status is Status.RESOLVED
