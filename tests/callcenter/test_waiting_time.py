"""How long a caller is told to wait: by who is there, and by how long a call lately took."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from callcenter.queue import positions
from callcenter.tickets.ticket_numbers import new_number
from models import (
    Agent,
    Away,
    Call,
    CallStatus,
    Conversation,
    Device,
    Left,
    Leg,
    Presence,
    Purpose,
    Role,
    State,
    Status,
    Topic,
    Waiting,
)
from models.session import transaction
from tests.console import scenes

NOW = scenes.MONDAY
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    with transaction() as session:
        yield session


def _sits(
    session: Session,
    login: str,
    state: State = State.ON_CALL,
    languages: tuple[str, ...] = ("pl",),
    topics: tuple[str, ...] = (),
    seen_at: datetime = NOW,
) -> Agent:
    agent = Agent(
        login=login,
        name=login,
        role=Role.AGENT,
        password="x",
        active=True,
        created_at=NOW,
        session_salt="x",
        languages=list(languages),
        topics=list(topics),
        device=Device.BROWSER,
    )
    session.add(agent)
    session.flush()
    session.add(
        Presence(
            agent_id=agent.id,
            state=state,
            away=Away.BREAK if state is State.AWAY else None,
            since=NOW,
            idle_since=NOW,
            seen_at=seen_at,
        )
    )
    session.flush()
    return agent


def _waits(session: Session, language: str = "pl", topic: Topic = Topic.LOGIN_LOCKED) -> Waiting:
    call = scenes.call(session, at=NOW, language=language)
    call.status, call.ended_at = CallStatus.IN_PROGRESS, None
    scenes.ticket(session, call, new_number(), Status.OPEN, topic)
    positions.join(session, call, 2, "consultants", NOW)
    session.flush()
    return session.query(Waiting).filter_by(call_id=call.id).one()


def _talked(
    session: Session,
    agent: Agent,
    ago: timedelta,
    conversation: timedelta,
    paperwork: timedelta | None,
) -> None:
    """A call that was taken `ago`; it goes on where there is no `paperwork` yet."""
    began = NOW - ago
    call = scenes.call(session, at=began)
    ticket = scenes.ticket(session, call, new_number(), Status.OPEN)
    wait = scenes.waiting(session, call, Topic.LOGIN_LOCKED, began)
    scenes.left(wait, Left.BRIDGED, began)
    session.flush()
    row = Conversation(
        room=f"room-{wait.id}",
        ticket_id=ticket.id,
        call_id=call.id,
        waiting_id=wait.id,
        made_at=began,
        began_at=began,
    )
    session.add(row)
    session.flush()
    ended = None if paperwork is None else began + conversation
    ticket.in_hands_since = ended + paperwork if ended and paperwork is not None else None
    session.add(
        Leg(
            talk_id=row.id,
            agent_id=agent.id,
            purpose=Purpose.TAKE,
            asked_at=began,
            joined_at=began,
            ended_at=ended,
        )
    )
    session.flush()


def _told(session: Session, waiting: Waiting) -> tuple[int, int | None]:
    standing = positions.position_of(session, session.get_one(Call, waiting.call_id), NOW)
    assert standing
    return standing.place, standing.minutes


def _calls_of_four_minutes(session: Session, agent: Agent) -> None:
    for number in range(1, 4):
        _talked(session, agent, 8 * number * A_MINUTE, 3 * A_MINUTE, A_MINUTE)


@pytest.mark.parametrize(("people", "minutes"), [(1, 4), (2, 2), (3, 2), (4, 1)])
def test_more_people_more_hope(session: Session, people: int, minutes: int) -> None:
    ania = _sits(session, "ania")
    for number in range(people - 1):
        _sits(session, f"p{number}", State.WRAPPING_UP)
    _calls_of_four_minutes(session, ania)
    assert _told(session, _waits(session)) == (1, minutes)


def test_the_place_counts(session: Session) -> None:
    _calls_of_four_minutes(session, _sits(session, "ania"))
    rows = [_waits(session) for _ in range(3)]
    assert [_told(session, row) for row in rows] == [(1, 4), (2, 8), (3, 12)]


def test_whoever_is_free_comes_at_once(session: Session) -> None:
    _calls_of_four_minutes(session, _sits(session, "ania"))
    _sits(session, "tomek", State.AVAILABLE)
    rows = [_waits(session) for _ in range(3)]
    assert [_told(session, row) for row in rows] == [(1, 0), (2, 2), (3, 4)]


@pytest.mark.parametrize(
    "other",
    [
        {"state": State.AWAY},
        {"languages": ("en", "uk")},
        {"topics": (Topic.ABOUT.value,)},
        {"seen_at": NOW - A_MINUTE},
    ],
)
def test_who_could_not_take_the_call_gives_no_hope(
    session: Session, other: dict[str, object]
) -> None:
    _calls_of_four_minutes(session, _sits(session, "ania"))
    _sits(session, "tomek", **other)  # type: ignore[arg-type]
    assert _told(session, _waits(session)) == (1, 4)


def test_nothing_is_said_where_nobody_is_there(session: Session) -> None:
    _calls_of_four_minutes(session, _sits(session, "ania", State.AWAY))
    assert _told(session, _waits(session)) == (1, None)


def test_nothing_is_said_where_too_little_is_known(session: Session) -> None:
    ania = _sits(session, "ania")
    _talked(session, ania, 20 * A_MINUTE, 3 * A_MINUTE, A_MINUTE)
    _talked(session, ania, 10 * A_MINUTE, 3 * A_MINUTE, A_MINUTE)
    assert _told(session, _waits(session)) == (1, None)


@pytest.mark.parametrize("ago", [timedelta(hours=3), timedelta(days=6), timedelta(days=27)])
def test_a_quiet_line_looks_further_back(session: Session, ago: timedelta) -> None:
    ania = _sits(session, "ania")
    for number in range(3):
        _talked(session, ania, ago + number * 8 * A_MINUTE, 3 * A_MINUTE, A_MINUTE)
    assert _told(session, _waits(session)) == (1, 4)


def test_what_is_told_is_what_comes(session: Session) -> None:
    """Four people take calls of four minutes, begun a minute apart: one is free every minute."""
    people = [_sits(session, f"p{number}") for number in range(4)]
    for number, agent in enumerate(people):
        for before in range(1, 7):
            _talked(session, agent, (number + 4 * before) * A_MINUTE, 4 * A_MINUTE, 0 * A_MINUTE)
        _talked(session, agent, number * A_MINUTE, 4 * A_MINUTE, None)
    told = [_told(session, _waits(session)) for _ in range(8)]
    for place, minutes in told:
        assert minutes is not None
        assert place <= minutes <= place + 1


def test_a_long_talk_is_not_forgotten_before_it_is_over(session: Session) -> None:
    ania = _sits(session, "ania")
    _calls_of_four_minutes(session, ania)
    _talked(session, ania, 27 * A_MINUTE, 27 * A_MINUTE, None)
    assert _told(session, _waits(session)) == (1, 13)


def test_an_answer_the_day_after_is_no_paperwork_of_the_call(session: Session) -> None:
    ania = _sits(session, "ania")
    for number in range(1, 4):
        _talked(session, ania, 8 * number * A_MINUTE, 3 * A_MINUTE, timedelta(days=1))
    assert _told(session, _waits(session)) == (1, 8)
