"""The output of commands: a failure to print is told apart from every other file error.

A full disk under the standard output, or a closed pipe, would otherwise look like a fault of the
home, or end in a traceback.
"""

import errno
import io
import os
import sys
from contextlib import suppress

STDOUT = 1
_WHY = {errno.EPIPE: "its reader has gone", errno.EBADF: "the output is closed"}


class OutputError(Exception):
    """Something could not be printed; the sentence says why."""


class _Told(io.FileIO):
    """Raises OutputError for what cannot be printed."""

    def write(self, data: object) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as fault:
            why = _WHY.get(fault.errno or 0, fault.strerror)
            raise OutputError(f"Not all could be printed: {why}.") from fault


class _Dropped(_Told):
    """Drops what cannot be printed, and reports that once."""

    has_told = False

    def write(self, data: object) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OutputError as fault:
            if not self.has_told:
                self.has_told = True
                with suppress(OSError):
                    print(fault, "All else goes on.", file=sys.stderr)  # noqa: T201
            return memoryview(data).nbytes  # type: ignore[arg-type]


def watch() -> None:
    """From now on, output that cannot be printed in this process raises OutputError."""
    _print_to(_Told)


def ignore_faults() -> None:
    """From now on, output that cannot be printed is dropped: a full log must not end calls."""
    _print_to(_Dropped)


def _print_to(kind: type[_Told]) -> None:
    before = sys.stdout or _closed()
    if not isinstance(before, io.TextIOWrapper):
        return  # replaced by whoever runs this process, such as a test runner
    before.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(kind(before.fileno(), "wb", closefd=False)),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.line_buffering,
    )


def _closed() -> io.TextIOWrapper:
    """A closed output. It occupies the descriptor, so that no other file gets its number."""
    only_read = os.open(os.devnull, os.O_RDONLY)
    if only_read != STDOUT:
        os.dup2(only_read, STDOUT)
        os.close(only_read)
    os.set_inheritable(STDOUT, True)
    return io.TextIOWrapper(io.FileIO(STDOUT, "wb", closefd=False))


def give_up() -> None:
    """Print nothing more; otherwise Python would try to flush again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
