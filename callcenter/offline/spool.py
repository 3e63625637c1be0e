"""The spool keeps records on disk that could not be written while the database was away.

Each process appends to a file of its own and syncs it. DATA_KEY encrypts each line. When a process
has died, another process drains its file. An interrupted drain performs some records twice, so
performing a record must be idempotent. Lines encrypted with another key stay until a process with
that key drains them.
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
    """Raised by `perform` when a record can never succeed; the drain puts the record aside."""


@dataclass(frozen=True)
class Size:
    """The records that wait to be written to the database, summed over all processes."""

    records: int
    bytes: int


class Spool:
    """One process's view of the spool in its home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "spool"
        self._file: int | None = None
        self._length = 0
        self._lock = threading.Lock()
        self._drains = threading.Lock()
        self._counted: dict[str, Size] = {}
        self._failing = False
        # Files that hold only lines of another key. This process skips them until they change.
        self._sealed: set[tuple[str, int, int]] = set()
        self._tries_damaged = True
        self._waits_for_key = False

    def keep(self, record: bytes) -> bool:
        """Write `record` to disk before returning; return False if there is no room for it.

        The first lost record is logged. Later losses are not logged until a record can be kept
        again.
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
        """Write `line` completely or not at all: a torn line would corrupt the next one."""
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
        """The record files with their sizes in bytes; another process may drain one meanwhile."""
        for path in self._folder.glob("*.spool"):
            with suppress(FileNotFoundError):
                yield path, path.stat().st_size

    def close(self) -> None:
        """Close this process's file; the next record starts a new one."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def waiting(self) -> int:
        """The number of files that wait to be drained, over all processes.

        The file of damaged lines counts until this process has tried it.
        """
        tried = self._tries_damaged and (self._folder / DAMAGED).exists()
        return sum(1 for _ in self._folder.glob("*.spool")) + tried

    def size(self) -> Size:
        """How many records wait, and their size. Reads only what was added since the last call."""
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
        """The state of the spool in one word: ok, waiting, sealed, put aside, full or failing.

        "sealed" means that this process's key opens none of the files, or is known to be wrong.
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
        """Set whether draining must wait for another key."""
        self._waits_for_key = is_so

    def _openable(self) -> list[Path]:
        """The files worth trying to drain, oldest first."""
        files = [path for path, _ in self._files() if _identity(path) not in self._sealed]
        return sorted(files, key=_age)

    def unopened(self) -> int:
        """The number of waiting records that this process's key cannot decrypt. Reads all files."""
        return sum(_unopened(path) for path, _ in self._files())

    def put_aside(self) -> dict[str, int]:
        """The number of records put aside, by file name."""
        held: dict[str, int] = {}
        for name in (DAMAGED, REFUSED):
            with suppress(FileNotFoundError):
                path = self._folder / name
                held[name] = _lines(path, 0, path.stat().st_size)
        return held

    def drain(self, perform: Callable[[bytes], None]) -> int:
        """Perform every record of this process and of dead processes; return how many.

        Other threads can keep new records meanwhile. If `perform` raises, the drain stops and the
        file stays for the next drain. A torn line is put aside, as is one for which `perform`
        raises RecordRefused. A line encrypted with another key stays. The first drain also retries
        the damaged lines.
        """
        with self._drains:
            self.close()
            self._try_damaged()
            return sum(self._drain_file(path, perform) for path in self._openable())

    def _try_damaged(self) -> None:
        """Queue the damaged lines again: this process's key may open what another key could not."""
        if self._tries_damaged:
            with suppress(FileNotFoundError):
                again = self._folder / f"{uuid.uuid4().hex}.spool"
                (self._folder / DAMAGED).rename(again)
            self._tries_damaged = False

    def _drain_file(self, path: Path, perform: Callable[[bytes], None]) -> int:
        """Perform the file line by line, because it may be larger than memory."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return 0  # another process has drained it
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return 0  # its process is alive
            if not is_at(file, path):
                return 0
            sealed: list[bytes] = []
            performed = sum(self._perform(line, perform, sealed) for line in file)
            self._leave(path, sealed)
        return performed

    def _perform(self, line: bytes, perform: Callable[[bytes], None], sealed: list[bytes]) -> bool:
        """Whether the line was performed; a line of another key is appended to `sealed`."""
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
        """Reduce the file to the `sealed` lines, or delete it if there are none."""
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
    """Use the spool in `home` in this process."""
    for before in _spools:
        before.close()
    _spools[:] = [Spool(home)]
    return _spools[0]


def spool() -> Spool:
    return _spools[0]
