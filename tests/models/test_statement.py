"""One statement that is its own transaction, at a database that is there, gone, or slow."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Engine, text

from models.session import DatabaseAway, at_once, transaction
from models.statement import Row, Statement

END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


SEVEN = Statement("SELECT %(number)s::int, NULL, 'seven'")
SLOW = Statement("SELECT pg_sleep(20)")
NONE = Statement("SELECT WHERE false")
UNKNOWN = Statement("SELECT * FROM no_such_table")
ADD = Statement("INSERT INTO kept VALUES (%(id)s, %(at)s, %(words)s) RETURNING id")
READ = Statement("SELECT at, words FROM kept WHERE id = %(id)s")


def ask() -> Row | None:
    return at_once(SEVEN, {"number": 7}, 20.0)


ANSWER = [b"7", None, b"seven"]


@pytest.fixture
def kept(database: Engine) -> Iterator[None]:
    with transaction() as session:
        session.execute(text("CREATE TABLE kept (id int PRIMARY KEY, at timestamptz, words text)"))
    yield
    with transaction() as session:
        session.execute(text("DROP TABLE kept"))


def test_the_first_row_is_answered(database: Engine) -> None:
    assert ask() == ANSWER
    assert at_once(NONE, {}, 20.0) is None


def test_what_was_done_is_kept(kept: None) -> None:
    at = datetime(2026, 6, 8, 10, 0, 0, 120000, tzinfo=UTC)
    words = "Zażółć 'gęślą' jaźń \\ \n"
    row = {"id": 1, "at": at, "words": words}
    assert at_once(ADD, row, 20.0) == [b"1"]
    assert at_once(ADD, row, 20.0) is None
    assert at_once(READ, row, 20.0) == [b"2026-06-08 10:00:00.12+00", words.encode()]


def test_what_stands_behind_another_is_done_if_that_found_a_row(kept: None) -> None:
    behind_none = Statement("INSERT INTO kept VALUES (1) RETURNING id", behind=NONE)
    behind_one = Statement("INSERT INTO kept VALUES (1) RETURNING id", behind=SEVEN)
    assert at_once(behind_none, {}, 20.0) is None
    assert at_once(behind_one, {"number": 7}, 20.0) == [b"1"]
    assert at_once(behind_one, {"number": 7}, 20.0) is None
    assert ask() == ANSWER


def test_what_stands_behind_another_sees_what_came_before_its_lock(kept: None) -> None:
    lock = Statement("SELECT FROM kept WHERE id = 1 FOR UPDATE")
    counted = Statement("SELECT count(*) FROM kept", behind=lock)
    at_once(ADD, {"id": 1, "at": None, "words": None}, 20.0)
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            session.execute(text("SELECT FROM kept WHERE id = 1 FOR UPDATE"))
            counting = pool.submit(at_once, counted, {}, 20.0)
            with pytest.raises(TimeoutError):
                counting.result(0.3)
            session.execute(text("INSERT INTO kept VALUES (2)"))
        assert counting.result(10) == [b"2"]


def test_a_connection_lost_while_idle_costs_no_answer(database: Engine) -> None:
    assert ask() == ANSWER
    with transaction() as session:
        session.execute(END_OTHERS)
    assert ask() == ANSWER


def test_an_answer_that_takes_too_long_is_cut(database: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseAway):
        at_once(SLOW, {}, 0.5)
    assert time.monotonic() - began < 10
    assert ask() == ANSWER


def test_a_fault_of_our_own_is_not_called_an_absence(database: Engine) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        at_once(UNKNOWN, {}, 20.0)
    assert ask() == ANSWER


def test_a_migration_under_a_prepared_statement_is_followed(kept: None) -> None:
    every = Statement("SELECT * FROM kept")
    assert at_once(ADD, {"id": 1, "at": None, "words": "a"}, 20.0)
    assert at_once(every, {}, 20.0) == [b"1", None, b"a"]
    with transaction() as session:
        session.execute(text("ALTER TABLE kept ALTER COLUMN id TYPE text"))
    for _ in range(2):
        assert at_once(every, {}, 20.0) == [b"1", None, b"a"]
