"""Messages whose end nobody told: the carrier is asked, and they count as what it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import bind_telephony
from callcenter import jobs
from callcenter.recordings import store
from carrier import process
from carrier.network import Network
from carrier.webhooks import Kind, Mishap, Request
from config import Settings
from models import Job, Outcome, Recording, RecordingStatus, Status
from models.session import transaction
from tests.carrier import description
from tests.conversations.callers import Caller

# Too early to ask about the call itself.
LATER = timedelta(minutes=5, seconds=30)


@pytest.fixture(autouse=True)
def asked(network: Network, settings: Settings) -> Iterator[None]:
    """A carrier that can be asked, its answers held against its own description."""
    network.sms_sender = settings.sms_sender
    carrier = process.create_app(network)
    faults = description.watch(carrier)
    with process.running(network, carrier) as address:
        bind_telephony(replace(settings, twilio_api_base=address))
        yield
    assert faults == []


@pytest.fixture
def olena(network: Network) -> Caller:
    return Caller.of(network, "+48501234567")


def loses(network: Network, *states: str) -> None:
    """The carrier loses the next callback of each of these states."""

    def fits(state: str) -> Mishap:
        return Mishap(lambda sent: _tells(sent, state), "lost")

    network.post_office.faults.extend(fits(state) for state in states)


def _tells(sent: Request, state: str) -> bool:
    return sent.kind is Kind.RECORDING and sent.form["RecordingStatus"] == state


def comes_to_the_tone(caller: Caller) -> None:
    caller.dials_in("pl", "3", "2")
    caller.waits()


def looks_after(later: timedelta = LATER) -> int:
    """The scheduler looks after calls that much later, and a worker does its jobs; how many."""
    with time_machine.travel(datetime.now(UTC) + later):
        jobs.follow_up_calls()
        return does_jobs()


def does_jobs() -> int:
    done: set[int] = set()
    while undone := set(_undone()) - done:
        for job_id in undone:
            jobs.run(job_id)
        done |= undone
    return len(done)


def _undone() -> list[int]:
    with transaction() as session:
        return list(session.scalars(select(Job.id).where(Job.done_at.is_(None))))


def recording() -> Recording:
    with transaction() as session:
        return session.scalars(select(Recording)).one()


def test_a_message_whose_end_was_lost_is_fetched(olena: Caller, network: Network) -> None:
    loses(network, "completed")
    comes_to_the_tone(olena)
    olena.speaks(20, then="#")
    olena.hangs_up()
    does_jobs()
    assert recording().status == RecordingStatus.IN_PROGRESS
    looks_after()
    assert (recording().status, recording().duration_s) == (RecordingStatus.COMPLETED, 20)
    assert store.sound_of(recording())
    assert looks_after(LATER * 2) == 0


def test_a_ticket_that_only_the_message_keeps_open_is_opened_again(
    olena: Caller, network: Network
) -> None:
    """Neither that the caller had spoken nor that there is a recording ever reached us."""
    loses(network, "completed")
    comes_to_the_tone(olena)
    olena.loses_next()
    olena.speaks(12)
    assert olena.ticket().outcome is Outcome.ABANDONED
    looks_after()
    assert (olena.ticket().status, olena.ticket().outcome) == (Status.OPEN, Outcome.LEFT_OPEN)


def test_one_in_which_nothing_was_said_is_absent(olena: Caller, network: Network) -> None:
    loses(network, "absent")
    comes_to_the_tone(olena)
    olena.hangs_up()
    looks_after()
    assert recording().status == RecordingStatus.ABSENT
    assert olena.ticket().outcome is Outcome.ABANDONED


def test_one_that_the_carrier_forgot_is_lost(olena: Caller, network: Network) -> None:
    loses(network, "completed")
    comes_to_the_tone(olena)
    olena.speaks(20)
    olena.hangs_up()
    network.recordings.clear()
    looks_after()
    assert recording().status == RecordingStatus.LOST
    assert olena.ticket().outcome is Outcome.LEFT_OPEN


def test_one_that_goes_on_goes_on(olena: Caller) -> None:
    comes_to_the_tone(olena)
    assert looks_after() == 1
    assert recording().status == RecordingStatus.IN_PROGRESS
    olena.speaks(20)
    assert recording().status == RecordingStatus.COMPLETED
    olena.hangs_up()


def test_nobody_asks_about_one_that_began_just_now(olena: Caller) -> None:
    comes_to_the_tone(olena)
    assert looks_after(timedelta(minutes=4)) == 0
    olena.hangs_up()


def test_one_of_which_nothing_was_told_is_found_in_the_carriers_list(
    olena: Caller, network: Network
) -> None:
    loses(network, "in-progress", "completed")
    comes_to_the_tone(olena)
    olena.speaks(20)
    olena.hangs_up()
    for _ in range(2):
        with time_machine.travel(datetime.now(UTC) + LATER * 2):
            jobs.compare_with_carrier()
        does_jobs()
        assert (recording().status, recording().duration_s) == (RecordingStatus.COMPLETED, 20)
    assert store.sound_of(recording())
