"""A server of a home as a program: found in its wheel, started, waited for, ended."""

import logging
import os
import pwd
import re
import signal
import subprocess
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import psutil

log = logging.getLogger(__name__)

ACCOUNT = "centrala-db"
START_SECONDS = 60
SILENT_SECONDS = 2
STOP_SECONDS = 30
PID = re.compile(r"[1-9][0-9]{0,8}")


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


def without_root() -> list[str]:
    """What stands before a server that must not run as root; nothing where we are not root.

    It runs as an account of its own and keeps a single right of root's: to pass folders that are
    closed to others. So a home may lie anywhere, and nothing around it has to be opened. It writes
    only what belongs to its account. (The secure bit lets access(2), with which PostgreSQL looks
    for its own programs, know of that right.)
    """
    if os.geteuid() != 0:
        return []
    ids = [f"--reuid={account().pw_uid}", f"--regid={account().pw_gid}", "--clear-groups"]
    right = "-all,+dac_read_search"
    rights = [f"--bounding-set={right}", f"--inh-caps={right}", f"--ambient-caps={right}"]
    bits = ["--securebits=+no_setuid_fixup", "--no-new-privs"]
    return ["setpriv", *ids, *rights, *bits, "--"]


@cache
def account() -> pwd.struct_passwd:
    """The account of the servers that root starts, made at the first start.

    Where no account can be made it is `nobody`, which other programs may share.
    """
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    making = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(making, capture_output=True, timeout=START_SECONDS)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        log.warning("no account %s can be made: the servers of the home run as nobody", ACCOUNT)
        return pwd.getpwnam("nobody")


def give_to_account(*folders: Path) -> None:
    """As root: let the folders, and all in them, belong to the account of the servers."""
    if os.geteuid() != 0:
        return
    owner = account()
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def wait(server: Server, name: str) -> None:
    """Until it answers.

    Raises ServerError with what it said where it ends before or takes over START_SECONDS, and
    SilentError where one runs that we did not start, and says nothing.
    """
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server, name):
        gone = server.child.poll() is not None if server.child else not server.pid()
        if gone or time.monotonic() > deadline:
            said = server.log.read_text(errors="replace")
            raise ServerError(f"{name} does not start: {last_word(said)}")
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


def noted_pid(file: Path) -> int | None:
    """The number that a server wrote down; None where the file is away or damaged."""
    try:
        first = file.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if PID.fullmatch(first) else None


def living(program: str, mark: str, noted: int | None) -> int | None:
    """The process that runs `program` and bears the path `mark` in its command line.

    The one that is `noted`, if it is that; else all are looked at: a server does not end because
    what it wrote down was lost. What it forks may look like it for a moment, and is younger.
    """
    if noted and _bears(noted, mark):
        return noted
    found = [one for one in psutil.process_iter(["name", "pid"]) if one.info["name"] == program]
    alike = [one for one in found if _bears(one.pid, mark)]
    return min(alike, key=lambda one: one.create_time()).pid if alike else None


def _bears(pid: int, mark: str) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return os.path.realpath(mark) in map(os.path.realpath, process.cmdline())
    except psutil.Error:
        return False


def end(server: Server, signal_: signal.Signals) -> None:
    """Ask it to end, and kill it after STOP_SECONDS; nothing is done where none runs.

    Raises ServerError where it goes on all the same.
    """
    child = server.child if server.child and server.child.poll() is None else None
    # Two, where what the first wrote down was lost and another was started.
    for pid in {server.pid(), child.pid if child else None} - {None}:
        try:
            _end(psutil.Process(pid), signal_)
        except psutil.NoSuchProcess:
            continue
        except psutil.Error as fault:
            raise ServerError(f"process {pid} does not end ({type(fault).__name__})") from fault
    if child:
        child.wait(STOP_SECONDS)


def _end(process: psutil.Process, signal_: signal.Signals) -> None:
    _resume(process)
    process.send_signal(signal_)
    try:
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)


def _resume(process: psutil.Process) -> None:
    """Who is paused heeds no signal."""
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.resume()
