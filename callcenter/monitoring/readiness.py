"""Which parts of the line are there, each by name and in a word.

`look` asks them all, for those who run the line. `seen` is for pages: it costs them nothing as a
rule, because an answer is kept for a few seconds.
"""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from callcenter.announcements.board import board
from callcenter.offline import heartbeats
from callcenter.offline.spool import spool
from models import Job
from models.session import circuit

PATIENCE_S = 1.0
KEPT_S = 3.0
LEAST_FREE_BYTES = 256 * 2**20
LATE = timedelta(minutes=1)
# The scheduler asks the carrier once a minute. Where no scheduler runs, it is missed as such.
CARRIER_SILENT_S = 180.0

# What a part is in a word; raises what its library raises when it is away.
Check = Callable[[], str]


class Parts:
    """The parts of one line, as one process sees them."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._pool = ThreadPoolExecutor(len(checks) * 2, thread_name_prefix="ready")
        self._looks = threading.Lock()
        self._seen: dict[str, str] = {}
        self._until = 0.0

    def look(self) -> dict[str, str]:
        """Each part's state now. A part that hangs costs no more than our patience."""
        asked = {name: self._pool.submit(check) for name, check in self._checks.items()}
        until = time.monotonic() + PATIENCE_S
        return {name: _state(answer, until) for name, answer in asked.items()}

    def seen(self) -> dict[str, str]:
        """Each part's state some seconds ago at most; only one looks at a time, others go on."""
        if time.monotonic() >= self._until and self._looks.acquire(blocking=not self._seen):
            try:
                if time.monotonic() >= self._until:
                    self._seen = self.look()
                    self._until = time.monotonic() + KEPT_S
            finally:
                self._looks.release()
        # What a call or a page found out a moment ago is newer than what is kept.
        found = {"database": "away"} if circuit.is_open else {}
        return {**self._seen, **found}

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False)


def _state(answer: Future[str], until: float) -> str:
    try:
        return answer.result(max(0.0, until - time.monotonic()))
    except TooSlow:
        answer.cancel()
        return "hangs"
    except (SQLAlchemyError, redis.RedisError, OSError):
        return "away"


_parts: list[Parts] = []


def bind(database_url: str, redis_url: str, home: Path) -> None:
    """Look at these parts in this process."""
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"connect_timeout": 2})
    for before in _parts:
        before.close()
    _parts[:] = [
        Parts(
            {
                "database": lambda: _database(engine),
                "redis": lambda: _redis(redis_url),
                "spool": lambda: spool().state(),
                "worker": lambda: _alive("worker"),
                "scheduler": lambda: _alive("scheduler"),
                "jobs": lambda: _jobs(engine),
                "carrier": lambda: heartbeats.last_word("carrier", CARRIER_SILENT_S) or "ok",
                "board": lambda: board().condition(),
                "disk": lambda: _disk(home),
            }
        )
    ]


def look() -> dict[str, str]:
    return _parts[0].look()


def seen() -> dict[str, str]:
    return _parts[0].seen()


def _database(engine: Engine) -> str:
    with engine.connect() as connection:
        read_only = connection.scalar(text("SHOW transaction_read_only"))
    return "read only" if read_only == "on" else "ok"


def _redis(url: str) -> str:
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        client.ping()
    return "ok"


def _alive(name: str) -> str:
    return "ok" if heartbeats.is_alive(name) else "away"


def _jobs(engine: Engine) -> str:
    with engine.connect() as connection:
        first = connection.scalar(select(func.min(Job.due_at)).where(Job.done_at.is_(None)))
    return "late" if first and first < datetime.now(UTC) - LATE else "ok"


def _disk(home: Path) -> str:
    return "ok" if shutil.disk_usage(home).free >= LEAST_FREE_BYTES else "nearly full"
