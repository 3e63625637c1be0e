"""Real servers for the tests: one PostgreSQL and one Redis a run, a database a worker.

The process that is asked for the tests starts the servers and stops them; the workers that it
starts find them through the environment. Each test that touches rows finds none.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

import migrations
from config import Settings
from home import Home
from models import Base

TEST_HOME = "CENTRALA_TEST_HOME"
PUBLIC_URL = "https://centrala.example.org"

_running = ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    if TEST_HOME in os.environ or session.config.option.collectonly:
        return
    folder = tempfile.mkdtemp(prefix="centrala-tests-")
    _running.callback(shutil.rmtree, folder)
    _running.enter_context(Home(Path(folder)).servers(durable=False))
    os.environ[TEST_HOME] = folder
    _running.callback(os.environ.pop, TEST_HOME)


def pytest_sessionfinish() -> None:
    _running.close()


@pytest.fixture(scope="session")
def server_home() -> Home:
    """The home whose servers run for these tests."""
    return Home(Path(os.environ[TEST_HOME]))


@pytest.fixture(scope="session")
def settings(
    server_home: Home, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Demo settings with fixed secrets, and a database and a Redis of this worker's own."""
    database = f"centrala_{worker_id}"
    url = server_home.database_url
    _make_database(url, database)
    url = url.replace("/centrala?", f"/{database}?")
    migrations.upgrade(url)
    return Settings.read(
        {
            "CENTRALA_HOME": str(tmp_path_factory.mktemp("home")),
            "CENTRALA_DEMO": "1",
            "DATABASE_URL": url,
            "REDIS_URL": server_home.redis_url.replace("db=0", f"db={_number(worker_id)}"),
            "PUBLIC_URL": PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": "AC" + "5" * 32,
            "TWILIO_AUTH_TOKEN": "7" * 32,
            "TWILIO_NUMBER": "+48223070000",
            "SMS_SENDER": "+48732070000",
            "SECRET_KEY": "a key that only tests use",
            "DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        }
    )


def _make_database(url: str, name: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))


def _number(worker_id: str) -> int:
    """A Redis has 16 databases; the first is left to the run itself."""
    return 1 + int("0" + worker_id.removeprefix("gw").removeprefix("master")) % 15


@pytest.fixture(scope="session")
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.database_url, connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture
def database(_engine: Engine, settings: Settings) -> Iterator[Engine]:
    """The worker's database, migrated and without rows; `transaction()` is bound to it."""
    from models import session as sessions

    bound = sessions.bind(settings.database_url)
    yield _engine
    bound.dispose()
    _empty(_engine)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()


def _empty(engine: Engine) -> None:
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in names:
            connection.execute(text(f'DELETE FROM "{name}"'))  # noqa: S608


@pytest.fixture
def app(database: Engine, settings: Settings) -> Flask:
    """The whole application, as one process serves it."""
    from app import create_app

    made = create_app(settings)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def voice_only(settings: Settings) -> Settings:
    """The settings of a process that serves the line alone."""
    return replace(settings, serve="voice")
