"""Both ways of answering a step, by one statement and in a transaction, say and log the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select

from callcenter.calls import call_log, endings
from callcenter.calls.call_log import StatusEvent
from ivr import conversation
from ivr.flows import SCRIPT
from ivr.line import Line
from ivr.nodes import Ask, Menu, Record, Say, Talk, Transfer, Wait
from ivr.proof import states
from ivr.ring import Ring
from ivr.script import Place
from ivr.transitions import Position, Received
from models import Call, CallStatus, Ticket, Turn
from models.session import at_once, transaction

LINE = Line({"pl": "Polly.Ola-Neural", "en": "Polly.Amy-Neural", "uk": "Google.uk-UA-Standard-A"})
NOW = datetime(2026, 6, 8, 10, 0, tzinfo=UTC)
RING = Ring("CA" + "1" * 32, "+48501234567", NOW)
WELCOME = Position("pl", Place("main", "welcome"), since=int(NOW.timestamp()))
MENU = replace(WELCOME, place=Place("login", "menu"), step=2)
GUIDANCE = replace(MENU, place=Place("login", "basic_forgotten"), step=3)
OVER = StatusEvent(CallStatus.COMPLETED, 1, NOW + timedelta(minutes=1), 60)
ask = partial(at_once, limit_s=20.0)


def steps(*answers: tuple[Position, str]) -> list[tuple[Position, Received]]:
    return [(at, Received(key)) for at, key in answers]


@pytest.mark.parametrize(
    "answers",
    [
        steps((WELCOME, "*")),
        steps((WELCOME, "*"), (replace(WELCOME, step=2), "*")),
        steps((WELCOME, "1"), (MENU, "*")),
        steps((WELCOME, "1"), (MENU, "2"), (GUIDANCE, "*")),
        steps((WELCOME, "6"), (replace(WELCOME, step=2, tries=1), "*")),
        steps((WELCOME, "8"), (replace(WELCOME, language="en", step=2), "*")),
        steps(
            (WELCOME, ""), (replace(WELCOME, step=2, tries=1), "1"), (replace(MENU, step=3), "9")
        ),
    ],
)
def test_it_is_the_same(database: Engine, answers: list[tuple[Position, Received]]) -> None:
    other = replace(RING, sid="CA2", caller="+48501234568")
    first = conversation.begin_at_once(ask, LINE, RING)
    with transaction() as session:
        assert first == conversation.begin(session, LINE, other)
    for at, came in answers:
        said = conversation.proceed_at_once(ask, LINE, RING, at, came)
        with transaction() as session:
            assert said == conversation.proceed(session, LINE, other, at, came)
    assert logged(RING) == logged(other)


def logged(ring: Ring) -> list[dict[str, object]]:
    with transaction() as session:
        of_call = select(Turn.__table__).join(Call).where(Call.sid == ring.sid)
        found = session.execute(of_call.order_by(Turn.step))
        return [{n: v for n, v in r._mapping.items() if n not in ("id", "call_id")} for r in found]


def test_of_an_unknown_call_nothing_is_said_again_at_once(database: Engine) -> None:
    assert conversation.proceed_at_once(ask, LINE, RING, MENU, Received("*")) is None


# Requests that one statement can never do, by the kind of node that the caller stands at, and why.
# All others may be done by either way; docs/adr/0050-one-statement-a-step.md has the same table.
NEEDS_ROWS = {
    Transfer: "who waits is a row",
    Wait: "who waits is a row",
    Talk: "the conversation is a row",
}


def test_every_answer_of_the_script_is_the_same_by_both_ways(database: Engine) -> None:
    """Each place of the script with each thing that can come in, and then the end of the call."""
    began, by_one_statement, ended_by_one_statement = 0, set[type](), 0
    for state, ways in states.explore(SCRIPT, step=2).items():
        for came in {way.came for way in ways} if _is_tried(state) else ():
            began += 1
            node = type(SCRIPT.node(state.place))
            first, second = (_opened(f"{way}{began}", began) for way in "fs")
            at = Position("pl", state.place, 2, state.tries, int(NOW.timestamp()))
            said = conversation.proceed_at_once(ask, LINE, first, at, came)
            if said is None:
                continue
            assert node not in NEEDS_ROWS, (state, came)
            by_one_statement.add(node)
            with transaction() as session:
                assert said == conversation.proceed(session, LINE, second, at, came), (state, came)
            assert logged(first) == logged(second), (state, came)
            assert ticket_of(first) == ticket_of(second), (state, came)
            if endings.end_call(ask, first.sid, OVER):
                ended_by_one_statement += 1
                with transaction() as session:
                    call = call_log.open_call(session, second.sid, second.caller, NOW)
                    call_log.apply_status(session, call, OVER)
                assert ticket_of(first) == ticket_of(second), (state, came)
    assert by_one_statement == {Menu, Say, Ask, Record}
    assert ended_by_one_statement


def _is_tried(state: states.State) -> bool:
    """One language, and of unusable answers in a row none or the last that is allowed."""
    return state.language == "pl" and state.tries != 1


def _opened(sid: str, number: int) -> Ring:
    ring = replace(RING, sid=sid, caller=f"+4850{number:07}")
    assert conversation.begin_at_once(ask, LINE, ring)
    return ring


def ticket_of(ring: Ring) -> list[object]:
    """What the answer made of the call's ticket."""
    with transaction() as session:
        found = session.scalars(
            select(Ticket).join(Call, Ticket.call_id == Call.id).where(Call.sid == ring.sid)
        ).one()
        return [found.topic, found.kind, found.language, found.status, found.outcome, found.due_at]
