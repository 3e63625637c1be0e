"""Runs one statement as its own transaction: the fast path for a step of a call.

A transaction of the ORM costs more than the rest of a step. Here a statement goes to PostgreSQL as
it is, prepared once a connection, and is committed when it has answered. libpq is called directly
(psycopg.pq), because psycopg's cursors take three times as long as the statement.
Source: https://www.psycopg.org/psycopg3/docs/api/pq.html
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

# The statement was prepared before a migration, or on another connection of a pooler.
OUTDATED = (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName)


class Statement:
    """SQL with values as `%(name)s`; each value is text, a number, a time, or None.

    If a statement is `behind` another, it runs after it in the same transaction, if that one found
    a row. So it sees everything that was written before the first got its lock. Both take the same
    values.
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
        """The values in their order, in PostgreSQL's text format."""
        return [_written(values[name]) for name in self._order]


def _written(value: Any) -> bytes | None:
    return None if value is None else str(value).encode()


Row = Sequence[bytes | None]
"""The values of a row as PostgreSQL writes them."""

Ask = Callable[[Statement, Mapping[str, Any]], Row | None]
"""Performs a statement with the values of its names; its first row, None when there is none."""


class Statements:
    """The connections of this process for statements; each runs one statement at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._idle: deque[_Connection] = deque()
        event.listen(engine, "engine_disposed", lambda _: self.close())

    def perform(
        self, statement: Statement, values: Mapping[str, Any], limit_s: float
    ) -> Row | None:
        """Run and commit `statement`; return its first row, or None.

        The statement must be safe to run twice. It is repeated on a new connection if the old one
        was lost while idle (as after a server restart), or prepared the statement before a
        migration.
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
        """A connection made with the engine's time limit and options, and detached from it."""
        made = self.engine.raw_connection()
        connection: psycopg.Connection[Any] = made.driver_connection  # type: ignore[assignment]
        made.detach()
        connection.autocommit = True
        with watched(connection, limit_s):
            # One plan for all values, because planning costs as much as the statement.
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
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().connection.close()


class _Lost(psycopg.OperationalError):
    """The connection was lost before the server answered."""


class _Connection:
    """A connection, and the statements prepared on it."""

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
        """Return the result, or raise its fault. A fault without SQLSTATE is a lost connection."""
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        fault = error_from_result(result)
        if fault.sqlstate is None:
            self.connection.close()
            raise psycopg.OperationalError("the connection was lost")
        raise fault
