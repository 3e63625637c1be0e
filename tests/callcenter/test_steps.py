"""A step written by one statement: the same rows as in a transaction, or none."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from callcenter.calls import call_log, steps
from callcenter.calls.call_log import StatusEvent
from callcenter.calls.steps import NewTurn
from callcenter.tickets import lifecycle
from models import Call, CallStatus, Kind, Outcome, Recording, Ticket, Topic, Turn
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
TURN = NewTurn(1, NOW, "main/welcome", "1", "pressed", "login/menu", "pl", spoken=["login-menu"])
LEAF = replace(TURN, step=2, topic=Topic.BASIC_PASSWORD_FORGOTTEN)
ask = partial(at_once, limit_s=20.0)


@pytest.fixture(autouse=True)
def session(database: Engine) -> Iterator[Session]:
    with Session(database) as session:
        yield session


def opened(sid: str = SID, caller: str = OLENA) -> str | None:
    return steps.open_call(ask, sid, caller, NOW, OPENING)


def add(turn: NewTurn, changes_language: bool = False) -> bool:
    return steps.add_turn(ask, SID, turn, changes_language)


def the_ticket(session: Session) -> Ticket:
    session.expire_all()
    return session.scalars(select(Ticket)).one()


def test_opening_leaves_what_a_transaction_leaves(session: Session) -> None:
    assert opened() == "pl"
    with transaction() as other:
        second = call_log.open_call(other, "CA2", OLENA, NOW)
        call_log.answered(other, second, dict(OPENING))
    rows = [
        {
            name: value
            for name, value in row._mapping.items()
            if name not in ("id", "sid", "number", "call_id")
        }
        for table in (Call, Ticket)
        for row in session.execute(select(table.__table__).order_by("id"))
    ]
    assert rows[0] == rows[1]
    assert rows[2] == rows[3]


def test_a_call_is_opened_once(session: Session) -> None:
    assert [opened(), opened()] == ["pl", None]
    assert session.scalar(select(func.count()).select_from(Ticket)) == 1


@pytest.mark.parametrize("caller", [OLENA, "sip:olena@example.org", "withheld"])
def test_the_language_is_the_last_one_of_somebody_known(session: Session, caller: str) -> None:
    opened("CA0", caller)
    session.execute(update(Call).values(language="uk"))
    session.commit()
    expected = "pl" if caller == "withheld" else "uk"
    assert opened(caller=caller) == expected
    call = session.scalars(select(Call).where(Call.sid == SID)).one()
    assert (call.language, call.opening["language"]) == (expected, expected)


def test_a_number_that_is_taken_is_not_given_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(["100000009"] * 8 + ["100000009"] * 7 + ["200000008"] + ["100000009"] * 8)
    monkeypatch.setattr(steps, "new_number", lambda: next(numbers))
    assert [opened("CA1"), opened("CA2"), opened("CA3")] == ["pl", "pl", None]
    assert session.scalar(select(func.count()).select_from(Call)) == 2


def test_a_turn_is_added_once(session: Session) -> None:
    opened()
    assert [add(TURN), add(replace(TURN, input="2"))] == [True, False]
    assert session.scalars(select(Turn.input)).all() == ["1"]


def test_a_leaf_moves_the_ticket_as_the_judge_would(session: Session) -> None:
    opened()
    assert add(TURN)
    assert add(LEAF)
    moved = the_ticket(session)
    assert (moved.topic, moved.kind) == (Topic.BASIC_PASSWORD_FORGOTTEN, Kind.INFORMATION)
    with transaction() as other:
        lifecycle.settle(other, other.scalars(select(Call)).one())
    judged = the_ticket(session)
    assert (judged.topic, judged.kind) == (moved.topic, moved.kind)


def test_a_language_moves_call_and_ticket(session: Session) -> None:
    opened()
    assert not add(replace(TURN, language="en"))
    assert add(replace(TURN, language="en"), changes_language=True)
    assert the_ticket(session).language == "en"
    assert session.scalars(select(Call.language)).one() == "en"


def test_what_a_person_took_in_hand_keeps_its_topic(session: Session) -> None:
    opened()
    session.execute(update(Ticket).values(in_hands_since=NOW))
    session.commit()
    assert add(replace(LEAF, language="uk"), changes_language=True)
    assert (the_ticket(session).topic, the_ticket(session).language) == (None, "uk")


@pytest.mark.parametrize(
    "earlier",
    [
        {"kind": Kind.COMPLAINT},
        {"credit": Outcome.LEFT_OPEN},
        {"credit": Outcome.INTERNAL},
        {"step": 9},
    ],
)
def test_where_other_turns_have_a_say_nothing_is_written(
    session: Session, earlier: dict[str, Any]
) -> None:
    opened()
    call_id = session.scalars(select(Call.id)).one()
    session.add(Turn(**vars(replace(TURN, **earlier)), call_id=call_id))
    session.commit()
    assert not add(LEAF)
    assert session.scalar(select(func.count()).select_from(Turn)) == 1


def test_where_a_message_was_left_nothing_is_written(session: Session) -> None:
    opened()
    call_id = session.scalars(select(Call.id)).one()
    session.add(Recording(sid="RE1", call_id=call_id, status="completed", made_at=NOW))
    session.commit()
    assert not add(LEAF)


def test_calls_that_are_over_or_unknown_take_no_turn_here(session: Session) -> None:
    assert not add(TURN)
    opened()
    with transaction() as other:
        call = other.scalars(select(Call)).one()
        call_log.apply_status(other, call, StatusEvent(CallStatus.COMPLETED, 1, NOW))
    assert not add(TURN)


def test_a_turn_waits_for_whoever_ends_the_call(session: Session) -> None:
    opened()
    with ThreadPoolExecutor(1) as pool:
        with transaction() as other:
            call = call_log.open_call(other, SID, OLENA, NOW)
            adding = pool.submit(add, TURN)
            with pytest.raises(TimeoutError):
                adding.result(0.3)
            call_log.apply_status(other, call, StatusEvent(CallStatus.COMPLETED, 1, NOW))
        assert adding.result(5) is False
    assert session.scalar(select(func.count()).select_from(Turn)) == 0
