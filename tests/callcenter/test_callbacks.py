"""Those who asked are called when the outage is over: once, in turn, whatever dies meanwhile."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask, Response, request
from sqlalchemy import Engine, func, select, text

from callcenter import jobs
from callcenter.actions import Case
from callcenter.announcements import outage_callbacks
from callcenter.announcements.outage_callbacks import Attempt
from callcenter.outbox import outbox
from callcenter.queue import callbacks
from carrier.clocks import VirtualClock
from carrier.network import Network
from config import Settings
from models import (
    Announcement,
    Call,
    Callback,
    CallStatus,
    Outcome,
    Reached,
    Status,
    Ticket,
)
from models.session import transaction
from tests.console import scenes
from tests.conversations.callers import Caller
from tests.outages import Outage, noted, outage_of, request_of, ticket_of
from tests.patience import eventually

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OLENA, JAN = "+48501234567", "+48221234567"


@pytest.fixture
def clock(network: Network) -> Iterator[time_machine.Traveller]:
    """A clock that stands still unless the test, or a call, lets time pass."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        network.clock = VirtualClock(traveller.shift)
        yield traveller


@pytest.fixture
def outage(clock: time_machine.Traveller, network: Network, settings: Settings) -> Iterator[Outage]:
    with outage_of(network, settings) as outage:
        yield outage


@pytest.fixture
def olena(network: Network) -> Caller:
    return Caller.of(network, OLENA)


@pytest.fixture
def jan(network: Network) -> Caller:
    """Has a landline, which receives no SMS."""
    return Caller.of(network, JAN)


def asks(*callers: Caller) -> None:
    for caller in callers:
        caller.dials()
        caller.presses("1")


def people(network: Network, count: int) -> list[Caller]:
    everybody = [Caller.of(network, f"+4850200{number:04}") for number in range(count)]
    for caller in everybody:
        caller.answering = "busy"
    return everybody


# Asking


