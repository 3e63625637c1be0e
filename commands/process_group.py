"""Runs the processes together: honcho starts them and merges their output.

A process that ends by itself is started again, so a killed worker does not end calls. If one keeps
failing, all are stopped. If this process is killed, the kernel stops the others.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.process import Popen, Process

AGAIN_SECONDS = 1.0
KILL_SECONDS = 5.0
SHORT_LIFE_SECONDS = 5.0
SHORT_LIVES = 5
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


class Together(Manager):  # type: ignore[misc]
    """The processes of a Procfile."""

    def __init__(self, procfile: Path, environ: Mapping[str, str], without: set[str]) -> None:
        super().__init__()
        self._asked = multiprocessing.Event()
        self._process_ctor = self._kept
        for name, command in parse_procfile(procfile.read_text()).processes.items():
            if name not in without:
                env = {**environ, "PYTHONUNBUFFERED": "1"}
                self.add_process(name, f"exec {command}", env=env)

    def run(self) -> int:
        """Run until asked to stop (returns 0), or until a process keeps failing (returns 1)."""
        self.loop()
        asked = self.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
        return 0 if asked else 1

    def terminate(self) -> None:
        """Ask all processes to stop; each one stops its own child."""
        self._asked.set()

    def _kept(self, *args: Any, **kwargs: Any) -> "Kept":
        return Kept(self._asked, *args, **kwargs)


class Kept(Process):  # type: ignore[misc]
    """One process that is restarted if it ends by itself. It runs inside a honcho process."""

    def __init__(self, asked: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = asked
        self._child_ctor = _Mortal

    def run(self, events: Any = None, ignore_signals: bool = True) -> None:
        """Run until asked to stop, or until the process has failed early too often."""
        self._events = events
        _when_parent_dies(signal.SIGKILL)
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, signal.SIG_IGN)
        threading.Thread(target=self._stop_when_asked, daemon=True).start()
        short_lives = 0
        while True:
            born = time.monotonic()
            code = self._live()
            short_lives = short_lives + 1 if time.monotonic() - born < SHORT_LIFE_SECONDS else 0
            if self._asked.is_set() or short_lives == SHORT_LIVES:
                break
            self._send_message(f"{self.name} ended by itself ({code}) and is started again\n")
            self._asked.wait(AGAIN_SECONDS)
        self._send_message({"returncode": code}, type="stop")

    def _live(self) -> int:
        self._child = self._child_ctor(self.cmd, env=self.env, cwd=self.cwd)
        self._send_message({"pid": self._child.pid}, type="start")
        for line in iter(self._child.stdout.readline, b""):
            self._send_message(line)
        self._child.stdout.close()
        return int(self._child.wait())

    def _stop_when_asked(self) -> None:
        self._asked.wait()
        since, told = time.monotonic(), 0
        while True:
            late = time.monotonic() - since > KILL_SECONDS
            if self._child and (late or told != self._child.pid):
                told = self._child.pid
                with suppress(OSError):
                    os.killpg(told, signal.SIGKILL if late else signal.SIGTERM)
            time.sleep(0.1)


class _Mortal(Popen):  # type: ignore[misc]
    """A child process that gets SIGTERM when its parent dies."""

    def __init__(self, command: str, **kwargs: Any) -> None:
        super().__init__(command, preexec_fn=_begin, **kwargs)


def _begin() -> None:
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_DFL)
    _when_parent_dies(signal.SIGTERM)


def _when_parent_dies(then: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, then)
