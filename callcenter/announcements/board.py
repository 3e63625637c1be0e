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
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from callcenter.announcements.notices import Notice, from_json, on_now, to_json
from callcenter.offline import durable_files
from callcenter.offline.log_throttle import LogThrottle

log = logging.getLogger(__name__)

Condition = Literal["ok", "unsaved", "unreadable", "unwritable"]
# A file's number, moment of change and size.
Version = tuple[int, int, int]
UNREAD: Version = (-1, -1, -1)


class Board:
    """The board of one home. Processes share it through the file; each reads it when it changed.

    Where the file cannot be read or written, a process that reads the rows serves what they say.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "switchboard.json"
        self._lock = home / "switchboard.lock"
        self._seen: Version | None = None
        self._notices: tuple[Notice, ...] = ()
        self._compared: float | None = None
        self._is_held = False
        self._throttled = LogThrottle(log)

    def notices(self) -> tuple[Notice, ...]:
        """Every announcement that is on or coming, and what was ended without a database."""
        version = self._version()
        if version != self._seen or version == UNREAD:
            self._read(version)
        return self._notices

    def _version(self) -> Version | None:
        """None: there is no file."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return None
        except OSError:
            return UNREAD
        # Its mode may change too, and then it can be read.
        return stat.st_ino, stat.st_ctime_ns, stat.st_size

    def _read(self, version: Version | None) -> None:
        seen = version
        try:
            self._notices = self._written()
        except FileNotFoundError:
            self._notices = ()
        except OSError as fault:
            self._throttled.warning(
                "the switchboard's file cannot be read, the last state stays", fault
            )
            seen = UNREAD
        except (ValueError, KeyError, TypeError) as fault:
            # What makes no sense must not silence what is known to be out.
            log.error("the switchboard's file makes no sense, the last state stays: %s", fault)
        # Noted last: until then another thread's call reads for itself, and hears what is out.
        self._seen = seen

    def _written(self) -> tuple[Notice, ...]:
        """What the file says. Raises OSError, or another when it makes no sense."""
        return tuple(map(from_json, json.loads(self._file.read_text("utf-8"))))

    def on_now(self, now: datetime) -> tuple[Notice, ...]:
        return on_now(self.notices(), now)

    def written(self) -> str | None:
        """The file as it is, to tell later whether somebody wrote meanwhile."""
        try:
            return self._text()
        except OSError:
            return None

    def _text(self) -> str | None:
        """Raises OSError for what is there and cannot be read."""
        try:
            return self._file.read_text("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def replace(self, notices: Iterable[Notice], written: str | None) -> bool:
        """Put `notices` on the board, on disk before this returns; where that takes nothing, here.

        False, and nothing done, when somebody wrote since the file was `written`.
        """
        told, version = tuple(notices), self._version()
        try:
            with self._writing():
                if self.written() != written:
                    return False
                self._write(told)
        except OSError as fault:
            self._hold(told, version, fault)
        else:
            self._is_held = False
        self._compared = time.monotonic()
        return True

    def _hold(self, notices: tuple[Notice, ...], version: Version | None, fault: OSError) -> None:
        """Serve `notices` for as long as the file is of this `version`."""
        self._throttled.warning(
            "what is on is known to this process, and not in the switchboard's file", fault
        )
        self._is_held = True
        self._notices = notices
        self._seen = version

    def condition(self) -> Condition:
        """Whether the file can be read and written, here and by whom the home belongs to."""
        try:
            has_unsaved = any(notice.unsaved for notice in self._written())
            is_open = durable_files.is_shared(self._file)
        except FileNotFoundError:
            has_unsaved, is_open = False, True
        except (OSError, ValueError, KeyError, TypeError):
            is_open = False
        if not is_open:
            return "unreadable"
        if self._is_held or not self._takes_files():
            return "unwritable"
        return "unsaved" if has_unsaved else "ok"

    def mend(self) -> str | None:
        """What to do where the file cannot be read or written, in a sentence."""
        home, file = self._file.parent, self._file
        match self.condition():
            case "unreadable" if file.is_file() and self._makes_sense():
                return (
                    f"{file} cannot be read by whom the home belongs to: run "
                    f"`chown --reference={home} {file}`; until then calls hear what the rows say."
                )
            case "unreadable":
                return (
                    f"{file} cannot be read: move it away, a new one is written within a second; "
                    "until then calls hear what the rows say."
                )
            case "unwritable":
                return (
                    f"{file} cannot be written: make room in {home}, and give {home} and the "
                    f"switchboard.* in it to the user of the web processes; until then calls hear "
                    "what the rows say."
                )
        return None

    def _makes_sense(self) -> bool:
        try:
            self._written()
        except OSError:
            return True  # nobody knows yet
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def _takes_files(self) -> bool:
        home = self._file.parent
        if not home.exists():
            return True  # it is made when the first is written
        may_lock = not self._lock.exists() or (
            os.access(self._lock, os.R_OK) and durable_files.is_shared(self._lock)
        )
        return may_lock and os.access(home, os.W_OK | os.X_OK)

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
            durable_files.share(lock, self._lock.parent)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, notices: Iterable[Notice]) -> None:
        """Over what cannot be read nothing is written: it may say what only it knows."""
        text = json.dumps([to_json(notice) for notice in notices], ensure_ascii=False)
        if self._text() == text:
            return
        durable_files.write(self._file, text.encode(), self._file.with_suffix(".new"))

    def put_unsaved(self, notice: Notice) -> None:
        """Put an announcement, or its end, on the board while no database can be reached."""
        with self._writing():
            others = [known for known in self.notices() if known.uid != notice.uid]
            self._write([*others, replace(notice, unsaved=True)])


_boards: list[Board] = []


def bind(home: Path) -> Board:
    """Use the board of `home` in this process."""
    _boards[:] = [Board(home)]
    return _boards[0]


def board() -> Board:
    return _boards[0]
