"""The board: what is out now, read on every call without a query.

A small file in the home, rewritten and synced at every switch, so that a process that starts with
the database away still knows that there is an outage. The rows are the truth; whatever was put on
the board while they could not be reached carries `unsaved` until it is in them.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from callcenter import durable
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
    """An announcement as a call needs it: its words in each language, and when they are on.

    One whose date was changed names the announcement that it `replaces`, and the periods that were
    told `before`. `by` is who put it on the board while it could not be saved.
    """

    uid: str
    scope: Scope
    text: Mapping[str, str]
    periods: tuple[Period, ...]
    sounds: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None
    replaces: str | None = None
    before: tuple[Period, ...] = ()
    unsaved: bool = False
    by: str | None = None

    def state(self, now: datetime) -> State:
        if self.ended_at is not None and self.ended_at <= now:
            return "over"
        if any(period.covers(now) for period in self.periods):
            return "on"
        return "coming" if any(period.starts_at > now for period in self.periods) else "over"

    def period(self, now: datetime) -> Period:
        """The period to speak of at `now`: the one that is on, else the next, else the last."""
        on = [period for period in self.periods if period.covers(now)]
        ahead = [period for period in self.periods if period.starts_at > now]
        if on:
            return max(on, key=_start)
        return min(ahead, key=_start, default=self.periods[-1])

    @property
    def fact(self) -> tuple[Scope, str]:
        """What it tells: two announcements of the same fact are never both heard."""
        return self.scope, " ".join(self.text["pl"].split()).casefold()

    @property
    def over_at(self) -> datetime | None:
        """When it was, or will be, over; None while its end is not known."""
        ends = [period.ends_at for period in self.periods]
        last = None if None in ends else max(end for end in ends if end)
        return min((end for end in (self.ended_at, last) if end), default=None)


def _start(period: Period) -> datetime:
    return period.starts_at


def on_now(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """What callers hear at `now`: the most urgent first, at most two, no fact twice."""
    return facts_on(notices, now)[:MOST_AT_ONCE]


def facts_on(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """All that is on at `now`, no fact twice.

    The line comes before the service; of one scope the one that began last is the news, and of two
    that began together the one that was made last.
    """
    on = [notice for notice in notices if notice.state(now) == "on"]
    on.sort(key=lambda notice: (_began(notice, now), _made(notice)), reverse=True)
    on.sort(key=lambda notice: _URGENCY[notice.scope])
    told: dict[tuple[Scope, str], Notice] = {}
    for notice in on:
        told.setdefault(notice.fact, notice)
    return tuple(told.values())


def _began(notice: Notice, now: datetime) -> datetime:
    return notice.period(now).starts_at


def _made(notice: Notice) -> datetime:
    return notice.made_at or datetime.min.replace(tzinfo=UTC)


class Board:
    """The board of one home. Processes share it through the file; each reads it when it changed."""

    def __init__(self, home: Path) -> None:
        self._file = home / "switchboard.json"
        self._lock = home / "switchboard.lock"
        self._seen: tuple[int, int, int] | None = None
        self._notices: tuple[Notice, ...] = ()
        self._compared: float | None = None

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
        seen: tuple[int, int, int] | None = version
        try:
            self._notices = tuple(map(from_json, json.loads(self._file.read_text("utf-8"))))
        except OSError as fault:
            log.error("the switchboard's file cannot be read, the last state stays: %s", fault)
            seen = None
        except (ValueError, KeyError, TypeError) as fault:
            # What makes no sense must not silence what is known to be out.
            log.error("the switchboard's file makes no sense, the last state stays: %s", fault)
        # Noted last: until then another thread's call reads for itself, and hears what is out.
        self._seen = seen

    def on_now(self, now: datetime) -> tuple[Notice, ...]:
        return on_now(self.notices(), now)

    def written(self) -> str | None:
        """The file as it is, to tell later whether somebody wrote meanwhile."""
        try:
            return self._file.read_text("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def replace(self, notices: Iterable[Notice], written: str | None) -> bool:
        """Put `notices` on the board, on disk before this returns.

        False, and nothing done, when somebody wrote since the file was `written`.
        """
        with self._writing():
            if self.written() != written:
                return False
            self._write(notices)
            self._compared = time.monotonic()
            return True

    def age_s(self) -> float | None:
        """Seconds since this process compared the board with the rows; None: it never did."""
        return None if self._compared is None else time.monotonic() - self._compared

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, of all processes of this home. None waits for a database inside."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Opened to read: a lock that root made while it typed a command serves others too.
        lock = os.open(self._lock, os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, notices: Iterable[Notice]) -> None:
        text = json.dumps([to_json(notice) for notice in notices], ensure_ascii=False)
        if self.written() == text:
            return
        durable.write(self._file, text.encode(), self._file.with_suffix(".new"))

    def put_unsaved(self, notice: Notice) -> None:
        """Put an announcement, or its end, on the board while no database can be reached."""
        with self._writing():
            others = [known for known in self.notices() if known.uid != notice.uid]
            self._write([*others, replace(notice, unsaved=True)])


def to_json(notice: Notice) -> dict[str, Any]:
    """The notice as JSON holds it."""
    plain = asdict(notice)
    for name in _PERIODS:
        plain[name] = [[_iso(p.starts_at), _iso(p.ends_at)] for p in getattr(notice, name)]
    return plain | {name: _iso(getattr(notice, name)) for name in _MOMENTS}


def from_json(plain: dict[str, Any]) -> Notice:
    """The notice of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
    text = {str(language): str(words) for language, words in dict(plain["text"]).items()}
    moments = {name: _moment(plain.get(name)) for name in _MOMENTS}
    periods = {name: tuple(map(_period, plain.get(name, ()))) for name in _PERIODS}
    if "pl" not in text or not periods["periods"]:
        raise ValueError("an announcement has Polish words and a period")
    given = {**plain, "scope": Scope(plain["scope"]), "text": text, **moments, **periods}
    return Notice(**given)


_PERIODS = ("periods", "before")
_MOMENTS = ("made_at", "ended_at")


def _period(pair: list[str | None]) -> Period:
    start, end = map(_moment, pair)
    if start is None:
        raise ValueError("a period starts")
    return Period(start, end)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


_boards: list[Board] = []


def bind(home: Path) -> Board:
    """Use the board of `home` in this process."""
    _boards[:] = [Board(home)]
    return _boards[0]


def board() -> Board:
    return _boards[0]
