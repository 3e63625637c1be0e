"""What would have been written while the database was away, kept on this machine's disk.

One file a process, appended and synced, each line sealed with the data key. A file whose process
is dead is taken over by whoever finds it. Records may be performed twice when a drain is cut
short: they must be such that this does no harm.
"""

import fcntl
import logging
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cryptography.fernet import InvalidToken

from callcenter import vault

log = logging.getLogger(__name__)

LARGEST_FILE = 64 * 2**20


class Spool:
    """The spool of one home, as one process sees it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "spool"
        self._file: BinaryIO | None = None
        self._lock = threading.Lock()

    def keep(self, record: bytes) -> bool:
        """Keep `record` on disk before this returns. False when the disk or the file is full."""
        line = vault.seal(record) + b"\n"
        with self._lock:
            try:
                file = self._own()
                if file.tell() + len(line) > LARGEST_FILE:
                    raise OSError("the spool file is full")
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                log.exception("a record could not be kept in the spool")
                return False
        return True

    def _own(self) -> BinaryIO:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = (self._folder / f"{uuid.uuid4().hex}.spool").open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file

    def close(self) -> None:
        """Let go of this process's file; the next record begins another."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def waiting(self) -> int:
        """How many files wait to be brought into the database, of all processes."""
        return sum(1 for _ in self._folder.glob("*.spool"))

    def drain(self, perform: Callable[[bytes], None]) -> int:
        """Perform every record of this process and of dead ones, file by file; their number.

        What `perform` raises ends the drain, and the file stays for the next.
        """
        self.close()
        files = sorted(self._folder.glob("*.spool"), key=lambda file: file.stat().st_mtime)
        return sum(self._drain_file(file, perform) for file in files)

    def _drain_file(self, path: Path, perform: Callable[[bytes], None]) -> int:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return 0  # its process lives
            if not path.exists():
                return 0
            records = [record for line in file if (record := self._record(line)) is not None]
            for record in records:
                perform(record)
            path.unlink()
        return len(records)

    def _record(self, line: bytes) -> bytes | None:
        try:
            return vault.unseal(line.rstrip(b"\n"))
        except InvalidToken:
            log.error("a damaged line of the spool was put aside")
            with (self._folder / "damaged.lines").open("ab") as aside:
                aside.write(line if line.endswith(b"\n") else line + b"\n")
            return None


_spools: list[Spool] = []


def bind(home: Path) -> Spool:
    """Use the spool of `home` in this process."""
    for before in _spools:
        before.close()
    _spools[:] = [Spool(home)]
    return _spools[0]


def spool() -> Spool:
    return _spools[0]
