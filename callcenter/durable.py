"""Files that are still there, and whole, after the power went away."""

import os
from pathlib import Path


def write(file: Path, data: bytes, unfinished: Path) -> None:
    """Let `file` have this content, or what it had before; `unfinished` is its name meanwhile."""
    with unfinished.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in `folder` outlast the power: a file that was made, or took another's name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
