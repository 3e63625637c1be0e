"""Transactions on a database that is there, gone, hanging, or takes no rows."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import psutil
import pytest
from sqlalchemy import Engine, text

from config import Settings
from installation.home import Home
from models import session as sessions
from models.session import DatabaseAway, at_once, transaction
from models.statement import Statement
from models.watchdog import watched

SLOW = Statement("SELECT 1 FROM pg_sleep(0.02)")


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A PostgreSQL of this test's own, which may be mistreated."""
    home = Home(tmp_path_factory.mktemp("own"))
    with home.servers(durable=False):
        yield home


@pytest.fixture
def engine(own_server: Home) -> Iterator[Engine]:
    engine = sessions.bind(own_server.database_url)
    yield engine
    engine.dispose()


def postmaster(home: Home) -> int:
    return int((home.path / "postgres" / "postmaster.pid").read_text().split()[0])


def ask(limit_s: float = 1.0) -> int:
    with transaction(limit_s) as session:
        return int(session.execute(text("SELECT 1")).scalar_one())


def test_a_database_that_is_there(database: Engine) -> None:
    assert ask() == 1


def test_an_answer_that_takes_too_long_is_cut(database: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseAway), transaction(0.5) as session:
        session.execute(text("SELECT pg_sleep(20)"))
    assert time.monotonic() - began < 10
    assert ask() == 1


def test_a_database_that_is_read_only(database: Engine) -> None:
    with pytest.raises(DatabaseAway), transaction(1) as session:
        session.execute(text("SET TRANSACTION READ ONLY; CREATE TABLE never (id int)"))


@pytest.mark.parametrize(
    "state", ["53100", "53300", "57P01", "57P02", "57P03", "25006", "58030", "XX000", "XX001"]
)
def test_a_server_that_is_full_or_going_down_is_away(database: Engine, state: str) -> None:
    with pytest.raises(DatabaseAway), transaction(1) as session:
        session.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))


def test_a_server_that_takes_connections_and_says_nothing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / ".s.PGSQL.5432"))
        silent.listen()
        url = f"postgresql+psycopg://postgres@/centrala?host={tmp_path}&port=5432"
        engine = sessions.bind(url)
        began = time.monotonic()
        with pytest.raises(DatabaseAway):
            ask(1.0)
        assert time.monotonic() - began < 10
        engine.dispose()


def test_a_fault_of_our_own_is_not_called_an_absence(database: Engine) -> None:
    with pytest.raises(Exception, match="no_such_table") as fault, transaction(1) as session:
        session.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(fault.value, DatabaseAway)


def test_a_server_that_hangs_costs_no_more_than_the_limit(own_server: Home, engine: Engine) -> None:
    assert ask() == 1
    stopped = [postmaster(own_server), *backends(own_server)]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(DatabaseAway):
            ask(1.0)
        assert time.monotonic() - began < 10
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    assert ask(2.0) == 1


@pytest.mark.parametrize("way", ["a statement", "a transaction"])
def test_a_server_that_crashes_is_away_until_it_is_back(
    own_server: Home, engine: Engine, way: str
) -> None:
    """The death of one backend ends all: PostgreSQL trusts no memory that it may have spoilt."""
    answers: dict[str, Callable[[], object]] = {
        "a statement": lambda: at_once(SLOW, {}, 5.0),
        "a transaction": lambda: ask(5.0),
    }
    over = Event()

    def asks() -> int:
        answered = 0
        while not over.is_set():
            with suppress(DatabaseAway):
                answers[way]()
                answered += 1
        return answered

    with ThreadPoolExecutor(4) as callers:
        asking = [callers.submit(asks) for _ in range(4)]
        for _ in range(5):
            time.sleep(1)
            serving = [one for one in backends(own_server) if _serves_a_client(one)]
            os.kill(serving[0], signal.SIGKILL)
        time.sleep(1)
        over.set()
        assert all(one.result(30) for one in asking)
    assert ask(5.0) == 1


def _serves_a_client(process: int) -> bool:
    return "[local]" in " ".join(psutil.Process(process).cmdline())


def backends(home: Home) -> list[int]:
    parent = postmaster(home)
    children = f"/proc/{parent}/task/{parent}/children"
    with open(children) as file:  # noqa: PTH123
        return [int(child) for child in file.read().split()]


def test_a_server_that_was_started_again_is_found(database: Engine, settings: Settings) -> None:
    assert ask() == 1
    with transaction() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    time.sleep(sessions.IDLE_S + 0.1)
    assert ask() == 1


def test_a_watch_that_ended_in_time_cuts_nothing(database: Engine) -> None:
    with transaction() as session:
        connection = session.connection().connection.driver_connection
        with watched(connection, 0.2) as watch:
            pass
        time.sleep(0.4)
        assert not watch.cut
        assert session.execute(text("SELECT 1")).scalar_one() == 1
