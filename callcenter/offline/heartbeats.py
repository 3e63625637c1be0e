"""Heartbeats: files in the home by which processes show that they are alive, with one word each.

The time in a file comes from the monotonic clock, so changes of the system clock do not matter.
"""

import time
from pathlib import Path

SILENT_S = 30.0
_folders: list[Path] = []


def bind(home: Path) -> None:
    """Write and read heartbeats in `home` in this process."""
    _folders[:] = [home / "alive"]


def beat(name: str, word: str = "ok") -> None:
    """Record that the process `name` is alive and reports `word`.

    A full disk is ignored: it must not stop the process.
    """
    try:
        _folders[0].mkdir(mode=0o700, parents=True, exist_ok=True)
        new = _folders[0] / f"{name}.new"
        new.write_text(f"{time.monotonic()} {word}")
        new.replace(_folders[0] / name)
    except OSError:
        return


def is_alive(name: str) -> bool:
    """Whether the process `name` gave a heartbeat in the last 30 seconds."""
    return last_word(name, SILENT_S) is not None


def last_word(name: str, within_s: float) -> str | None:
    """The last word that `name` reported, or None if that is `within_s` seconds ago or more."""
    try:
        moment, _, word = (_folders[0] / name).read_text().partition(" ")
        age = time.monotonic() - float(moment)
    except (OSError, ValueError):
        return None
    return word or "ok" if 0 <= age < within_s else None
