"""One statement that is its own transaction: the short way to the database, for a step of a call.

A transaction of the ORM costs a step more than all else together. Here a statement goes to
PostgreSQL as it is written, prepared once a connection, and is committed when it has answered.
libpq is asked itself (psycopg.pq): the cursors of psycopg, which can do everything, take three
times as long as the statement. Source: https://www.psycopg.org/psycopg3/docs/api/pq.html
"""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, event

from models.watchdog import watched

_numbers = count(1)

# A statement that was prepared before a migration, or by a pooler's other connection.
OUTDATED = (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName)


class Statement:
    """SQL in which values stand as `%(name)s`; each is text, a number, a moment, or None.

    One that stands `behind` another is performed after it in one transaction, if that found a row:
    so it sees all that was written before the other had its lock. Both take the same values.
    """

    def __init__(self, sql: str, behind: "Statement | None" = None) -> None:
        names: dict[str, int] = {}
        placed = re.sub(
            r"%\((\w+)\)s", lambda found: f"${names.setdefault(found[1], len(names) + 1)}", sql
        )
        self.sql, self.behind = placed.encode(), behind
        self.name = f"centrala_{next(_numbers)}".encode()
        self._order = tuple(names)

    def written(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in their order, as PostgreSQL reads them."""
        return [_written(values[name]) for name in self._order]


def _written(value: Any) -> bytes | None:
    return None if value is None else str(value).encode()


Row = Sequence[bytes | None]
"""The values of a row as PostgreSQL writes them."""

Ask = Callable[[Statement, Mapping[str, Any]], Row | None]
"""Performs a statement with the values of its names; its first row, None when there is none."""


class Statements:
    """Connections of this process on which statements are performed, one on each at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._idle: deque[_Connection] = deque()
        event.listen(engine, "engine_disposed", lambda _: self.close())

    def perform(
        self, statement: Statement, values: Mapping[str, Any], limit_s: float
    ) -> Row | None:
        """The first row that `statement` answers, once what it did is kept.

        It must be such that it may be performed twice: where a connection was lost while it lay
        idle, as all are when the server was started again, or knows the statement as it was before
        a migration, it is performed on a new one.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._perform_on(self._connect(limit_s), statement, values, limit_s)
        try:
            return self._perform_on(connection, statement, values, limit_s)
        except (_Lost, *OUTDATED):
            self.close()
            return self._perform_on(self._connect(limit_s), statement, values, limit_s)

    def _connect(self, limit_s: float) -> "_Connection":
        """One that the engine makes, in its time and with its options, and lets go of."""
        made = self.engine.raw_connection()
        connection: psycopg.Connection[Any] = made.driver_connection  # type: ignore[assignment]
        made.detach()
        connection.autocommit = True
        with watched(connection, limit_s):
            # One plan for all values: planning costs as much as the statement.
            connection.execute("SET plan_cache_mode = force_generic_plan")
        return _Connection(connection)

    def _perform_on(
        self, one: "_Connection", statement: Statement, values: Mapping[str, Any], limit_s: float
    ) -> Row | None:
        try:
            with watched(one.connection, limit_s) as watch:
                return one.perform(statement, values)
        except OUTDATED:
            one.connection.close()
            raise
        except psycopg.Error as fault:
            if one.connection.closed and not watch.cut:
                raise _Lost from fault
            raise
        finally:
            if not one.connection.closed:
                self._idle.append(one)

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().connection.close()


class _Lost(psycopg.OperationalError):
    """The connection was lost before the server had answered."""


class _Connection:
    """A connection, and the statements that the server has prepared for it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        self._prepared: set[Statement] = set()

    def perform(self, statement: Statement, values: Mapping[str, Any]) -> Row | None:
        if statement.behind is None:
            return self._first_row(statement, values)
        self._insist(self._libpq.exec_(b"BEGIN"))
        try:
            first = self._first_row(statement.behind, values)
            row = None if first is None else self._first_row(statement, values)
        except BaseException:
            with suppress(psycopg.Error):
                self._libpq.exec_(b"ROLLBACK")
            raise
        self._insist(self._libpq.exec_(b"COMMIT"))
        return row

    def _first_row(self, statement: Statement, values: Mapping[str, Any]) -> Row | None:
        if statement not in self._prepared:
            self._insist(self._libpq.prepare(statement.name, statement.sql))
            self._prepared.add(statement)
        written = statement.written(values)
        result = self._insist(self._libpq.exec_prepared(statement.name, written))
        if not result.ntuples:
            return None
        return [result.get_value(0, column) for column in range(result.nfields)]

    def _insist(self, result: Any) -> Any:
        """The result, unless it is a fault. One that is not the server's words is its silence."""
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        fault = error_from_result(result)
        if fault.sqlstate is None:
            self.connection.close()
            raise psycopg.OperationalError("the connection was lost")
        raise fault
