"""Is the list of tickets still fast with a million of them?

    DATABASE_URL=postgresql+psycopg://…/an_empty_database python bench/search.py [ROWS]

Fills the tables with generated calls, then asks for the first and a later page of every combination
of filters and words, with values that many, few and no tickets have. The slowest are asked again,
for the machine may have been busy with something else: a slow plan stays slow. Prints what remains
slowest, and what an export of all takes; exits with 1 when an answer took over LIMIT_MS or read a
whole table.
"""

import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from random import Random
from time import perf_counter

from sqlalchemy import Engine, Select, func, select, text
from sqlalchemy.orm import Session

import migrations
from callcenter.calendar.deadlines import Span
from callcenter.tickets import export, lookup
from callcenter.tickets.paging import Place
from callcenter.tickets.search import Wanted, tickets_query
from models import Agent, Kind, Status, Ticket, Topic
from models.session import bind

ROWS = 1_000_000
LIMIT_MS = 200
SAMPLED = 1 / 16
ASKED_AGAIN = 200
AGAIN = 5
AGENTS = """
INSERT INTO agents (login, name, role, password, active, created_at, session_salt)
SELECT 'a' || n, 'A' || n, 'agent', 'x', true, now(), 'x' FROM generate_series(1, 20) AS n
"""
CALLS = """
INSERT INTO calls (sid, caller, language, status, status_sequence, opening, started_at)
SELECT 'CA' || md5(n::text),
       CASE WHEN n % 20 = 0 THEN 'withheld'
            ELSE '+48' || (500000000 + (n::bigint * 7919) % 200000) END,
       (ARRAY['pl','pl','pl','pl','pl','pl','pl','pl','en','uk'])[1 + (n * 31) % 10],
       'completed', 1, '{}',
       TIMESTAMPTZ '2024-01-01 00:00+00' + n * INTERVAL '94 seconds'
FROM generate_series(1, :rows) AS n
"""
TICKETS = """
INSERT INTO tickets (number, call_id, kind, topic, status, resolved_during_call, language, caller,
                     opened_at, due_at, assigned_to_id)
SELECT lpad(id::text, 9, '0'), id,
       CASE id % 12 WHEN 0 THEN 'unknown' WHEN 1 THEN 'information' WHEN 2 THEN 'outage'
            WHEN 3 THEN 'service_request' WHEN 4 THEN 'service_request'
            WHEN 5 THEN CASE WHEN id % 600 = 5 THEN 'complaint' ELSE 'service_request' END
            ELSE 'incident' END,
       CASE id % 12 WHEN 0 THEN NULL WHEN 1 THEN 'about' WHEN 2 THEN 'outage'
            WHEN 3 THEN 'pesel_exists' WHEN 4 THEN 'email_change_both_forgotten'
            WHEN 5 THEN 'email_change_basic_forgotten' WHEN 6 THEN 'error_report'
            ELSE 'login_locked' END,
       CASE WHEN id % 12 = 2 THEN 'closed' WHEN id % 12 = 6 AND id % 50 = 0 THEN 'open'
            WHEN id % 5 = 0 THEN 'closed' ELSE 'resolved' END,
       false, language, caller, started_at,
       CASE WHEN id % 12 = 6 AND id % 50 = 0 THEN started_at + INTERVAL '14 days' END,
       CASE WHEN id % 7 = 0 THEN (SELECT min(id) FROM agents) + id % 20 END
FROM calls
"""
# Words as notes have them: one in all notes, one in half of them, in a hundredth, in a ten
# thousandth, and one that was written in the first month alone; the rest are made of numbers.
NOTES = """
INSERT INTO ticket_notes (ticket_id, at, text, change)
SELECT id, opened_at,
       'Dzwonił w sprawie konta' || CASE WHEN id % 2 = 0 THEN ', żółć' ELSE ', faktura' END
       || CASE WHEN id % 100 = 7 THEN ' gęślą' ELSE '' END
       || CASE WHEN id % 10000 = 7 THEN ' jaźń' ELSE '' END
       || CASE WHEN id < 25000 THEN ' dawniej' ELSE '' END
       || ' słowo' || id % 5000 || ' rzecz' || id % 700 || ' osoba' || id % 30000, '{}'
FROM tickets ORDER BY id
"""
WORDS = ["sprawie", "zolc", "gesla", "jazn", "dawniej", "slowo77", "nigdzie", "zolc sprawie konta"]
VALUES: dict[str, list[object]] = {
    "caller": [None, "+48500007919", "withheld", "+48999999999"],
    "status": [None, Status.OPEN, Status.RESOLVED],
    "topic": [None, Topic.LOGIN_LOCKED, Topic.OUTAGE, Topic.BOTH_PASSWORDS_FORGOTTEN],
    "kind": [None, Kind.INCIDENT, Kind.COMPLAINT, Kind.CLARIFICATION],
    "language": [None, "pl", "uk"],
    "day": [None, date(2024, 3, 31), date(2019, 1, 1)],
}
BOX = ["1234", "0000", "987654", "8500", "500007919", "log-in", "A7", "zolc sprawie"]
BOARDS = [
    Span(None, datetime(2026, 11, 1, tzinfo=UTC)),
    Span(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)),
]
LATER = Place(datetime(2024, 6, 1, tzinfo=UTC), 10**9)


