"""Bounds the time of connecting to the database.

libpq waits for a server at least two seconds, which is too long for a caller. So a thread makes the
connection; if it comes too late, it is closed.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from models.watchdog import watched

CONNECT_S = 1.0
# Each attempt lasts two seconds at most. Others wait for a thread, within CONNECT_S.
ATTEMPTS_AT_ONCE = 8


def in_time(engine: Engine) -> None:
    """Make connecting with `engine` fail with OperationalError after CONNECT_S."""
    threads = ThreadPoolExecutor(ATTEMPTS_AT_ONCE, thread_name_prefix="database-connect")

    def connect(dialect: Any, _record: Any, args: Any, parameters: Any) -> Any:
        asked = threads.submit(dialect.connect, *args, **parameters)
        try:
            return asked.result(CONNECT_S)
        except TooSlow as fault:
            if not asked.cancel():
                asked.add_done_callback(_close)
            raise psycopg.OperationalError("no connection in time") from fault

    event.listen(engine, "do_connect", connect)


def once_answered(engine: Engine, limit_s: int) -> None:
    """Make connecting with `engine` fail with OperationalError without an answer in `limit_s`.

    After its first answer a connection has no time limit.
    """

    def connect(dialect: Any, _record: Any, args: Any, parameters: Any) -> Any:
        connection = dialect.connect(*args, **{**parameters, "connect_timeout": limit_s})
        try:
            with watched(connection, limit_s):
                connection.execute("SELECT 1")
                connection.rollback()
        except psycopg.Error:
            connection.close()
            raise
        return connection

    event.listen(engine, "do_connect", connect)


def _close(late: Future[Any]) -> None:
    with suppress(psycopg.Error):
        late.result().close()
