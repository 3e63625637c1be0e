"""Runs a server of a home as a program: finds it in its wheel, starts it, waits, ends it."""

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
    """A server that was running before accepts connections but does not answer."""


class Server(Protocol):
    """A server that runs in a home. Its methods may be called in any state.

    `child` is its process if this process started it; `log` is its log file.
    """

    log: Path
    child: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def pid(self) -> int | None: ...

    def answers(self) -> bool: ...


def package(name: str) -> Path:
    """The folder of an installed package, found without running its code."""
    spec = find_spec(name)
    if not spec or not spec.origin:
        raise ServerError(f"the package {name} is not installed")
    return Path(spec.origin).parent


def environ() -> dict[str, str]:
    """Our environment without the variables that would redirect PostgreSQL."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C does not stop it before its users."""
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
    """The command prefix for a server that must not run as root; empty if we are not root.

    The server runs under its own account and keeps one capability of root: to pass through and read
    closed folders. So a home may be anywhere without opening the folders around it. The server can
    write only what its account owns. (The secure bit makes access(2), with which PostgreSQL finds
    its own programs, respect that capability.)
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
    """The account for servers that root starts; it is created at the first start.

    If it cannot be created, `nobody` is used, which other programs may share.
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
    """As root, give the folders and everything in them to the servers' account."""
    if os.geteuid() != 0:
        return
    owner = account()
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def wait(server: Server, name: str) -> None:
    """Wait until the server answers.

    Raises ServerError with its last words if it ends first or exceeds START_SECONDS. Raises
    SilentError if a server that we did not start runs but does not answer.
    """
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server, name):
        gone = server.child.poll() is not None if server.child else not server.pid()
        if gone or time.monotonic() > deadline:
            said = server.log.read_text(errors="replace")
            raise ServerError(f"{name} does not start: {last_word(said)}")
        time.sleep(0.02)


def _answers(server: Server, name: str) -> bool:
    """Whether it answers. A server that we just started may be silent for a while; others not."""
    try:
        return server.answers()
    except TimeoutError as fault:
        if server.child is None:
            raise SilentError(f"{name} runs and does not answer") from fault
        return False


def last_word(text: str) -> str:
    """The server's last words: a FATAL line if the last lines have one."""
    lines = text.strip().splitlines()[-5:] or ["it said nothing"]
    return next((line for line in lines if "FATAL:" in line), lines[-1])


def noted_pid(file: Path) -> int | None:
    """The pid that a server wrote to `file`; None if the file is missing or damaged."""
    try:
        first = file.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if PID.fullmatch(first) else None


def living(program: str, mark: str, noted: int | None) -> int | None:
    """The pid of the process that runs `program` with the path `mark` in its command line.

    If `noted` is such a process, it is the answer. Otherwise all processes are searched, because a
    server keeps running when its pid file is lost. The oldest match counts: a fork of the server
    may briefly look like it, but is younger.
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
        if _is_killed(pid):
            return False
        return os.path.realpath(mark) in map(os.path.realpath, process.cmdline())
    except psutil.Error:
        return False


def _is_killed(pid: int) -> bool:
    """Whether SIGKILL was sent to it: on a busy machine it looks alive until its turn comes."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended, or the system has no /proc
        return False
    pending = re.findall(r"^(?:SigPnd|ShdPnd):\t([0-9a-f]+)$", told, re.MULTILINE)
    return any(int(signals, 16) >> (signal.SIGKILL - 1) & 1 for signals in pending)


def end(server: Server, signal_: signal.Signals) -> None:
    """Ask the server to end, and kill it after STOP_SECONDS; do nothing if none runs.

    Raises ServerError if it does not end.
    """
    child = server.child if server.child and server.child.poll() is None else None
    # There are two if the pid file of the first was lost and another server was started.
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
    """Continue a paused process and its children: a paused process ignores signals."""
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.resume()
