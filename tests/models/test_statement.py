"""One statement that is its own transaction, at a database that is there, gone, or slow."""

import time

import psycopg
import pytest
from sqlalchemy import Engine, text

from models.session import DatabaseAway, at_once, transaction

END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def ask() -> int | None:
    row = at_once("SELECT %(number)s::int", {"number": 7}, 20.0)
    return row[0] if row else None


def test_the_first_row_is_answered(database: Engine) -> None:
    assert ask() == 7
    assert at_once("SELECT WHERE false", {}, 20.0) is None


def test_what_was_done_is_kept(database: Engine) -> None:
    with transaction() as session:
        session.execute(text("CREATE TABLE kept (id int PRIMARY KEY)"))
    try:
        added = "INSERT INTO kept VALUES (%(id)s) RETURNING id"
        assert at_once(added, {"id": 1}, 20.0) == (1,)
        assert at_once(added, {"id": 1}, 20.0) is None
        with transaction() as session:
            assert session.scalar(text("SELECT count(*) FROM kept")) == 1
    finally:
        with transaction() as session:
            session.execute(text("DROP TABLE kept"))


def test_a_connection_lost_while_idle_costs_no_answer(database: Engine) -> None:
    assert ask() == 7
    with transaction() as session:
        session.execute(END_OTHERS)
    assert ask() == 7


def test_an_answer_that_takes_too_long_is_cut(database: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseAway):
        at_once("SELECT pg_sleep(20)", {}, 0.5)
    assert time.monotonic() - began < 3
    assert ask() == 7


def test_a_fault_of_our_own_is_not_called_an_absence(database: Engine) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        at_once("SELECT * FROM no_such_table", {}, 20.0)
    assert ask() == 7
