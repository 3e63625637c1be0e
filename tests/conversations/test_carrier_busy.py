"""A carrier that was asked for too much at once is asked again while somebody waits."""

from datetime import UTC, datetime

import pytest
import time_machine

from callcenter import jobs
from callcenter.jobs import ringing
from carrier.clocks import Doing
from carrier.telephone import Telephone
from models import Callback, Job, State, Ticket
from models.session import transaction
from tests.conversations.callers import Caller
from tests.shift import Shift


@pytest.fixture
def ania(shift: Shift, olena: Caller) -> Telephone:
    """Is rung for Olena, who kept the place; the carrier begins a call a second, like the real."""
    olena.dials_in("pl", "0", "1")
    olena.hangs_up()
    shift.network.calls_a_second = 1.0
    return shift.comes("ania")


def a_second_passes(shift: Shift, now: time_machine.Traveller) -> None:
    now.shift(1.1)
    shift.works()
    jobs.do_urgent()
    shift.works()


def callback() -> Callback:
    with transaction() as session:
        return session.query(Callback).one()


def test_who_answers_at_once_has_the_client_called(
    shift: Shift, olena: Caller, ania: Telephone, now: time_machine.Traveller
) -> None:
    ania.answers()
    shift.works()
    assert not olena.is_up
    a_second_passes(shift, now)
    assert olena.is_ringing
    olena.answers()
    assert olena.is_doing(Doing.CONFERRING)
    assert callback().attempts == 1
    shift.does("ania", "leave")
    assert shift.presence("ania").state is State.WRAPPING_UP


def test_a_carrier_that_stays_busy_is_given_up(
    shift: Shift, olena: Caller, ania: Telephone, now: time_machine.Traveller
) -> None:
    shift.network.calls_a_second = 0.01
    ania.answers()
    shift.works()
    began = datetime.now(UTC)
    while datetime.now(UTC) - began < ringing.BUSY_AT_MOST:
        assert ania.is_up
        a_second_passes(shift, now)
    assert not ania.is_up
    assert shift.presence("ania").state is State.AVAILABLE
    assert (callback().attempts, callback().done_at) == (0, None)
    with transaction() as session:
        assert session.query(Ticket).one().notes[-1].change == {"call_back": "failed"}
        assert session.query(Job).filter(Job.done_at.is_(None)).count() == 0
    shift.network.calls_a_second = None
    now.move_to(callback().next_try_at or datetime.now(UTC))
    shift.works()
    ania.answers()
    shift.works()
    assert olena.is_ringing
    olena.answers()
    olena.hangs_up()
    shift.works()


def test_who_leaves_before_the_client_is_called_spends_no_attempt(
    shift: Shift, olena: Caller, ania: Telephone, now: time_machine.Traveller
) -> None:
    ania.answers()
    shift.works()
    shift.does("ania", "leave")
    a_second_passes(shift, now)
    assert not olena.is_up
    assert (callback().attempts, callback().done_at) == (0, None)


def test_a_call_of_before_is_not_taken_for_the_one_to_make(
    shift: Shift, olena: Caller, ania: Telephone, now: time_machine.Traveller
) -> None:
    """Olena's consultant was lost; she is called again within the minute."""
    now.shift(2)
    ania.answers()
    shift.works()
    olena.answers()
    ania.hangs_up()
    shift.works()
    first = olena.sid
    shift.is_available("ania")
    now.shift(16)
    shift.works()
    ania.answers()
    shift.works()
    assert not olena.is_up
    a_second_passes(shift, now)
    assert olena.is_ringing
    assert olena.sid != first
    olena.answers()
    olena.hangs_up()
    shift.works()


def is_held(shift: Shift, caller: Caller) -> bool:
    (conference,) = shift.network.conferences
    return conference.participants[caller.sid].hold


def test_a_caller_is_led_in_held_and_let_go_a_second_later(
    shift: Shift, jan: Caller, now: time_machine.Traveller
) -> None:
    jan.dials_in("pl", "1", "1")
    ania = shift.comes("ania")
    shift.network.changes_to_refuse = 1
    ania.answers()
    shift.works()
    assert jan.is_waiting()
    a_second_passes(shift, now)
    assert jan.is_doing(Doing.CONFERRING)
    shift.network.changes_to_refuse = 1
    shift.does("ania", "hold", True)
    assert not is_held(shift, jan)
    a_second_passes(shift, now)
    assert is_held(shift, jan)
    shift.network.changes_to_refuse = 2
    shift.does("ania", "leave")
    assert ania.is_doing(Doing.CONFERRING)
    assert jan.is_doing(Doing.CONFERRING)
    a_second_passes(shift, now)
    assert not ania.is_up
    jan.waits()
    jan.is_told("goodbye-kept")
