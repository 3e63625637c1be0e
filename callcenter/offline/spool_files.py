"""Inspects spool files without owning them: identity, age, and lines that cannot be decrypted."""

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from cryptography.fernet import InvalidToken

from callcenter.privacy import encryption


def is_at(file: IO[bytes], path: Path) -> bool:
    """Whether `path` still names the open `file`."""
    with suppress(FileNotFoundError):
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    return False


def _identity(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return path.name, 0, 0
    return path.name, stat.st_mtime_ns, stat.st_size


def _unopened(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(_is_anothers(line) for line in file)
    except FileNotFoundError:
        return 0  # another process has drained it


def _is_anothers(line: bytes) -> bool:
    """Whether the line is whole and this process's key cannot decrypt it."""
    if not (line.endswith(b"\n") and encryption.is_whole(line.rstrip(b"\n"))):
        return False
    try:
        encryption.unseal(line.rstrip(b"\n"))
    except InvalidToken:
        return True
    return False


def _lines(path: Path, start: int, end: int) -> int:
    if start >= end:
        return 0
    with path.open("rb") as file:
        file.seek(start)
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
