"""The board: what is out now, read on every call without a query.

A small file in the home, rewritten and synced at every switch, so that a process that starts with
the database away still knows that there is an outage. The rows are the truth; whatever was put on
the board while they could not be reached carries `unsaved` until it is in them.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from models import Scope

log = logging.getLogger(__name__)

MOST_AT_ONCE = 2
State = Literal["coming", "on", "over"]
_URGENCY = {Scope.SWITCHBOARD: 0, Scope.SERVICE: 1}


@dataclass(frozen=True)
class Period:
    """From when to when, in UTC; no `ends_at`: the end is not known."""

    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True)
class Notice:
    """An announcement as a call needs it: its words in each language, and when they are on."""

    uid: str
    scope: Scope
    text: Mapping[str, str]
    periods: tuple[Period, ...]
    sounds: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None
    unsaved: bool = False

    def state(self, now: datetime) -> State:
        if self.ended_at is not None and self.ended_at <= now:
            return "over"
        if any(period.covers(now) for period in self.periods):
            return "on"
        return "coming" if any(period.starts_at > now for period in self.periods) else "over"


def on_now(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """What callers hear at `now`: the most urgent first, at most two, no fact twice.

    The line comes before the service; of one scope the one that began last is the news.
    """
    on = [notice for notice in notices if notice.state(now) == "on"]
    on.sort(key=lambda notice: (_URGENCY[notice.scope], -_began(notice, now)))
    told: dict[tuple[Scope, str], Notice] = {}
    for notice in on:
        told.setdefault((notice.scope, " ".join(notice.text["pl"].split()).casefold()), notice)
    return tuple(told.values())[:MOST_AT_ONCE]


def _began(notice: Notice, now: datetime) -> float:
    return max(p.starts_at.timestamp() for p in notice.periods if p.covers(now))


class Board:
    """The board of one home. Processes share it through the file; each reads it when it changed."""

    def __init__(self, home: Path) -> None:
        self._file = home / "switchboard.json"
        self._lock = home / "switchboard.lock"
        self._seen: tuple[int, int, int] | None = None
        self._notices: tuple[Notice, ...] = ()

    def notices(self) -> tuple[Notice, ...]:
        """Every announcement that is on or coming, and what was ended without a database."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._seen, self._notices = None, ()
            return ()
        version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if version != self._seen:
            self._read(version)
        return self._notices

    def _read(self, version: tuple[int, int, int]) -> None:
        try:
            self._notices = tuple(map(_from_json, json.loads(self._file.read_text("utf-8"))))
            self._seen = version
        except (OSError, ValueError, KeyError, TypeError):
            # A file that cannot be read must not silence what is known to be out.
            log.exception("the switchboard's file cannot be read; the last state known stays")

    def on_now(self, now: datetime) -> tuple[Notice, ...]:
        return on_now(self.notices(), now)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, of all processes of this home."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def write(self, notices: Iterable[Notice]) -> None:
        """Put `notices` on the board, on disk before this returns. Call it inside `writing`."""
        text = json.dumps([_to_json(notice) for notice in notices], ensure_ascii=False)
        if self._file.exists() and self._file.read_text("utf-8") == text:
            return
        unfinished = self._file.with_suffix(".new")
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._file)
        _sync_folder(self._file.parent)

    def put_unsaved(self, notice: Notice) -> None:
        """Put an announcement, or its end, on the board while no database can be reached."""
        with self.writing():
            others = [known for known in self.notices() if known.uid != notice.uid]
            self.write([*others, replace(notice, unsaved=True)])


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _to_json(notice: Notice) -> dict[str, Any]:
    plain = asdict(notice)
    plain["periods"] = [[_iso(p.starts_at), _iso(p.ends_at)] for p in notice.periods]
    plain["made_at"], plain["ended_at"] = _iso(notice.made_at), _iso(notice.ended_at)
    return plain


def _from_json(plain: dict[str, Any]) -> Notice:
    periods = tuple(Period(_required(start), _moment(end)) for start, end in plain["periods"])
    moments = {name: _moment(plain[name]) for name in ("made_at", "ended_at")}
    return Notice(**{**plain, "scope": Scope(plain["scope"]), "periods": periods, **moments})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _required(text: str) -> datetime:
    return datetime.fromisoformat(text)


_boards: list[Board] = []


def bind(home: Path) -> Board:
    """Use the board of `home` in this process."""
    _boards[:] = [Board(home)]
    return _boards[0]


def board() -> Board:
    return _boards[0]
