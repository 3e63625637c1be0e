"""The line outlives its database: hanging or read-only, callers are helped and nothing is lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, delete, select, text

import migrations
import words
from app import create_app
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.board import bind as bind_board
from callcenter.announcements.board import board
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.switchboard import Maker
from callcenter.offline.spool import bind as bind_spool
from callcenter.offline.spool import spool
from callcenter.outbound import text_messages
from callcenter.privacy import data_key, encryption
from carrier.network import Network
from carrier.telephone import Telephone
from carrier.transport import into_wsgi
from config import Settings
from installation.home import Home
from models import (
    Call,
    Callback,
    CallStatus,
    DataKey,
    Outcome,
    Scope,
    Status,
    Template,
    TextMessage,
    Ticket,
    Topic,
    Turn,
    Waiting,
    Way,
)
from models.session import circuit, transaction
from voice.execution import drain
from webhooks import line_of


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A PostgreSQL of this file's own, which may be mistreated."""
    home = Home(tmp_path_factory.mktemp("own"))
    with home.servers(durable=False):
        migrations.upgrade(home.database_url)
        yield home


@pytest.fixture
def settings_here(settings: Settings, own_home: Home) -> Settings:
    return replace(settings, database_url=own_home.database_url, home=own_home.path, serve="voice")


@pytest.fixture
def line(settings_here: Settings) -> Iterator[Flask]:
    made = create_app(settings_here)
    yield made
    circuit.close()
    spool().close()
    engine: Engine = made.extensions["database"]
    engine.dispose()


@pytest.fixture
def olena(network: Network) -> Telephone:
    return network.telephone("+48501234567")


PATIENCE_S = 10.0
END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Postgres:
    """The server in a home, as somebody who pulls plugs sees it."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def _processes(self) -> list[int]:
        pid_file = self._home.path / "postgres" / "postmaster.pid"
        parent = int(pid_file.read_text().split()[0])
        with open(f"/proc/{parent}/task/{parent}/children") as children:  # noqa: PTH123
            return [parent, *map(int, children.read().split())]

    @contextmanager
    def hanging(self) -> Iterator[None]:
        processes = self._processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
            circuit.close()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody takes the connection: the processes of the line find no server where it was."""
        there = (self._home.path / "run").resolve()
        aside = there.with_name("aside")
        there.rename(aside)
        self._end_connections(aside)
        try:
            yield
        finally:
            aside.rename(there)
            circuit.close()

    def _end_connections(self, sockets: Path) -> None:
        address = self._home.database_url.replace(quote(str(sockets.with_name("run")), ""), "{}")
        engine = create_engine(address.format(quote(str(sockets), "")), poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(END_OTHERS)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        self._set("on")
        try:
            yield
        finally:
            self._set("off")
            circuit.close()

    def _set(self, value: str) -> None:
        engine = create_engine(self._home.superuser_url, poolclass=NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            database = connection.scalar(text("SELECT current_database()"))
            connection.execute(
                text(f'ALTER DATABASE "{database}" SET default_transaction_read_only = {value}')
            )
            connection.execute(END_OTHERS)


@pytest.fixture
def postgres(own_home: Home) -> Postgres:
    return Postgres(own_home)


@pytest.fixture(params=["hanging", "gone", "read_only"])
def away(
    request: pytest.FixtureRequest, postgres: Postgres
) -> Callable[[], AbstractContextManager[None]]:
    how: Callable[[], AbstractContextManager[None]] = getattr(postgres, request.param)
    return how


def rows(phone: Telephone) -> tuple[Call, Ticket, list[Turn]]:
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.sid == phone.sid)).one()
        ticket = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()
        turns = session.scalars(select(Turn).where(Turn.call_id == call.id).order_by(Turn.step))
        return call, ticket, list(turns)


def comes_back(settings: Settings) -> None:
    """What the process's upkeep does when the database answers again."""
    deadline = time.monotonic() + 10
    while spool().waiting() and time.monotonic() < deadline:
        drain(line_of(settings))


def test_guidance_goes_on_and_is_a_ticket_afterwards(
    olena: Telephone, settings_here: Settings, away: Callable[[], AbstractContextManager[None]]
) -> None:
    with away():
        olena.dials()
        olena.presses("1", "2")
        olena.hears(words.say("pl", "login-basic-forgotten"))
        olena.waits()
        olena.presses("1")
        assert not olena.is_up
        assert olena.errors == []
    comes_back(settings_here)
    call, ticket, turns = rows(olena)
    assert call.status is CallStatus.COMPLETED
    assert (ticket.topic, ticket.outcome) == (
        Topic.BASIC_PASSWORD_FORGOTTEN,
        Outcome.RESOLVED_BY_LINE,
    )
    assert [turn.input for turn in turns] == ["1", "2", "", "1"]
    comes_back(settings_here)
    assert len(rows(olena)[2]) == 4


