"""Keeps on this machine's disk what could not be written while the database was away.

Each process appends to one file and syncs it; each line is sealed with DATA_KEY. Another process
takes over the file of a dead one. A drain that is cut short performs records twice, so records must
allow that. Lines that another key sealed stay until a process has that key.
"""

import fcntl
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.fernet import InvalidToken
from prometheus_client import Counter

from callcenter.offline import durable_files
from callcenter.offline.spool_files import _age, _identity, _is_anothers, _lines, _unopened, is_at
from callcenter.privacy import encryption

log = logging.getLogger(__name__)

LARGEST_FILE = 64 * 2**20
LARGEST_FOLDER = 512 * 2**20

DAMAGED = "damaged.lines"
REFUSED = "refused.lines"

State = Literal["ok", "waiting", "sealed", "put aside", "full", "failing"]

_refused = Counter(
    "centrala_spool_refused", "Records that found no room on the disk: they are lost."
)
_aside = Counter(
    "centrala_spool_put_aside", "Records that were damaged, or that nobody could perform."
)


class RecordRefused(Exception):  # noqa: N818 - it says what is so
    """Performing this record will never succeed: it is put aside, and the others go on."""


@dataclass(frozen=True)
class Size:
    """What waits to be brought into the database, of all processes."""

    records: int
    bytes: int