def main() -> int:
    engine = bind(os.environ["DATABASE_URL"])
    fill(engine, int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    with Session(engine) as session:
        slow = _one_box(session)
        _export(session)
        found = sorted(measured(session), key=lambda each: -each[0])
        again = [(_best(session, *each), *each[1:]) for each in found[:ASKED_AGAIN]]
        found = sorted([*again, *found[ASKED_AGAIN:]], key=lambda each: -each[0])
    for took, whole, wanted, after in found[:15]:
        print(f"{took:7.1f} ms {'WHOLE TABLE ' if whole else ''}{wanted} after={after}")
    times = [each[0] for each in found]
    middle = times[len(times) // 2]
    print(f"{len(found)} questions: median {middle:.1f} ms, slowest {times[0]:.1f} ms")
    return int(slow > LIMIT_MS or times[0] > LIMIT_MS or any(each[1] for each in found))


def fill(engine: Engine, rows: int) -> None:
    migrations.upgrade(os.environ["DATABASE_URL"])
    with engine.begin() as connection:
        if connection.scalar(text("SELECT count(*) FROM (SELECT FROM tickets LIMIT 1) AS t")):
            return
        connection.execute(text(AGENTS))
        connection.execute(text(CALLS), {"rows": rows})
        connection.execute(text(TICKETS))
        connection.execute(text(NOTES))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE calls, tickets, ticket_words"))


def measured(session: Session) -> Iterator[tuple[float, bool, Wanted, Place | None]]:
    for wanted in _questions(session):
        for after in (None, LATER):
            query = tickets_query(wanted, after, 50)
            yield _time(session, query), _reads_all(session, query), wanted, after


def _questions(session: Session) -> Iterator[Wanted]:
    """Each combination; a sample of them also for one of the desk, and on the boards."""
    somebody = session.scalar(select(func.min(Agent.id)))
    chosen = Random(11)
    for words, *values in _combinations():
        wanted = Wanted(words=words, **dict(zip(VALUES, values, strict=True)))  # type: ignore[arg-type]
        yield wanted
        if chosen.random() < SAMPLED:
            yield replace(wanted, assigned_to=somebody)
        if chosen.random() < SAMPLED:
            yield replace(wanted, due=chosen.choice(BOARDS), status=None)


def _one_box(session: Session) -> float:
    """The slowest answer of the desk's one search box, in ms, each asked AGAIN times."""
    topics = {Topic.LOGIN_LOCKED: ["log-in locked"], Topic.OUTAGE: ["outage"]}
    slowest = 0.0
    for typed in BOX:
        took = []
        for _ in range(AGAIN):
            began = perf_counter()
            lookup.find(session, typed, topics, parts_of_callers=True)
            took.append((perf_counter() - began) * 1000)
        print(f"{min(took):7.1f} ms one box: {typed}")
        slowest = max(slowest, min(took))
    return slowest


def _best(
    session: Session, took: float, _whole: bool, wanted: Wanted, after: Place | None
) -> float:
    query = tickets_query(wanted, after, 50)
    return min(took, *(_time(session, query) for _ in range(AGAIN)))


def _export(session: Session) -> None:
    """All tickets as a CSV, thrown away as it comes."""
    before, began = _memory_mb(), perf_counter()
    head = [*export.COLUMNS]
    size = sum(len(piece) for piece in export.as_csv(head, _exported(session)))
    took, more = perf_counter() - began, _memory_mb() - before
    print(f"an export of all: {size / 2**20:.0f} MB in {took:.0f} s, {more:.0f} MB of memory more")


def _exported(session: Session) -> Iterator[list[export.Cell]]:
    return export.rows(session, Wanted(), True, lambda _name, value: str(value))


def _memory_mb() -> float:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _time(session: Session, query: Select[Ticket]) -> float:
    started = perf_counter()
    session.scalars(query).all()
    return (perf_counter() - started) * 1000


def _combinations() -> Iterator[tuple[str | None, ...]]:
    """Every combination of filters; with each word a sample of them, the same in each run."""
    chosen = Random(47)
    for combination in product([None, *WORDS], *VALUES.values()):
        if combination[0] is None or chosen.random() < SAMPLED:
            yield combination  # type: ignore[misc]


def _reads_all(session: Session, query: Select[Ticket]) -> bool:
    dialect = session.get_bind().dialect
    asked = query.compile(dialect=dialect)
    plan = session.connection().exec_driver_sql("EXPLAIN " + str(asked), asked.params)
    return any("Seq Scan" in line for line in plan.scalars())


if __name__ == "__main__":
    sys.exit(main())
