"""Writes files so that after a power cut the content is the old or the new one, never a mix."""

import os
from contextlib import suppress
from pathlib import Path


def write(file: Path, data: bytes, unfinished: Path) -> None:
    """Replace the content of `file` atomically, by way of a temporary file named `unfinished`.

    The file becomes readable by the readers of its folder. Raises OSError.
    """
    unfinished.unlink(missing_ok=True)
    with unfinished.open("xb") as out:
        share(out.fileno(), file.parent)
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    sync_folder(file.parent)


def share(file: int, folder: Path) -> None:
    """Make the open `file` readable by the readers of `folder`, whatever the umask is.

    If root writes the file, it belongs to the owner of the folder. If another user owns the file,
    nothing changes.
    """
    whose = folder.stat()
    with suppress(PermissionError):
        os.fchown(file, whose.st_uid if os.geteuid() == 0 else -1, whose.st_gid)
    with suppress(PermissionError):
        os.fchmod(file, 0o600 | whose.st_mode & 0o044)


def is_shared(file: Path) -> bool:
    """Whether the owner of the file's folder can read `file`. Raises OSError."""
    its, folder = file.stat(), file.parent.stat()
    if folder.st_uid in (0, its.st_uid):
        return True
    return bool(its.st_mode & (0o040 if its.st_gid == folder.st_gid else 0o004))


def sync_folder(folder: Path) -> None:
    """Sync the folder, so that created and renamed entries survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