def test_it_goes_away_in_the_middle_of_a_call(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    olena.dials()
    olena.presses("1")
    with postgres.hanging():
        olena.presses("3")
        olena.hears(words.say("pl", "login-both-forgotten"))
        olena.waits()
    olena.presses("1")
    comes_back(settings_here)
    _, ticket, turns = rows(olena)
    assert ticket.outcome is Outcome.RESOLVED_BY_LINE
    assert [turn.step for turn in turns] == [1, 2, 3, 4]


def test_without_a_fallback_number_a_message_is_left(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    with postgres.hanging():
        olena.dials()
        olena.presses("0")
        olena.hears(words.say("pl", "consultant-nobody"))
        olena.waits()
        olena.speaks(5)
        olena.hears(words.say("pl", "kept-number-follows", sms="yes"))
        olena.waits()
        assert olena.errors == []
    comes_back(settings_here)
    _, ticket, _ = rows(olena)
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.LEFT_OPEN)
    with transaction() as session:
        assert session.scalars(select(Waiting).where(Waiting.call_id == ticket.call_id)).all() == []


@pytest.mark.parametrize("hears_it_out", [True, False])
def test_the_number_that_was_promised_is_sent_once(
    olena: Telephone, settings_here: Settings, postgres: Postgres, hears_it_out: bool
) -> None:
    with postgres.hanging():
        leaves_a_message(olena)
        olena.hears(words.say("pl", "kept-number-follows", sms="yes"))
        olena.waits() if hears_it_out else olena.hangs_up()
    for _ in range(2):
        comes_back(settings_here)
        _, ticket, _ = rows(olena)
        assert ticket.outcome is Outcome.LEFT_OPEN
        (text,) = texts(ticket)
        assert (text.purpose, text.number) == (text_messages.TICKET_NUMBER, "+48501234567")


def leaves_a_message(phone: Telephone) -> None:
    phone.dials()
    phone.presses("3", "2")
    phone.waits()
    phone.speaks(5)


def texts(ticket: Ticket) -> list[TextMessage]:
    with transaction() as session:
        return list(session.scalars(select(TextMessage).where(TextMessage.ticket_id == ticket.id)))


def test_where_no_sms_can_be_received_none_is_promised_or_sent(
    network: Network, settings_here: Settings, postgres: Postgres
) -> None:
    jan = network.telephone("+48221234567")
    with postgres.hanging():
        leaves_a_message(jan)
        jan.hears(words.say("pl", "kept-number-follows", sms="no"))
        jan.waits()
    comes_back(settings_here)
    _, ticket, _ = rows(jan)
    assert (ticket.outcome, texts(ticket)) == (Outcome.LEFT_OPEN, [])


def test_with_a_fallback_number_the_caller_is_connected(
    settings_here: Settings, settings: Settings, postgres: Postgres
) -> None:
    made = create_app(replace(settings_here, fallback_number="+48227778899"))
    network = Network(
        into_wsgi(made),
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
        server=settings.public_url,
    )
    network.telephone("+48227778899").answering = "at once"
    olena = network.telephone("+48501234567")
    with postgres.hanging():
        olena.dials()
        olena.presses("1", "1")
        olena.hears(words.say("pl", "login-locked"))
    answers = [exchange.answer.text for exchange in olena.requests if exchange.answer]
    assert any("+48227778899</Dial>" in answer for answer in answers)
    circuit.close()
    spool().close()
    made.extensions["database"].dispose()


def test_only_the_first_caller_waits_for_the_database(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    olena.dials()
    with postgres.hanging():
        olena.presses("1")
        assert circuit.is_open
        kept = spool().waiting()
        olena.presses("2")
        assert spool().waiting() == kept
        olena.hangs_up()
    comes_back(settings_here)
    assert len(rows(olena)[2]) == 2


def outage_on(settings: Settings) -> None:
    bind_board(settings.home)
    now = datetime.now(UTC)
    wanted = drafts.prepare(Wanted(Scope.SWITCHBOARD, Template.OUTAGE, {}, []), now)
    with transaction() as session:
        switchboard.announce(session, wanted, Maker(Way.COMMAND))


def outage_over() -> None:
    with transaction() as session:
        for notice in board().notices():
            switchboard.end(session, notice.uid, Maker(Way.COMMAND), datetime.now(UTC))


def test_a_wish_to_be_called_after_the_outage_is_kept_meanwhile(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    outage_on(settings_here)
    with postgres.hanging():
        olena.dials()
        olena.presses("#")
        olena.hears(words.say("pl", "outage-channels"))
        olena.presses("1")
        olena.hears(words.say("pl", "outage-callback-kept"))
        assert olena.errors == []
    comes_back(settings_here)
    _, ticket, _ = rows(olena)
    assert (ticket.status, ticket.outcome) == (Status.OPEN, Outcome.INFORMED_OF_OUTAGE)
    with transaction() as session:
        wish = session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
        assert wish.announcement_id is not None
    outage_over()


def test_a_pesel_typed_meanwhile_reaches_the_consultant(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    with postgres.hanging():
        olena.dials()
        olena.presses("2", "3")
        olena.types("44051401359")
        olena.hears(words.say("pl", "account-pesel-noted"))
        olena.hangs_up()
    comes_back(settings_here)
    _, ticket, _ = rows(olena)
    assert ticket.pesel
    assert encryption.unseal(ticket.pesel) == b"44051401359"


def test_where_nothing_can_be_kept_nothing_is_promised(
    olena: Telephone, settings_here: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage_on(settings_here)
    monkeypatch.setattr("callcenter.offline.spool.LARGEST_FOLDER", 0)
    with postgres.hanging():
        olena.dials()
        olena.presses("1")
        olena.hears(words.say("pl", "outage-callback-not-kept"))
        assert olena.errors == []
    outage_over()


ANOTHER_KEY = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="


def starts_again(settings: Settings, data_key: str) -> None:
    """The process was killed, and the next one has this key."""
    spool().close()
    bind_spool(settings.home)
    encryption.bind(data_key)


@pytest.fixture(params=["noted", "not noted"])
def key_noted(request: pytest.FixtureRequest, line: Flask) -> Iterator[bool]:
    is_noted = request.param == "noted"
    if is_noted:
        with transaction() as session:
            data_key.note(session, datetime.now(UTC))
    yield is_noted
    with transaction() as session:
        session.execute(delete(DataKey))


def test_a_call_outlives_a_start_with_another_key(
    olena: Telephone, settings_here: Settings, postgres: Postgres, key_noted: bool
) -> None:
    with postgres.hanging():
        leaves_a_message(olena)
        olena.hangs_up()
    starts_again(settings_here, ANOTHER_KEY)
    for _ in range(2):
        assert drain(line_of(settings_here)) == 0
    assert calls_of(olena) == 0
    assert spool().put_aside() == {}
    starts_again(settings_here, settings_here.data_key)
    comes_back(settings_here)
    assert rows(olena)[1].outcome is Outcome.LEFT_OPEN


def test_who_is_known_to_have_the_wrong_key_brings_nothing_home(
    olena: Telephone, settings_here: Settings, postgres: Postgres, line: Flask
) -> None:
    """Not its own records either: what they hold would be sealed by the wrong key in the rows."""
    with transaction() as session:
        data_key.change(session, datetime.now(UTC))
    starts_again(settings_here, ANOTHER_KEY)
    with postgres.hanging():
        leaves_a_message(olena)
        olena.hangs_up()
    assert drain(line_of(settings_here)) == 0
    assert (calls_of(olena), spool().state()) == (0, "sealed")
    with transaction() as session:
        data_key.change(session, datetime.now(UTC))
    comes_back(settings_here)
    assert (calls_of(olena), spool().state()) == (1, "ok")
    with transaction() as session:
        session.execute(delete(DataKey))
    encryption.bind(settings_here.data_key)


def test_a_call_that_was_put_aside_under_another_key_is_brought_home_at_a_start(
    olena: Telephone, settings_here: Settings, postgres: Postgres
) -> None:
    """As releases before this one did with every record of another key."""
    with postgres.hanging():
        leaves_a_message(olena)
        olena.hangs_up()
    spool().close()
    for file in (settings_here.home / "spool").glob("*.spool"):
        file.rename(file.with_name("damaged.lines"))
    starts_again(settings_here, settings_here.data_key)
    comes_back(settings_here)
    assert rows(olena)[1].outcome is Outcome.LEFT_OPEN
    assert spool().state() == "ok"


def calls_of(phone: Telephone) -> int:
    with transaction() as session:
        return len(session.scalars(select(Call).where(Call.sid == phone.sid)).all())
