"""Real servers for the tests: one PostgreSQL and one Redis a run, a database a worker.

The process that is asked for the tests starts the servers and stops them; the workers that it
starts find them through the environment. Each test that touches rows finds none.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, delete, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import app as application
import migrations
from app import bind_rooms, bind_telephony, create_app
from callcenter import background
from callcenter.outbox import outbox
from callcenter.people import passwords
from carrier.network import Network
from carrier.telephone import Telephone
from carrier.transport import into_wsgi
from config import Settings
from installation.embedded.postgres import make_database
from installation.home import Home
from models import Base, Call, Ticket, connecting, session
from models.session import circuit
from voice import execution

# A hash that is safe costs a tenth of a second, and the tests sign in a thousand times.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=128, parallelism=1)
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
    _drop_database(server_home.superuser_url, database)
    make_database(server_home.sockets, database)
    url = server_home.database_url.replace("/centrala?", f"/{database}?")
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


def _drop_database(url: str, name: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))


def _number(worker_id: str) -> int:
    """A Redis has 16 databases; the first is left to the run itself."""
    return 1 + int("0" + worker_id.removeprefix("gw").removeprefix("master")) % 15


@pytest.fixture(scope="session")
def _pool(settings: Settings) -> Iterator[Engine]:
    """One for all tests of a worker, because an engine keeps the statements that it compiled."""
    engine = session.pool(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _superuser(settings: Settings) -> Engine:
    url = settings.database_url.replace("//centrala@", "//postgres@")
    # A connection that stayed would be in the way of tests that end those of a database.
    return create_engine(url, poolclass=NullPool)


@pytest.fixture
def database(settings: Settings, _pool: Engine, _superuser: Engine) -> Iterator[Engine]:
    """The worker's database, migrated and without rows; this process is bound to it.

    It is given time: a busy machine is no absent database.
    """
    bind_rooms(settings)
    session.use(_pool)
    with pytest.MonkeyPatch.context() as patient:
        patient.setattr(execution, "DATABASE_S", 20.0)
        patient.setattr(connecting, "CONNECT_S", 20.0)
        patient.setattr(application, "PAGE_S", 20.0)
        patient.setattr(background, "DATABASE_S", 20.0)
        yield _pool
    circuit.close()
    _empty(_superuser)
    (settings.home / "switchboard.json").unlink(missing_ok=True)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()


ALL_ROWS = text("; ".join(str(delete(table)) for table in Base.metadata.tables.values()))


def _empty(superuser: Engine) -> None:
    """Constraints do not matter while all rows go: only the superuser may set them aside."""
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(ALL_ROWS)


@pytest.fixture(scope="session")
def _application(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.config["TESTING"] = True
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def app(_application: Flask, database: Engine) -> Flask:
    """The whole application, as one process serves it."""
    return _application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture(scope="session")
def voice_only(settings: Settings) -> Settings:
    """The settings of a process that serves the line alone."""
    return replace(settings, serve="voice")


@pytest.fixture(scope="session")
def _line(voice_only: Settings) -> Iterator[Flask]:
    made = create_app(voice_only)
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def line(_line: Flask, database: Engine) -> Flask:
    """The application as a process serves it that has the line alone."""
    return _line


@pytest.fixture
def network(line: Flask, settings: Settings) -> Network:
    """The telephone network, calling the line of this process in virtual time."""
    return Network(
        into_wsgi(line),
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
        server=settings.public_url,
    )


@pytest.fixture
def phone(network: Network) -> Telephone:
    """Olena's mobile telephone."""
    return network.telephone("+48501234567")


@pytest.fixture
def ticket_of(database: Engine) -> Iterator[Callable[[Telephone], Ticket]]:
    """The ticket of a telephone's last call, as the rows have it now."""
    with ExitStack() as open_:

        def find(telephone: Telephone) -> Ticket:
            session = open_.enter_context(Session(database, expire_on_commit=False))
            of_call = select(Ticket).join(Ticket.call).where(Call.sid == telephone.sid)
            return session.scalars(of_call).one()

        yield find


@pytest.fixture
def work_off(network: Network, settings: Settings) -> Callable[[], None]:
    """Do all jobs that were asked for, as a worker would, with the network as the carrier."""
    from rq import SimpleWorker

    def work() -> None:
        bind_telephony(settings)
        queue = outbox.bind(settings.redis_url)
        SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")

    return work
