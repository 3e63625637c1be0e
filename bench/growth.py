"""Does a step, or a search, become slower as the tickets become more?"""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.search import CALLS, TICKETS
from callcenter.calls import steps
from callcenter.calls.steps import NewTurn
from callcenter.tickets.search import Wanted, tickets_query
from models import Status, Topic, session

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
TURNS = """
INSERT INTO turns (call_id, step, at, node, input, result, leads_to, language, tries, spoken, says)
SELECT id, step, started_at, 'main/welcome', '1', 'pressed', 'login/menu', language, 0, '[]', '{}'
FROM calls, generate_series(1, 2) AS step WHERE calls.id > :above
"""
SEARCHES = (
    Wanted(),
    Wanted(status=Status.OPEN),
    Wanted(topic=Topic.LOGIN_LOCKED, language="uk"),
    Wanted(caller="+48500007919"),
)
TIMES = 300


def measured(engine: Engine, largest: int) -> Iterator[tuple[float, ...]]:
    """For each size: tickets, and the median ms of opening a call, of a step and of a search."""
    for size in (size for size in SIZES if size <= largest):
        _fill(engine, size)
        yield size, *(statistics.median(_times(act)) for act in _acts(engine))


def _fill(engine: Engine, size: int) -> None:
    """Generated calls with their tickets and two turns each, until there are `size` of them."""
    with engine.begin() as connection:
        above = connection.scalar(text("SELECT coalesce(max(id), 0) FROM calls")) or 0
        there = connection.scalar(text("SELECT count(*) FROM tickets")) or 0
        marked = CALLS.replace("'CA' || md5(n::text)", f"'CA' || md5(n::text || '{size}')")
        connection.execute(text(marked), {"rows": max(size - there, 0)})
        connection.execute(text(f"{TICKETS} WHERE id > {above}"))
        connection.execute(text(TURNS), {"above": above})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE calls, tickets, turns"))
        connection.execute(text("CHECKPOINT"))


def _acts(engine: Engine) -> Iterator[Callable[[], object]]:
    ask = partial(session.at_once, limit_s=20.0)
    opening = {"leads_to": "main/welcome", "spoken": ["main-greeting"], "says": {}}
    sids = [f"CA{secrets.token_hex(16)}" for _ in range(TIMES)]
    new, again = iter(sids), iter(sids)
    turn = NewTurn(
        step=1,
        at=datetime.now(UTC),
        node="main/welcome",
        input="1",
        result="pressed",
        leads_to="login/menu",
        language="pl",
        spoken=["login-menu"],
    )

    def search() -> None:
        with Session(engine) as rows:
            for wanted in SEARCHES:
                rows.scalars(tickets_query(wanted, None, 50)).all()

    yield lambda: steps.open_call(ask, next(new), "withheld", datetime.now(UTC), opening)
    yield lambda: steps.add_turn(ask, next(again), turn, False)
    yield search


def _times(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return times
