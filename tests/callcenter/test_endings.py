"""The end of a call written at once: the same rows as in a transaction, or none."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from callcenter.calls import call_log, endings
from callcenter.calls.call_log import StatusEvent
from callcenter.calls.steps import NewTurn
from callcenter.queue import positions
from models import (
    Call,
    Callback,
    CallStatus,
    Conversation,
    Kind,
    Outcome,
    Recording,
    Ticket,
    Topic,
    Turn,
    Waiting,
)
from models.session import at_once, transaction

SID, OLENA = "CA" + "1" * 32, "+48501234567"
NOW = datetime(2026, 6, 8, 10, 0, tzinfo=UTC)
OPENING: Mapping[str, Any] = {
    "leads_to": "main/welcome",
    "language": "pl",
    "spoken": ["main-greeting"],
    "says": {},
    "topic": None,
    "credit": None,
}
INFORMED = {**OPENING, "topic": "outage", "credit": "informed_of_outage"}
TURN = NewTurn(1, NOW, "main/welcome", "1", "pressed", "login/menu", "pl", spoken=["login-menu"])
LEAF = replace(TURN, step=2, topic=Topic.BASIC_PASSWORD_FORGOTTEN, credit=Outcome.GUIDED)
BYE = replace(TURN, step=3, leads_to="login/bye", credit=Outcome.RESOLVED_BY_LINE, language="uk")
ENDED = StatusEvent(CallStatus.COMPLETED, 3, NOW + timedelta(minutes=2), 120)
ask = partial(at_once, limit_s=20.0)


@pytest.fixture(autouse=True)
def session(database: Engine) -> Iterator[Session]:
    with Session(database) as session:
        yield session


def opened(
    sid: str = SID, turns: tuple[NewTurn, ...] = (TURN,), opening: Mapping[str, Any] = OPENING
) -> None:
    with transaction() as session:
        call = call_log.open_call(session, sid, OLENA, NOW)
        call_log.answered(session, call, dict(opening))
        for turn in turns:
            call_log.record_turn(session, call, Turn(**vars(turn), call_id=call.id))


def ended(event: StatusEvent = ENDED) -> bool:
    return endings.end_call(ask, SID, event)


def rows(session: Session, table: type) -> list[dict[str, Any]]:
    """The rows of a table, without what tells one call from another."""
    apart = {"id", "sid", "number", "call_id"}
    found = session.execute(select(table.__table__).order_by("id"))  # type: ignore[attr-defined]
    return [{n: v for n, v in row._mapping.items() if n not in apart} for row in found]


@pytest.mark.parametrize("status", [CallStatus.COMPLETED, CallStatus.NO_ANSWER])
@pytest.mark.parametrize(
    ("turns", "opening"),
    [
        ((), OPENING),
        ((), INFORMED),
        ((TURN,), OPENING),
        ((TURN, LEAF), OPENING),
        ((TURN, LEAF, BYE), OPENING),
        ((TURN, replace(BYE, step=2), replace(TURN, step=3)), OPENING),
        ((TURN, replace(TURN, step=2, credit=Outcome.INTERNAL)), OPENING),
        ((TURN, replace(TURN, step=2, kind=Kind.COMPLAINT)), OPENING),
    ],
)
def test_it_leaves_what_a_transaction_leaves(
    session: Session, turns: tuple[NewTurn, ...], opening: Mapping[str, Any], status: CallStatus
) -> None:
    event = replace(ENDED, status=status)
    opened(SID, turns, opening)
    opened("CA2", turns, opening)
    assert ended(event)
    with transaction() as other:
        call_log.apply_status(other, call_log.open_call(other, "CA2", OLENA, NOW), event)
    for table in (Call, Ticket):
        at_once_, in_transaction = rows(session, table)
        assert at_once_ == in_transaction


def test_an_end_before_the_beginning_moves_no_beginning(session: Session) -> None:
    opened()
    assert ended(replace(ENDED, at=NOW - timedelta(seconds=3)))
    assert session.execute(select(Call.started_at, Call.ended_at)).one() == (NOW, NOW)


def test_an_end_is_never_taken_back(session: Session) -> None:
    opened()
    assert ended()
    before = rows(session, Call) + rows(session, Ticket)
    assert ended(replace(ENDED, status=CallStatus.FAILED, sequence=9))
    assert rows(session, Call) + rows(session, Ticket) == before


def waits(session: Session, call: Call) -> None:
    positions.join(session, call, 2, "clerks", NOW)


def conversations(session: Session, call: Call) -> None:
    ticket = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()
    session.add(Conversation(room=SID, ticket_id=ticket.id, call_id=call.id, made_at=NOW))


def leaves_a_message(session: Session, call: Call) -> None:
    session.add(Recording(sid="RE1", call_id=call.id, status="completed", made_at=NOW))


def asks_for_a_call(session: Session, call: Call) -> None:
    ticket = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()
    session.add(
        Callback(ticket_id=ticket.id, number=OLENA, language="pl", asked_at=NOW, waited_since=NOW)
    )


def is_taken_in_hand(session: Session, call: Call) -> None:
    session.execute(update(Ticket).values(in_hands_since=NOW))


@pytest.mark.parametrize(
    "unusual", [waits, conversations, leaves_a_message, asks_for_a_call, is_taken_in_hand]
)
def test_of_what_is_unusual_nothing_is_written(session: Session, unusual: Any) -> None:
    opened()
    with transaction() as other:
        unusual(other, call_log.open_call(other, SID, OLENA, NOW))
    assert not ended()
    assert session.scalars(select(Call.status)).all() == [CallStatus.IN_PROGRESS]
    assert session.scalars(select(Ticket.outcome)).all() == [None]


@pytest.mark.parametrize("kind", [None, Kind.COMPLAINT])
def test_where_somebody_must_act_nothing_is_written(session: Session, kind: Kind | None) -> None:
    opened(turns=(TURN, replace(TURN, step=2, kind=kind, credit=Outcome.LEFT_OPEN)))
    assert not ended()
    assert session.scalars(select(Ticket.outcome)).all() == [None]


@pytest.mark.parametrize("status", [s for s in CallStatus if not s.is_final])
def test_what_is_no_end_is_left_to_others(session: Session, status: CallStatus) -> None:
    opened()
    assert not ended(replace(ENDED, status=status))


def test_of_a_call_that_is_not_known_nothing_is_written(session: Session) -> None:
    assert not ended()
    assert session.scalar(select(func.count()).select_from(Call)) == 0


def test_a_turn_that_came_while_the_verdict_was_made_is_not_lost(session: Session) -> None:
    """The call is locked by whoever adds the turn: the end waits, and sees one turn too many."""
    opened()
    with ThreadPoolExecutor(1) as pool:
        with transaction() as other:
            call = call_log.open_call(other, SID, OLENA, NOW)
            ending = pool.submit(ended)
            with pytest.raises(TimeoutError):
                ending.result(0.3)
            call_log.record_turn(other, call, Turn(**vars(LEAF), call_id=call.id))
        assert ending.result(5) is False
    assert session.scalars(select(Call.status)).all() == [CallStatus.IN_PROGRESS]


def test_who_waits_is_seen_by_an_end_that_waited_too(session: Session) -> None:
    opened()
    with ThreadPoolExecutor(1) as pool:
        with transaction() as other:
            call = call_log.open_call(other, SID, OLENA, NOW)
            ending = pool.submit(ended)
            with pytest.raises(TimeoutError):
                ending.result(0.3)
            positions.join(other, call, 2, "clerks", NOW)
        assert ending.result(5) is False
    assert session.scalar(select(func.count()).select_from(Waiting)) == 1
