"""An outage with all its parts real: the board, the carrier's REST interface, the jobs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Flask
from rq import SimpleWorker
from sqlalchemy import select

from app import bind_telephony
from callcenter import jobs
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.board import board
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Notice, Period
from callcenter.announcements.switchboard import Maker
from callcenter.outbox import outbox
from carrier import process
from carrier.call import Call as Leg
from carrier.call import Direction
from carrier.network import Network
from config import Settings
from models import Callback, Scope, Template, Ticket, TicketNote, Way
from models.session import transaction
from tests.carrier import description

MARKS = Maker(Way.COMMAND)


@dataclass
class Outage:
    """The line goes out and comes back; jobs are done when the test says so."""

    network: Network
    settings: Settings

    def begins(self, ends_at: datetime | None = None) -> Notice:
        """The line is out from now on; until then, or until somebody ends it."""
        now = datetime.now(UTC)
        wanted = Wanted(Scope.SWITCHBOARD, Template.OUTAGE, periods=(Period(now, ends_at),))
        with transaction() as session:
            notice = drafts.prepare(wanted, now)
            switchboard.announce(session, notice, MARKS)
        return notice

    def ends(self, notice: Notice) -> None:
        with transaction() as session:
            switchboard.end(session, notice.uid, MARKS, datetime.now(UTC))

    def calls_next(self, calls_a_second: float = 1) -> bool:
        """What the scheduler does every second, and a worker after it."""
        asked = jobs.call_back(calls_a_second)
        self.works()
        return asked

    def works(self) -> None:
        """A worker does what is in the queue."""
        queue = outbox.bind(self.settings.redis_url)
        SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")

    def sweeps(self) -> int:
        """What the scheduler does every five seconds."""
        handed = jobs.sweep()
        jobs.follow_up_calls()
        self.works()
        return handed

    def calls_to(self, number: str) -> list[Leg]:
        """Our calls to that number, in the order in which the carrier placed them."""
        calls = self.network.calls.values()
        return [c for c in calls if c.direction is Direction.OUTBOUND_API and c.to == number]


@contextmanager
def outage_of(
    network: Network, settings: Settings, watch: Callable[[Flask], object] | None = None
) -> Iterator[Outage]:
    """The carrier's REST interface answers at a port, and this process's jobs speak to it.

    Every request and answer is held against the carrier's own description. `watch` may add to the
    carrier's application before it answers.
    """
    network.sms_sender = settings.sms_sender
    carrier = process.create_app(network)
    faults = description.watch(carrier)
    if watch:
        watch(carrier)
    (settings.home / "switchboard.json").unlink(missing_ok=True)
    with process.running(network, carrier) as base:
        here = replace(settings, twilio_api_base=base)
        bind_telephony(here)
        outbox.bind(here.redis_url)
        yield Outage(network, here)
    assert faults == []
    with transaction() as session:
        for notice in board().notices():
            switchboard.end(session, notice.uid, MARKS, datetime.now(UTC) - timedelta(days=1))


def request_of(number: str) -> Callback:
    """The one request of that number, as its row is now."""
    with transaction() as session:
        return session.scalars(select(Callback).where(Callback.number == number)).one()


def ticket_of(number: str) -> Ticket:
    """The ticket whose caller asked to be called."""
    with transaction() as session:
        asked = select(Ticket).join(Callback, Callback.ticket_id == Ticket.id)
        return session.scalars(asked.where(Callback.number == number)).one()


def noted(number: str) -> list[str]:
    """What the line wrote on that ticket, in order."""
    ticket = ticket_of(number)
    with transaction() as session:
        notes = select(TicketNote).where(TicketNote.ticket_id == ticket.id)
        rows = session.scalars(notes.order_by(TicketNote.id)).all()
    assert all(note.author_id is None for note in rows)
    return [note.change["call_back"] for note in rows]
