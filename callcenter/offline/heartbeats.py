"""Who of the line's processes lives: each says so in the home every few seconds.

The time told is the machine's own count of seconds, which no change of its clock moves.
"""

import time
from pathlib import Path

SILENT_S = 30.0
_folders: list[Path] = []


def bind(home: Path) -> None:
    """Tell and read heartbeats in `home` in this process."""
    _folders[:] = [home / "alive"]


def beat(name: str) -> None:
    """The process of that name is at work. A full disk is no reason to stop."""
    try:
        _folders[0].mkdir(mode=0o700, parents=True, exist_ok=True)
        new = _folders[0] / f"{name}.new"
        new.write_text(str(time.monotonic()))
        new.replace(_folders[0] / name)
    except OSError:
        return


def is_alive(name: str) -> bool:
    """Whether a process of that name was at work lately."""
    try:
        told = float((_folders[0] / name).read_text())
    except (OSError, ValueError):
        return False
    return 0 <= time.monotonic() - told < SILENT_S
