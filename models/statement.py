"""One statement that is its own transaction: the short way to the database, for a step of a call.

A transaction of the ORM costs a step more than all else together. Here a statement goes to
PostgreSQL as it is written, prepared once a connection, and is committed when it has answered.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from models.watchdog import watched

Ask = Callable[[str, Mapping[str, Any]], Sequence[Any] | None]
"""Performs a statement with the values of its names; its first row, None when there is none."""


class Statements:
    """Connections of this process on which statements are performed, one on each at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[psycopg.Connection[Any]] = deque()
        event.listen(engine, "engine_disposed", lambda _: self.close())

    def perform(self, sql: str, values: Mapping[str, Any], limit_s: float) -> Sequence[Any] | None:
        """The first row that `sql` answers, once what it did is kept.

        It must be such that it may be performed twice: where a connection was lost while it lay
        idle, as all are when the server was started again, it is performed on a new one.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._perform_on(self._connect(), sql, values, limit_s)
        try:
            return self._perform_on(connection, sql, values, limit_s)
        except _Lost:
            self.close()
            return self._perform_on(self._connect(), sql, values, limit_s)

    def _connect(self) -> psycopg.Connection[Any]:
        """One that the engine makes, in its time and with its options, and lets go of."""
        made = self._engine.raw_connection()
        connection: psycopg.Connection[Any] = made.driver_connection  # type: ignore[assignment]
        made.detach()
        connection.autocommit = True
        # One plan for all values: planning costs as much as the statement.
        connection.execute("SET plan_cache_mode = force_generic_plan")
        return connection

    def _perform_on(
        self,
        connection: psycopg.Connection[Any],
        sql: str,
        values: Mapping[str, Any],
        limit_s: float,
    ) -> Sequence[Any] | None:
        try:
            with watched(connection, limit_s) as watch:
                row: Sequence[Any] | None = connection.execute(sql, values, prepare=True).fetchone()
        except psycopg.Error as fault:
            if connection.closed and not watch.cut:
                raise _Lost from fault
            raise
        finally:
            if not connection.closed:
                self._idle.append(connection)
        return row

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().close()


class _Lost(psycopg.OperationalError):
    """The connection was lost before the server had answered."""
