"""Connections that come in time, or not at all.

libpq gives a server two seconds at least to answer; a caller does not have them. A thread waits in
our place, and a connection that comes after all is closed.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from models.watchdog import watched

CONNECT_S = 1.0
# Each waits two seconds at most: so many callers at once find out for themselves.
ATTEMPTS_AT_ONCE = 8


def in_time(engine: Engine) -> None:
    """Let connections of `engine` fail with OperationalError after CONNECT_S."""
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
    """Let connections of `engine` fail with OperationalError unless each answers within `limit_s`.

    After its first answer it has all the time that it needs.
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
