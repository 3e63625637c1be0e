"""A server of a home as a program: found in its wheel, started, waited for, ended."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import psutil

START_SECONDS = 60
SILENT_SECONDS = 2
STOP_SECONDS = 30


class ServerError(Exception):
    """A server could not be started; the sentence says why."""


class SilentError(ServerError):
    """A server that somebody started runs, takes what is asked and does not answer."""


class Server(Protocol):
    """Something that runs in a home. Its verbs may be called in any state.

    `child` is its process where we have started it, and it writes about itself in `log`.
    """

    log: Path
    child: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def pid(self) -> int | None: ...

    def answers(self) -> bool: ...


def package(name: str) -> Path:
    """The folder of an installed package, without running any of its code."""
    spec = find_spec(name)
    if not spec or not spec.origin:
        raise ServerError(f"the package {name} is not installed")
    return Path(spec.origin).parent


def environ() -> dict[str, str]:
    """Our environment without the variables that would lead PostgreSQL elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C does not reach it before its users."""
    try:
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environ(),
                cwd="/",
                start_new_session=True,
            )
    except FileNotFoundError as fault:
        raise ServerError(f"the program {fault.filename} is missing") from fault


def wait(server: Server, name: str) -> None:
    """Until it answers.

    Raises ServerError with what it said where it ends before or takes over START_SECONDS, and
    SilentError where one runs that we did not start, and says nothing.
    """
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server, name):
        gone = server.child.poll() is not None if server.child else not server.pid()
        if gone or time.monotonic() > deadline:
            raise ServerError(f"{name} does not start: {last_word(server.log.read_text())}")
        time.sleep(0.02)


def _answers(server: Server, name: str) -> bool:
    """One that we have just started may be silent for a while; one that was there may not."""
    try:
        return server.answers()
    except TimeoutError as fault:
        if server.child is None:
            raise SilentError(f"{name} runs and does not answer") from fault
        return False


def last_word(text: str) -> str:
    """What a server said as it ended: its fault, where one is among the last lines."""
    lines = text.strip().splitlines()[-5:] or ["it said nothing"]
    return next((line for line in lines if "FATAL:" in line), lines[-1])


def is_running(pid: int, mark: str) -> bool:
    """Whether process `pid` lives and bears `mark` in its command line."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and mark in process.cmdline()
    except psutil.Error:
        return False


def end(server: Server, signal_: signal.Signals) -> None:
    """Ask it to end, and kill it after STOP_SECONDS; nothing is done where none runs."""
    child = server.child if server.child and server.child.poll() is None else None
    pid = server.pid() or (child.pid if child else None)
    if pid:
        process = psutil.Process(pid)
        _resume(process)
        process.send_signal(signal_)
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
    if child:
        child.wait(STOP_SECONDS)


def _resume(process: psutil.Process) -> None:
    """Who is paused heeds no signal."""
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.resume()