def test_who_asks_three_times_is_called_once(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    for _ in range(3):
        asks(olena)
    statuses = [ticket.status for ticket in tickets()]
    assert statuses == [Status.OPEN, Status.CLOSED, Status.CLOSED]
    outage.ends(notice)
    olena.answering = "at once"
    for _ in range(3):
        outage.calls_next()
        clock.shift(2)
    assert len(outage.calls_to(OLENA)) == 1
    olena.waits()
    assert {ticket.status for ticket in tickets()} == {Status.CLOSED}


def tickets() -> list[Ticket]:
    with transaction() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def test_requests_at_the_same_moment_are_one(outage: Outage) -> None:
    outage.begins()
    now = datetime.now(UTC)
    with transaction() as session:
        made = [scenes.call(session, OLENA, now) for _ in range(6)]
        cases = [
            Case(call, scenes.ticket(session, call, f"{n:09}"), {}, now)
            for n, call in enumerate(made)
        ]
    together = threading.Barrier(len(cases))

    def ask(case: Case) -> str:
        with transaction() as session:
            together.wait()
            return callbacks.ask_for_call_after_outage(session, case).outcome

    with ThreadPoolExecutor(len(cases)) as pool:
        assert set(pool.map(ask, cases)) == {"kept"}
    assert request_of(OLENA).announcement_id is not None


def test_who_asked_in_two_outages_is_called_once(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    for _ in range(2):
        notice = outage.begins()
        asks(olena)
        outage.ends(notice)
    assert outage.calls_next()
    assert olena.is_ringing
    clock.shift(10)
    assert not outage.calls_next()
    olena.answers()
    clock.shift(10)
    assert not outage.calls_next()
    olena.waits()
    assert len(outage.calls_to(OLENA)) == 1
    with transaction() as session:
        rows = session.scalars(select(Callback)).all()
    assert [row.outcome for row in rows] == [Reached.TOLD, Reached.TOLD]
    assert {ticket.status for ticket in tickets()} == {Status.CLOSED}


# When


def test_calls_keep_their_pace(
    outage: Outage, network: Network, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(*people(network, 4))
    outage.ends(notice)
    placed = []
    for tick in range(16):
        if outage.calls_next(calls_a_second=0.5):
            placed.append(tick / 2)
        clock.shift(0.5)
    assert placed == [0, 2, 4, 6]


def test_two_schedulers_keep_one_pace(outage: Outage, network: Network) -> None:
    notice = outage.begins()
    asks(*people(network, 4))
    outage.ends(notice)
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: jobs.call_back(1), range(4)))
    assert sum(asked) == 1


def test_a_window_that_passed_is_an_end_too(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    outage.begins(ends_at=MONDAY + timedelta(hours=2))
    asks(olena)
    clock.move_to(MONDAY + timedelta(hours=2) - timedelta(seconds=1))
    assert not outage.calls_next()
    clock.move_to(MONDAY + timedelta(hours=2))
    assert outage.calls_next()
    assert olena.is_ringing


def test_while_the_line_is_out_again_nobody_is_called(
    outage: Outage, olena: Caller, jan: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(olena, jan)
    outage.ends(notice)
    olena.answering = jan.answering = "at once"
    assert outage.calls_next()
    again = outage.begins()
    for _ in range(5):
        clock.shift(60)
        assert not outage.calls_next()
    assert outage.calls_to(JAN) == []
    outage.ends(again)
    assert outage.calls_next()
    assert len(outage.calls_to(JAN)) == len(outage.calls_to(OLENA)) == 1


def test_an_attempt_that_waits_while_the_line_goes_out_is_not_placed(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    assert jobs.call_back(1)
    again = outage.begins()
    outage.works()
    assert outage.calls_to(OLENA) == []
    outage.ends(again)
    clock.shift(1)
    assert outage.calls_next()
    assert request_of(OLENA).attempts == len(outage.calls_to(OLENA)) == 1


def test_the_outage_is_done_with_when_all_are(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(olena)
    outage.sweeps()
    assert done_with(notice.uid) is None
    outage.ends(notice)
    outage.sweeps()
    assert done_with(notice.uid) is None
    olena.answering = "at once"
    outage.calls_next()
    outage.sweeps()
    assert done_with(notice.uid) is not None


def done_with(uid: str) -> datetime | None:
    with transaction() as session:
        return (
            session.scalars(select(Announcement).where(Announcement.uid == uid))
            .one()
            .called_back_at
        )


# Who does not answer


@pytest.mark.parametrize("how", ["busy", "no-answer", "failed"])
def test_after_two_failed_calls_there_is_an_sms(
    outage: Outage, olena: Caller, clock: time_machine.Traveller, how: str
) -> None:
    fails_twice(outage, olena, clock, how)
    outage.works()
    assert noted(OLENA) == ["called", how, "called", how, "texted"]
    assert [message.body for message in olena.messages] == [
        "Help Desk SISC: telefon +48334832055 jest ponownie czynny."
    ]
    ticket = ticket_of(OLENA)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INFORMED_OF_OUTAGE)
    assert request_of(OLENA).done_at is not None
    clock.shift(timedelta(days=1))
    assert not outage.calls_next()
    outage.sweeps()
    assert len(olena.messages) == 1


def fails_twice(outage: Outage, caller: Caller, clock: time_machine.Traveller, how: str) -> None:
    notice = outage.begins()
    asks(caller)
    outage.ends(notice)
    caller.answering = how
    assert outage.calls_next()
    clock.shift(outage_callbacks.PAUSE - timedelta(seconds=1))
    assert not outage.calls_next()
    clock.shift(1)
    assert jobs.call_back(1)
    outage.works()
    assert len(outage.calls_to(caller.number)) == 2


def test_where_no_sms_arrives_a_consultant_must_call(
    outage: Outage, jan: Caller, clock: time_machine.Traveller
) -> None:
    fails_twice(outage, jan, clock, "no-answer")
    assert noted(JAN) == ["called", "no-answer", "called", "no-answer", "unreached"]
    ticket, asked = ticket_of(JAN), request_of(JAN)
    assert (ticket.status, asked.done_at, asked.outcome) == (Status.OPEN, None, Reached.UNREACHED)
    assert ticket.due_at is not None
    clock.shift(timedelta(days=1))
    assert not outage.calls_next()


def test_an_sms_that_is_refused_leaves_it_to_a_consultant(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    outage.network.sms_sender = ""
    fails_twice(outage, olena, clock, "busy")
    outage.works()
    assert noted(OLENA)[-1] == "unreached"
    assert ticket_of(OLENA).status is Status.OPEN
    assert request_of(OLENA).outcome is Reached.UNREACHED


def test_the_second_call_may_be_answered(
    outage: Outage, jan: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(jan)
    outage.ends(notice)
    assert outage.calls_next()
    jan.declines()
    clock.shift(outage_callbacks.PAUSE)
    assert outage.calls_next()
    jan.answers()
    jan.is_told("over-greeting")
    jan.waits()
    assert noted(JAN) == ["called", "busy", "called", "told"]
    assert ticket_of(JAN).status is Status.CLOSED
    assert [message.body for message in jan.messages] == []


# What the carrier says, and when


def test_too_many_requests_are_no_attempt(
    outage: Outage, olena: Caller, jan: Caller, clock: time_machine.Traveller
) -> None:
    notice = outage.begins()
    asks(olena, jan)
    outage.ends(notice)
    outage.network.calls_a_second = 0.1
    assert outage.calls_next()
    clock.shift(1)
    assert outage.calls_next()
    assert request_of(JAN).attempts == 0
    assert outage.calls_to(JAN) == []
    clock.shift(10)
    assert outage.calls_next()
    assert request_of(JAN).attempts == len(outage.calls_to(JAN)) == 1


def test_a_number_that_is_never_called_gets_an_sms(
    outage: Outage, olena: Caller, network: Network
) -> None:
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    # Not our number any more: the carrier refuses to show it.
    network.numbers.clear()
    assert outage.calls_next()
    outage.works()
    assert noted(OLENA) == ["refused", "texted"]


@pytest.mark.parametrize("order", ["as sent", "reversed", "twice"])
def test_late_statuses_change_nothing(
    outage: Outage, olena: Caller, clock: time_machine.Traveller, order: str
) -> None:
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    office = outage.network.post_office
    office.holding = True
    assert outage.calls_next()
    olena.answers()
    olena.presses("2")
    held = [*office.held] * (2 if order == "twice" else 1)
    assert [request.form["CallStatus"] for request in office.held] == ["in-progress", "completed"]
    clock.shift(120)
    for event in reversed(held) if order == "reversed" else held:
        assert office.send(event).status == 204
    assert noted(OLENA) == ["called", "told"]
    assert ticket_of(OLENA).status is Status.CLOSED
    with transaction() as session:
        ours = session.scalars(select(Call).where(Call.callback_id.is_not(None))).one()
    assert ours.status is CallStatus.COMPLETED
    assert not outage.calls_next()


@pytest.mark.parametrize("happens", ["busy", "at once"])
def test_a_call_that_the_carrier_falls_silent_on_is_asked_about(
    outage: Outage, olena: Caller, clock: time_machine.Traveller, happens: str
) -> None:
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    olena.answering = happens
    outage.network.post_office.holding = True
    assert outage.calls_next()
    if olena.is_up:
        olena.hangs_up()
    clock.shift(outage_callbacks.SILENCE + timedelta(seconds=1))
    outage.sweeps()
    with transaction() as session:
        ours = session.scalars(select(Call).where(Call.callback_id.is_not(None))).one()
    assert ours.status.is_final
    told = ["called", "told"] if happens == "at once" else ["called", "busy"]
    assert noted(OLENA) == told
    assert len(outage.calls_to(OLENA)) == 1


def test_a_call_of_which_nobody_ever_heard_is_placed_again(
    outage: Outage, olena: Caller, clock: time_machine.Traveller
) -> None:
    """The first words got lost on their way: the person heard the carrier's own apology."""
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    olena.loses_next()
    olena.answering = "at once"
    outage.network.post_office.holding = True
    assert outage.calls_next()
    for event in [*outage.network.post_office.held]:
        outage.network.post_office.deliver(event)
    assert noted(OLENA) == ["called", "completed"]
    clock.shift(outage_callbacks.PAUSE)
    outage.network.post_office.holding = False
    assert outage.calls_next()
    olena.is_told("over-greeting")
    olena.hangs_up()


@pytest.mark.parametrize("written", ["", "1", "1.", ".1", "a.b", "1.1.1", "9" * 20 + ".1", "٣.١"])
def test_an_attempt_is_read_as_it_was_written_or_not_at_all(written: str) -> None:
    assert Attempt.read(written) is None
    assert Attempt.read(str(Attempt(17, 2))) == Attempt(17, 2)


# Whatever dies

COMMAND = Path(sys.executable).parent / "centrala"


class Doom:
    """The carrier's side of a crash: what happens to whoever asks it to place the next call."""

    def __init__(self) -> None:
        self.strikes_before: Callable[[], None] | None = None
        self.strikes_after: Callable[[], Response | None] | None = None

    def watch(self, carrier: Flask) -> None:
        def places_a_call() -> bool:
            return request.method == "POST" and request.path.endswith("/Calls.json")

        @carrier.before_request
        def before() -> None:
            if places_a_call() and (strike := self.strikes_before):
                self.strikes_before = None
                strike()

        @carrier.after_request
        def after(response: Response) -> Response:
            if places_a_call() and (strike := self.strikes_after):
                self.strikes_after = None
                return strike() or response
            return response


@pytest.fixture
def doom() -> Doom:
    return Doom()


@pytest.fixture
def fragile(network: Network, settings: Settings, doom: Doom) -> Iterator[Outage]:
    """The outage, in real time, with a carrier at which workers die."""
    with outage_of(network, settings, doom.watch) as outage:
        yield outage


@pytest.fixture
def worker(fragile: Outage) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as it runs in production."""
    here = fragile.settings
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CENTRALA_", "PROMETHEUS_"))}
    environ = {
        **kept,
        "CENTRALA_HOME": str(here.home),
        "CENTRALA_DEMO": "1",
        "DATABASE_URL": here.database_url.replace("postgresql+psycopg", "postgresql"),
        "REDIS_URL": here.redis_url,
        "PUBLIC_URL": here.public_url,
        "TWILIO_ACCOUNT_SID": here.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": here.twilio_auth_token,
        "TWILIO_NUMBER": here.twilio_number,
        "TWILIO_API_BASE": here.twilio_api_base,
        "SMS_SENDER": here.sms_sender,
        "SECRET_KEY": here.secret_key,
        "DATA_KEY": here.data_key,
    }
    process = subprocess.Popen([COMMAND, "work"], env=environ, stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def is_due(outage: Outage, olena: Caller) -> None:
    notice = outage.begins()
    asks(olena)
    outage.ends(notice)
    olena.answering = "at once"


def others_go_on(outage: Outage, olena: Caller) -> None:
    """Half a minute later the scheduler finds the job undone, and another worker does it."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=31), tick=True):
        assert outage.sweeps() == 1
        assert len(outage.calls_to(OLENA)) == 1
        assert not outage.calls_next()
        outage.sweeps()
    olena.hangs_up()
    assert noted(OLENA) == ["called", "told"]
    asked = request_of(OLENA)
    assert (asked.attempts, asked.outcome) == (1, Reached.TOLD)
    assert asked.call_sid == outage.calls_to(OLENA)[0].sid
    assert ticket_of(OLENA).status is Status.CLOSED
    assert len(outage.calls_to(OLENA)) == 1


def test_a_worker_that_is_killed_before_the_call_was_placed(
    fragile: Outage, olena: Caller, doom: Doom, worker: subprocess.Popen[bytes]
) -> None:
    is_due(fragile, olena)
    died = threading.Event()

    def strike() -> None:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        died.set()
        raise ConnectionAbortedError("nobody is there any more")

    doom.strikes_before = strike
    assert jobs.call_back(1)
    assert died.wait(30)
    assert fragile.calls_to(OLENA) == []
    assert request_of(OLENA).attempts == 1
    others_go_on(fragile, olena)


def test_a_worker_that_is_killed_before_it_heard_that_the_call_was_placed(
    fragile: Outage, olena: Caller, doom: Doom, worker: subprocess.Popen[bytes]
) -> None:
    is_due(fragile, olena)
    # Not even the carrier's webhooks have said so yet.
    olena.answering = "by hand"
    died = threading.Event()

    def strike() -> None:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        died.set()

    doom.strikes_after = strike
    assert jobs.call_back(1)
    assert died.wait(30)
    assert len(fragile.calls_to(OLENA)) == 1
    assert request_of(OLENA).call_sid is None
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=31), tick=True):
        fragile.sweeps()
    assert request_of(OLENA).call_sid == fragile.calls_to(OLENA)[0].sid
    olena.answers()
    olena.hangs_up()
    assert noted(OLENA) == ["called", "told"]
    assert len(fragile.calls_to(OLENA)) == 1


def test_a_worker_that_is_killed_before_it_wrote_down_that_the_call_was_placed(
    fragile: Outage,
    olena: Caller,
    doom: Doom,
    worker: subprocess.Popen[bytes],
    database: Engine,
) -> None:
    is_due(fragile, olena)
    with database.connect() as connection:
        locked = threading.Event()

        def strike() -> None:
            connection.execute(text("SELECT 1 FROM callbacks FOR UPDATE"))
            locked.set()

        doom.strikes_after = strike
        assert jobs.call_back(1)
        assert locked.wait(30)
        assert eventually(lambda: _somebody_waits_for_a_lock(database), 30)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        connection.rollback()
    others_go_on(fragile, olena)


def _somebody_waits_for_a_lock(database: Engine) -> bool:
    with database.connect() as connection:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(connection.scalar(waiting))


def test_a_scheduler_that_dies_before_it_hands_the_job_over(fragile: Outage, olena: Caller) -> None:
    is_due(fragile, olena)
    outbox.bind("redis://127.0.0.1:1/0")
    assert jobs.call_back(1)
    assert request_of(OLENA).attempts == 1
    outbox.bind(fragile.settings.redis_url)
    others_go_on(fragile, olena)


def test_an_answer_that_got_lost(fragile: Outage, olena: Caller, doom: Doom) -> None:
    is_due(fragile, olena)
    olena.answering = "no-answer"
    fragile.network.post_office.holding = True
    doom.strikes_after = lambda: Response("the carrier stumbled", 500)
    assert jobs.call_back(1)
    fragile.works()
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=31), tick=True):
        fragile.sweeps()
    assert len(fragile.calls_to(OLENA)) == 1
    assert noted(OLENA) == ["called", "no-answer"]


def test_the_carrier_away_while_calls_are_due_makes_no_volley(
    fragile: Outage, network: Network
) -> None:
    notice = fragile.begins()
    asks(*people(network, 5))
    fragile.ends(notice)
    outbox.bind("redis://127.0.0.1:1/0")
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(60):
            jobs.call_back(1)
            clock.shift(1)
    with transaction() as session:
        begun = session.scalar(select(func.count()).where(Callback.attempts > 0))
    assert begun == outage_callbacks.MOST_AHEAD
