"""Which of the line's processes is alive, and what each last found out: files in the home.

The moment in a file is the machine's own count of seconds, which no change of its clock moves.
"""

import time
from pathlib import Path

SILENT_S = 30.0
_folders: list[Path] = []


def bind(home: Path) -> None:
    """Tell and read heartbeats in `home` in this process."""
    _folders[:] = [home / "alive"]


def beat(name: str, word: str = "ok") -> None:
    """The process of that name is at work, and says `word`. A full disk is no reason to stop."""
    try:
        _folders[0].mkdir(mode=0o700, parents=True, exist_ok=True)
        new = _folders[0] / f"{name}.new"
        new.write_text(f"{time.monotonic()} {word}")
        new.replace(_folders[0] / name)
    except OSError:
        return


def is_alive(name: str) -> bool:
    """Whether a process of that name was at work in the last half minute."""
    return last_word(name, SILENT_S) is not None


def last_word(name: str, within_s: float) -> str | None:
    """What that name said last; None where it said nothing in the last `within_s` seconds."""
    try:
        moment, _, word = (_folders[0] / name).read_text().partition(" ")
        age = time.monotonic() - float(moment)
    except (OSError, ValueError):
        return None
    return word or "ok" if 0 <= age < within_s else None
