"""Calls whose end nobody told: the carrier is asked, and they count as what it says."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from twilio.base.exceptions import TwilioException

from app import bind_telephony
from callcenter import jobs, telephony
from callcenter.jobs import silent_calls
from callcenter.telephony import carrier_calls
from carrier.network import Network
from carrier.process import running
from config import Settings
from models import CallStatus, Job, Outcome, Waiting
from models.session import transaction
from tests.conversations.callers import Caller


@pytest.fixture(autouse=True)
def deaf(network: Network, settings: Settings) -> Iterator[None]:
    """A number whose status callback was never set, at a carrier that can be asked."""
    network.main.status_callback = ""
    with running(network) as address:
        bind_telephony(replace(settings, twilio_api_base=address))
        yield


@pytest.fixture
def olena(network: Network) -> Caller:
    return Caller.of(network, "+48501234567")


def asks_later(minutes: int = 7) -> int:
    """The scheduler looks after calls that much later, and a worker asks; the jobs so far."""
    with transaction() as session:
        silent_calls.enqueue_checks(session, datetime.now(UTC) + timedelta(minutes=minutes))
    with transaction() as session:
        ids = list(session.scalars(select(Job.id)))
    for job_id in ids:
        jobs.run(job_id)
    return len(ids)


def waiting() -> int:
    with transaction() as session:
        still = select(func.count()).where(Waiting.left_at.is_(None))
        return session.scalar(still) or 0


def test_the_end_that_nobody_told_is_found_out(olena: Caller) -> None:
    olena.dials_in("pl", "1", "3")
    olena.waits()
    olena.hangs_up()
    assert olena.ticket().outcome is None
    asks_later()
    assert olena.ticket().outcome is Outcome.GUIDED
    call = olena.row()
    assert (call.status, call.duration_s) == (CallStatus.COMPLETED, olena.call.duration)
    assert call.ended_at is not None


def test_a_call_that_the_carrier_forgot_waits_no_more(olena: Caller, network: Network) -> None:
    olena.dials_in("pl", "0")
    assert waiting() == 1
    network.calls.clear()
    asks_later()
    assert waiting() == 0
    assert olena.ticket().outcome is Outcome.ABANDONED


def test_a_call_that_goes_on_goes_on(olena: Caller) -> None:
    olena.dials_in("pl", "0")
    assert [asks_later(), asks_later(8), asks_later(20)] == [1, 1, 2]
    assert waiting() == 1
    assert olena.row().status is CallStatus.IN_PROGRESS
    olena.hangs_up()


def test_a_call_that_is_up_for_hours_is_ended_at_the_carrier_too(
    olena: Caller, network: Network
) -> None:
    network.main.status_callback = "https://centrala.example.org/voice/status"
    olena.dials_in("pl", "0")
    with time_machine.travel(datetime.now(UTC) + silent_calls.LONGEST / 2):
        asks_later()
        assert olena.is_waiting()
    with time_machine.travel(datetime.now(UTC) + silent_calls.LONGEST):
        asks_later()
        assert olena.is_waiting(), "the carrier is asked to, by a job of its own"
        asks_later()
    assert not olena.is_up
    assert olena.row().status is CallStatus.COMPLETED
    assert waiting() == 0


def test_nobody_asks_about_a_call_that_was_heard_of_lately(olena: Caller) -> None:
    olena.dials_in("pl", "1")
    assert asks_later(5) == 0
    olena.hangs_up()


def test_a_call_whose_webhooks_were_all_lost_gets_its_ticket(
    olena: Caller, network: Network
) -> None:
    sent_to, network.main.voice_url = network.main.voice_url, "https://nowhere.example.org/"
    olena.dials()
    if olena.is_up:
        olena.hangs_up()
    network.main.voice_url = sent_to
    later = datetime.now(UTC) + timedelta(minutes=5)
    listed = carrier_calls.list_inbound(later - timedelta(hours=1))
    for found in ((1, 0), (0, 0)):
        with transaction() as session:
            assert silent_calls.reconcile(session, listed, later) == found
    assert olena.ticket().outcome is Outcome.ABANDONED


def test_a_call_that_is_over_is_ended_by_the_list(olena: Caller) -> None:
    olena.dials_in("pl", "1", "3")
    olena.waits()
    olena.hangs_up()
    later = datetime.now(UTC) + timedelta(minutes=5)
    listed = carrier_calls.list_inbound(later - timedelta(hours=1))
    with transaction() as session:
        assert silent_calls.reconcile(session, listed, later) == (0, 1)
    assert olena.ticket().outcome is Outcome.GUIDED


def test_a_carrier_that_is_asked_too_much_is_asked_again(
    olena: Caller, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page of a list may be refused. The sweep waits as long as it is told."""
    monkeypatch.setattr(telephony, "ROWS_A_PAGE", 2)
    for _ in range(5):
        olena.dials_in("pl", "1", "3")
        olena.hangs_up()
    network.lists_a_second = 0.6
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        began = time.monotonic()
        assert jobs.compare_with_carrier() == (0, 5)
    # Three pages of calls and one of messages: each but the first is refused once.
    assert network.lists_refused == 3
    assert time.monotonic() - began >= 6


def test_a_carrier_that_refuses_over_and_over_is_left_alone(
    olena: Caller, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telephony, "LONGEST_PAUSE_S", 0.05)
    olena.dials_in("pl", "1", "3")
    olena.hangs_up()
    network.lists_a_second = 0.01
    assert network.seconds_until_list() == 0
    later = datetime.now(UTC) + timedelta(minutes=5)
    with pytest.raises(TwilioException, match="Too Many Requests"):
        carrier_calls.list_inbound(later - timedelta(hours=1))
    assert network.lists_refused == 1 + len(telephony.BACK_OFF_S)
    assert olena.row().status is CallStatus.IN_PROGRESS
    network.lists_a_second = None
    with time_machine.travel(later):
        assert jobs.compare_with_carrier() == (0, 1)
