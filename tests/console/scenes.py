"""Rows as a week at the desk leaves them: calls with their turns, tickets, people who wait."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from callcenter.people import passwords
from models import (
    Agent,
    Call,
    Callback,
    CallStatus,
    Conversation,
    Kind,
    Left,
    Leg,
    Outcome,
    Purpose,
    Recording,
    Role,
    Status,
    TextMessage,
    Ticket,
    Topic,
    Turn,
    Waiting,
)

PASSWORD = "zażółć gęślą jaźń"
MONDAY = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
JAN, OLENA = "+48501234567", "+380501234567"
LONG_CALLER = "sip:bardzo.dluga.nazwa.uzytkownika.w.urzedzie.celno-skarbowym+gabinet42@" + (
    "centrala-telefoniczna.izba-administracji-skarbowej.przyklad.example.org"
)

_ids = count(1)


def ania(session: Session) -> Agent:
    return _person(session, "ania", "Ania Nowak", Role.AGENT)


def marek(session: Session) -> Agent:
    return _person(session, "marek", "Marek Wiśniewski", Role.SUPERVISOR)


def _person(session: Session, login: str, name: str, role: Role) -> Agent:
    person = Agent(
        login=login,
        name=name,
        role=role,
        password=_hashed(),
        active=True,
        created_at=MONDAY,
        session_salt=login,
    )
    session.add(person)
    session.flush()
    return person


@cache
def _hashed() -> str:
    """Hashing is slow on purpose: once is enough for all tests."""
    return passwords.hashed(PASSWORD)


def call(session: Session, caller: str = JAN, at: datetime = MONDAY, language: str = "pl") -> Call:
    """A finished call of ninety seconds that has heard the greeting."""
    made = Call(
        sid=f"CA{next(_ids):032x}",
        caller=caller,
        language=language,
        status=CallStatus.COMPLETED,
        started_at=at,
        ended_at=at + timedelta(seconds=90),
        duration_s=90,
        opening={
            "leads_to": "main/welcome",
            "language": language,
            "spoken": ["main-greeting", "main-menu"],
            "says": {},
        },
    )
    session.add(made)
    session.flush()
    return made


def turn(session: Session, made: Call, step: int, node: str, key: str, leads_to: str) -> Turn:
    """An answer nine seconds after the one before it."""
    row = Turn(
        call_id=made.id,
        step=step,
        at=made.started_at + timedelta(seconds=9 * step),
        language=made.language,
        node=node,
        input=key,
        result="pressed" if key else "silence",
        leads_to=leads_to,
        spoken=["login-menu"],
    )
    session.add(row)
    return row


def ticket(
    session: Session,
    made: Call,
    number: str = "482915306",
    status: Status = Status.RESOLVED,
    topic: Topic | None = Topic.BASIC_PASSWORD_FORGOTTEN,
    kind: Kind = Kind.INFORMATION,
) -> Ticket:
    is_open = status is Status.OPEN
    row = Ticket(
        number=number,
        call=made,
        kind=kind,
        topic=topic,
        status=status,
        outcome=Outcome.LEFT_OPEN if is_open else Outcome.RESOLVED_BY_LINE,
        resolved_during_call=status is Status.RESOLVED,
        language=made.language,
        caller=made.caller,
        opened_at=made.started_at,
        resolved_at=made.ended_at if status is Status.RESOLVED else None,
        due_at=made.started_at + timedelta(days=14) if is_open else None,
    )
    session.add(row)
    session.flush()
    return row


def waiting(session: Session, made: Call, topic: Topic, since: datetime) -> Waiting:
    row = Waiting(
        call_id=made.id,
        step=3,
        queue="consultants",
        language=made.language,
        topic=topic,
        since=since,
    )
    session.add(row)
    return row


def rings(session: Session, login: str, number: str) -> None:
    """The desk of somebody rings, for the caller of a ticket."""
    now = datetime.now(UTC)
    person = session.scalars(select(Agent).where(Agent.login == login)).one()
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    room = f"room-{now.timestamp()}"
    conversation = Conversation(room=room, ticket_id=ticket.id, call_id=ticket.call_id, made_at=now)
    session.add(conversation)
    session.flush()
    leg = Leg(talk_id=conversation.id, agent_id=person.id, purpose=Purpose.TAKE, asked_at=now)
    session.add(leg)


def conversations_end(session: Session) -> None:
    """Every talk is over, begun or not."""
    now = datetime.now(UTC)
    session.execute(update(Leg).where(Leg.ended_at.is_(None)).values(ended_at=now))
    session.execute(
        update(Conversation).where(Conversation.ended_at.is_(None)).values(ended_at=now)
    )


def left(row: Waiting, how: Left, at: datetime) -> None:
    row.left_at, row.how = at, how


def callback(session: Session, of: Ticket, number: str) -> None:
    row = Callback(ticket_id=of.id, number=number, language=of.language, asked_at=of.opened_at)
    session.add(row)


def message(session: Session, of: Ticket, number: str) -> None:
    session.add(
        TextMessage(
            ticket_id=of.id,
            purpose="ticket_number",
            number=number,
            language=of.language,
            asked_at=of.opened_at,
            sent_at=of.opened_at + timedelta(seconds=3),
            sid="SM" + "1" * 32,
        )
    )


def recording(session: Session, made: Call) -> None:
    session.add(
        Recording(
            sid="RE" + "1" * 32,
            call_id=made.id,
            status="completed",
            duration_s=47,
            made_at=made.started_at + timedelta(seconds=80),
        )
    )
