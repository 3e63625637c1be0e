"""The only way to the database. Only edges (a webhook, a page, a job, a command) open it."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker

from models import connecting
from models.statement import OUTDATED, Row, Statement, Statements
from models.watchdog import watched

log = logging.getLogger(__name__)

IDLE_S = 1.0
PING_S = 1.0

# In addition to what psycopg calls operational (gone, full, starting, shut down, too many
# connections).
_TAKES_NO_ROWS = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InternalError_,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.InvalidCatalogName,
    psycopg.errors.InsufficientPrivilege,
)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, *_TAKES_NO_ROWS)
CONNECT_ARGS = {
    "connect_timeout": 2,
    # Networks drop connections that are idle for long.
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    # Pages have many filters: a plan made for all values would scan all tickets.
    "options": "-c timezone=UTC -c plan_cache_mode=force_custom_plan",
}

_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_statements: list[Statements] = []
_limits_s: list[float] = []


class DatabaseAway(SQLAlchemyError):  # noqa: N818 - it says what is so
    """The database does not answer in time, is gone, or takes no rows."""


def bind(url: str, limit_s: float | None = None) -> Engine:
    """Connect `transaction()` and `at_once()` of this process to the PostgreSQL at `url`.

    `limit_s` bounds the transactions that have no limit of their own. These are not begun while the
    circuit is open, so pages do not wait for a database that is known to be away.
    """
    engine = pool(url)
    use(engine, limit_s)
    return engine


def pool(url: str) -> Engine:
    """The connections of a process to the PostgreSQL at `url`; none is open yet.

    Waiting for a connection is bounded, so webhooks stay within the carrier's time limit. An idle
    connection is tested before use.
    """
    engine = create_engine(
        url,
        pool_size=16,
        max_overflow=8,
        pool_timeout=1,
        hide_parameters=True,
        connect_args=CONNECT_ARGS,
    )
    connecting.in_time(engine)
    event.listen(engine, "checkout", _try_idle_connection)
    event.listen(engine, "checkin", _note_use)
    return engine


def use(engine: Engine, limit_s: float | None = None) -> None:
    """Have `transaction()` and `at_once()` use `engine` from now on; see `bind` for `limit_s`."""
    _sessions.configure(bind=engine)
    _limits_s[:] = [] if limit_s is None else [limit_s]
    if [each.engine for each in _statements] == [engine]:
        return
    for before in _statements:
        before.close()
    _statements[:] = [Statements(engine)]


def _try_idle_connection(connection: Any, record: Any, _proxy: Any) -> None:
    """Replace a lost connection. A hanging one is not replaced: the next would hang too."""
    if time.monotonic() - record.info.get("used", 0) < IDLE_S:
        return
    try:
        with watched(connection, PING_S) as watch:
            connection.execute("SELECT 1")
            connection.rollback()
    except psycopg.Error as fault:
        if watch.cut:
            record.invalidate()
            raise OperationalError("ping", None, fault) from fault
        raise DisconnectionError(str(fault)) from fault


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


class Circuit:
    """The circuit breaker: open for a while after the database was found away."""

    TRIED_AGAIN_AFTER_S = 5.0

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._until

    def open(self) -> None:
        self._until = time.monotonic() + self.TRIED_AGAIN_AFTER_S

    def close(self) -> None:
        self._until = 0.0


circuit = Circuit()


@contextmanager
def transaction(limit_s: float | None = None) -> Iterator[Session]:
    """A session whose work is committed as a whole, or not at all.

    With `limit_s` (or the process's, see `bind`) it raises DatabaseAway if the database has not
    answered in that time, cannot be reached, or takes no rows. Jobs requested inside leave after
    the commit.
    """
    if limit_s is not None:
        with _in_time(limit_s) as session:
            yield session
    elif _limits_s:
        with _unless_away(_limits_s[0]) as session:
            yield session
    else:
        with _sessions() as session, session.begin():
            yield session


@contextmanager
def _unless_away(limit_s: float) -> Iterator[Session]:
    """A transaction that leaves the circuit closed: a slow page must not stop calls."""
    if circuit.is_open:
        raise DatabaseAway("it did not answer a moment ago")
    with _in_time(limit_s) as session:
        yield session


@contextmanager
def _in_time(limit_s: float) -> Iterator[Session]:
    try:
        with _sessions() as session:
            begun = session.begin()
            connection = session.connection().connection.driver_connection
            # The commit must be watched too, so the watch outlives the transaction.
            with watched(connection, limit_s), begun:
                yield session
    except (InterfaceError, PoolExhausted) as fault:
        raise DatabaseAway(type(fault).__name__) from fault
    except DBAPIError as fault:
        _forget_if_read_only(fault.orig)
        if isinstance(fault, OperationalError) or isinstance(fault.orig, _TAKES_NO_ROWS):
            raise DatabaseAway(type(fault.orig).__name__) from fault
        raise


def _forget_if_read_only(fault: BaseException | None) -> None:
    """Drop all connections: one stays read-only even when its database no longer is."""
    if isinstance(fault, psycopg.errors.ReadOnlySqlTransaction):
        engine: Engine = _sessions.kw["bind"]
        engine.dispose()


def at_once(statement: Statement, values: Mapping[str, Any], limit_s: float) -> Row | None:
    """The first row that `statement` returns, in a transaction of its own.

    None, with nothing done, also if it conflicts with existing rows. Raises DatabaseAway as
    `transaction(limit_s)` does. The statement must be safe to run twice.
    """
    try:
        return _statements[0].perform(statement, values, limit_s)
    except psycopg.IntegrityError:
        return None
    except OUTDATED as fault:
        log.warning("a statement is performed the long way: %s", fault)
        return None
    except (OperationalError, InterfaceError, PoolExhausted, *_AWAY) as fault:
        _forget_if_read_only(fault)
        raise DatabaseAway(type(fault).__name__) from fault