class Spool:
    """The spool of one home, as one process sees it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "spool"
        self._file: int | None = None
        self._length = 0
        self._lock = threading.Lock()
        self._drains = threading.Lock()
        self._counted: dict[str, Size] = {}
        self._failing = False
        # Files in which everything waits for another key, as they were: this process has one key.
        self._sealed: set[tuple[str, int, int]] = set()
        self._tries_damaged = True
        self._waits_for_key = False

    def keep(self, record: bytes) -> bool:
        """Write `record` to disk before returning; False if there is no room for it.

        A lost record is logged once, until one can be kept again.
        """
        line = encryption.seal(record) + b"\n"
        with self._lock:
            try:
                self._append(line)
            except OSError as fault:
                _refused.inc()
                if not self._failing:
                    log.error("the spool takes no records, they are lost from now on: %s", fault)
                self._failing = True
                return False
            self._failing = False
            return True

    def _append(self, line: bytes) -> None:
        """Add `line` whole, or not at all: a torn one would spoil the next."""
        file = self._own()
        if self._length + len(line) > LARGEST_FILE or self._weight() + len(line) > LARGEST_FOLDER:
            raise OSError("it is as large as it may be")
        try:
            if os.write(file, line) != len(line):
                raise OSError("there is no room on the disk")
            os.fsync(file)
        except OSError:
            self._take_back(file)
            raise
        self._length += len(line)

    def _take_back(self, file: int) -> None:
        try:
            os.ftruncate(file, self._length)
        except OSError:
            self._let_go()

    def _own(self) -> int:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{uuid.uuid4().hex}.spool"
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            self._length = 0
            fcntl.flock(self._file, fcntl.LOCK_EX)
            durable_files.sync_folder(self._folder)
        return self._file

    def _weight(self) -> int:
        return sum(size for _, size in self._files())

    def _files(self) -> Iterator[tuple[Path, int]]:
        """The files with records and their bytes; one may have been drained meanwhile."""
        for path in self._folder.glob("*.spool"):
            with suppress(FileNotFoundError):
                yield path, path.stat().st_size

    def close(self) -> None:
        """Let go of this process's file; the next record begins another."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def waiting(self) -> int:
        """How many files wait to be brought into the database, of all processes.

        Also what was put aside as damaged, until this process has tried it.
        """
        tried = self._tries_damaged and (self._folder / DAMAGED).exists()
        return sum(1 for _ in self._folder.glob("*.spool")) + tried

    def size(self) -> Size:
        """How many records wait, and their bytes. Only what is new since the last time is read."""
        counted: dict[str, Size] = {}
        for path, length in self._files():
            before = self._counted.get(path.name, Size(0, 0))
            with suppress(FileNotFoundError):
                more = _lines(path, before.bytes, length)
                counted[path.name] = Size(before.records + more, length)
        self._counted = counted
        sizes = counted.values()
        return Size(sum(size.records for size in sizes), sum(size.bytes for size in sizes))

    def state(self) -> State:
        """The spool's state in a word: ok, waiting, sealed, put aside, full or failing.

        It is sealed if this process's key opened nothing, or is known to be wrong.
        """
        weight = self._weight()
        if weight >= LARGEST_FOLDER or self._length >= LARGEST_FILE:
            return "full"
        if self._failing:
            return "failing"
        if weight:
            return "sealed" if self._waits_for_key or not self._openable() else "waiting"
        return "put aside" if self.put_aside() else "ok"

    def wait_for_key(self, is_so: bool) -> None:
        """Note whether draining must wait for another key."""
        self._waits_for_key = is_so

    def _openable(self) -> list[Path]:
        """The files that are worth a try, the oldest first."""
        files = [path for path, _ in self._files() if _identity(path) not in self._sealed]
        return sorted(files, key=_age)

    def unopened(self) -> int:
        """How many of the records that wait this process's key does not open. It reads them all."""
        return sum(_unopened(path) for path, _ in self._files())

    def put_aside(self) -> dict[str, int]:
        """The files of what was put aside, by name, and how many records each holds."""
        held: dict[str, int] = {}
        for name in (DAMAGED, REFUSED):
            with suppress(FileNotFoundError):
                path = self._folder / name
                held[name] = _lines(path, 0, path.stat().st_size)
        return held

    def drain(self, perform: Callable[[bytes], None]) -> int:
        """Perform every record of this process and of dead ones; return how many.

        New records can be kept meanwhile. If `perform` raises, the drain ends and the file stays
        for the next one. A torn line, or one for which it raises RecordRefused, is put aside. A
        line that another key sealed stays. The first drain also tries what was put aside as
        damaged.
        """
        with self._drains:
            self.close()
            self._try_damaged()
            return sum(self._drain_file(path, perform) for path in self._openable())

    def _try_damaged(self) -> None:
        """Let this process's key be tried on what another process could not open."""
        if self._tries_damaged:
            with suppress(FileNotFoundError):
                again = self._folder / f"{uuid.uuid4().hex}.spool"
                (self._folder / DAMAGED).rename(again)
            self._tries_damaged = False

    def _drain_file(self, path: Path, perform: Callable[[bytes], None]) -> int:
        """Perform the file line by line: it may be larger than memory."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0  # another process was faster
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return 0  # its process lives
            if not is_at(file, path):
                return 0
            sealed: list[bytes] = []
            performed = sum(self._perform(line, perform, sealed) for line in file)
            self._leave(path, sealed)
        return performed

    def _perform(self, line: bytes, perform: Callable[[bytes], None], sealed: list[bytes]) -> bool:
        """Whether the line was performed; a line that another key sealed is added to `sealed`."""
        try:
            perform(encryption.unseal(line.rstrip(b"\n")))
        except InvalidToken:
            if _is_anothers(line):
                sealed.append(line)
            else:
                self._put_aside(DAMAGED, line)
        except RecordRefused:
            self._put_aside(REFUSED, line)
        else:
            return True
        return False

    def _put_aside(self, name: str, line: bytes) -> None:
        log.error("a record of the spool was put aside in %s", name)
        _aside.inc()
        with (self._folder / name).open("ab") as aside:
            aside.write(line if line.endswith(b"\n") else line + b"\n")
            aside.flush()
            os.fsync(aside.fileno())

    def _leave(self, path: Path, sealed: list[bytes]) -> None:
        """Let nothing but what is `sealed` by another key stay in the file."""
        if not sealed:
            path.unlink()
            return
        log.error("%s records of the spool wait for the DATA_KEY that sealed them", len(sealed))
        text = b"".join(sealed)
        if len(text) != path.stat().st_size:
            durable_files.write(path, text, path.with_suffix(".left"))
        self._sealed.add(_identity(path))


_spools: list[Spool] = []


def bind(home: Path) -> Spool:
    """Use the spool of `home` in this process."""
    for before in _spools:
        before.close()
    _spools[:] = [Spool(home)]
    return _spools[0]


def spool() -> Spool:
    return _spools[0]
