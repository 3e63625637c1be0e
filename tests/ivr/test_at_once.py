"""Both ways of answering a step, by one statement and in a transaction, say and log the same."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, select

from ivr import conversation
from ivr.line import Line
from ivr.ring import Ring
from ivr.script import Place
from ivr.transitions import Position, Received
from models import Call, Turn
from models.session import at_once, transaction

LINE = Line({"pl": "Polly.Ola-Neural", "en": "Polly.Amy-Neural", "uk": "Google.uk-UA-Standard-A"})
NOW = datetime(2026, 6, 8, 10, 0, tzinfo=UTC)
RING = Ring("CA" + "1" * 32, "+48501234567", NOW)
WELCOME = Position("pl", Place("main", "welcome"), since=int(NOW.timestamp()))
MENU = replace(WELCOME, place=Place("login", "menu"), step=2)
GUIDANCE = replace(MENU, place=Place("login", "basic_forgotten"), step=3)
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
