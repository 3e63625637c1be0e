"""A shift at the desk with all its parts real: rows, dispatcher, jobs, the carrier's REST."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rq import SimpleWorker
from sqlalchemy import select

from app import bind_telephony
from callcenter import background, jobs
from callcenter.outbox import outbox
from callcenter.queue import call_control, presence
from carrier import process
from carrier.network import Network
from carrier.telephone import Telephone
from config import Settings
from models import Agent, Conversation, Device, Leg, Presence, Purpose, Role
from models.session import transaction
from tests.carrier import description


@dataclass
class Shift:
    """People sit down at the desk; jobs are done when the test says so."""

    network: Network
    settings: Settings
    browsers: set[str] = field(default_factory=set)

    def comes(
        self,
        login: str,
        languages: tuple[str, ...] = ("pl", "en", "uk"),
        topics: tuple[str, ...] = (),
        role: Role = Role.AGENT,
        number: str | None = None,
    ) -> Telephone:
        """Somebody is hired, sits down and is available; gives their telephone."""
        now = datetime.now(UTC)
        with transaction() as session:
            agent = Agent(
                login=login,
                name=login.title(),
                role=role,
                password="x",
                active=True,
                created_at=now,
                session_salt=login,
                languages=list(languages),
                topics=list(topics),
                device=Device.NUMBER if number else Device.BROWSER,
                address=number,
            )
            session.add(agent)
            session.flush()
            presence.be_available(session, agent.id, now)
        telephone = self.network.telephone(number or f"client:{login}")
        self.browsers.add(login)
        self.works()
        return telephone

    def works(self) -> None:
        """Open browsers ask, the scheduler ticks, and a worker does what is in the queue."""
        with transaction() as session:
            for login in self.browsers:
                presence.seen(session, self.id_of(login), datetime.now(UTC))
        background.offer_calls()
        queue = outbox.bind(self.settings.redis_url)
        SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")

    def looks_after_people(self) -> None:
        jobs.follow_up_presence()
        self.works()

    def id_of(self, login: str) -> int:
        with transaction() as session:
            return session.scalars(select(Agent.id).where(Agent.login == login)).one()

    def presence(self, login: str) -> Presence:
        with transaction() as session:
            return session.scalars(
                select(Presence)
                .join(Agent, Agent.id == Presence.agent_id)
                .where(Agent.login == login)
            ).one()

    def is_available(self, login: str) -> None:
        now = datetime.now(UTC)
        with transaction() as session:
            presence.finished(session, self.id_of(login), now)
            presence.be_available(session, self.id_of(login), now)
        self.works()

    def does(self, login: str, action: str, *more: object) -> None:
        """One of the actions of callcenter.queue.call_control with the call that the person has."""
        now = datetime.now(UTC)
        with transaction() as session:
            leg = call_control.own_leg(session, self.id_of(login))
            assert leg is not None
            getattr(call_control, action)(session, leg, *more, now)
        self.works()

    def supervises(self, login: str, how: Purpose) -> None:
        with transaction() as session:
            conversation = session.scalars(
                select(Conversation).where(Conversation.ended_at.is_(None))
            ).one()
            call_control.supervise(
                session, self.id_of(login), conversation.id, how, datetime.now(UTC)
            )
        self.works()

    def legs(self) -> list[Leg]:
        with transaction() as session:
            return list(session.scalars(select(Leg).order_by(Leg.id)))

    def conversations(self) -> list[Conversation]:
        with transaction() as session:
            return list(session.scalars(select(Conversation).order_by(Conversation.id)))


@contextmanager
def shift_of(network: Network, settings: Settings) -> Iterator[Shift]:
    """The carrier's REST interface answers at a port, and is held against its own description."""
    network.sms_sender = settings.sms_sender
    carrier = process.create_app(network)
    faults = description.watch(carrier)
    with process.running(network, carrier) as base:
        here = replace(settings, twilio_api_base=base)
        bind_telephony(here)
        outbox.bind(here.redis_url)
        yield Shift(network, here)
    assert faults == []
