"""The line as an operator runs it, and the plugs that can be pulled on it.

`centrala run` keeps web, worker and scheduler up; PostgreSQL and Redis are processes of their own
that are not started again by anybody but the test. The carrier is a network in this process.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import requests
from flask import Flask, Response, request
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from callcenter import telephony
from carrier import process
from carrier.clocks import RealClock
from carrier.network import Network
from commands.processes import metrics_folder
from config import Settings
from installation.embedded.postgres import Postgres
from installation.embedded.valkey import Valkey
from tests.faults.wire import Wire
from tests.patience import eventually

COMMAND = Path(sys.executable).parent / "centrala"
NUMBER = "+48223070000"
# As README.md tells an operator to set the number.
OVERRIDES = "#ct=2000&rt=4000&rc=1&rp=ct,rt,5xx"
START_SECONDS = 120


@dataclass
class Server:
    """PostgreSQL or Redis: all its processes can be stopped, paused and killed."""

    program: Postgres | Valkey

    def starts(self) -> None:
        self.program.start()

    def stops(self) -> None:
        self.program.stop()

    def is_killed(self) -> None:
        """kill -9, every process of it at once."""
        found = self._processes()
        for one in found:
            one.kill()
        psutil.wait_procs(found, timeout=10)
        if self.program.child:
            self.program.child.wait(10)

    def crashes(self) -> None:
        """kill -9 of one that serves a client: the others end too, and PostgreSQL begins anew."""
        assert eventually(self._one_dies, 30)

    def _one_dies(self) -> bool:
        for one in self._processes():
            with suppress(psutil.NoSuchProcess):
                if "[local]" in " ".join(one.cmdline()):
                    one.kill()
                    return True
        return False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """SIGSTOP: connections are taken, and nobody answers."""
        found = self._processes()
        for one in found:
            one.suspend()
        try:
            yield
        finally:
            for one in found:
                with suppress(psutil.NoSuchProcess):
                    one.resume()

    def _processes(self) -> list[psutil.Process]:
        pid = self.program.pid()
        if pid is None:
            return []
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]


@dataclass
class Stack:
    """Everything that runs, in a folder of its own."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    disk: Path | None = None
    port: int = field(default_factory=lambda: free_port())
    running: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        # A socket's path is short, and a test's folder is not.
        self.sockets = Path(tempfile.mkdtemp(prefix="centrala-f-"))
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700, exist_ok=True)
        log = self.folder / "servers.log"
        data = (self.disk or self.folder) / "postgres"
        self.database_url = (
            f"postgresql+psycopg://postgres@/centrala?host={quote(str(self.sockets), '')}&port=5432"
        )
        redis_socket = self.sockets / "redis.sock"
        self.redis_url = f"unix://{redis_socket}?db=0"
        self.postgres = Server(Postgres(data, self.sockets, log, "centrala"))
        self.redis = Server(Valkey(self.folder / "redis", redis_socket, log))
        self.engine: Engine = create_engine(self.database_url, poolclass=NullPool)
        self.wire = Wire()
        self.network = Network(
            self.wire,
            RealClock(),
            number=NUMBER,
            server=self.address,
            sms_sender="Centrala",
        )
        self.network.main.voice_url += OVERRIDES
        self.carrier_did: list[Callable[[str], None]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator["Stack"]:
        """Everything started; in the end nothing is left of it."""
        try:
            self.postgres.starts()
            self.redis.starts()
            with process.running(self.network, self._carrier()):
                self.starts()
                try:
                    yield self
                finally:
                    self.is_killed()
        finally:
            self.postgres.stops()
            self.redis.stops()
            self.engine.dispose()
            shutil.rmtree(self.sockets, ignore_errors=True)
            shutil.rmtree(self.counters, ignore_errors=True)

    @property
    def counters(self) -> Path:
        """Where the processes count together: outside the test's folder."""
        return metrics_folder(Settings.read(self.environ))

    def _carrier(self) -> Flask:
        """The network's REST interface; `carrier_did` is told before it has answered."""
        made = process.create_app(self.network)

        @made.after_request
        def tell(response: Response) -> Response:
            for told in self.carrier_did:
                told(request.path)
            return response

        return made

    def starts(self) -> None:
        """`centrala run`, until it answers that all its parts are there."""
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                [COMMAND, "run", "--no-demo"],
                env=self.environ,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        assert eventually(self.is_ready, START_SECONDS), self.said()

    @property
    def log(self) -> Path:
        return self.folder / "run.log"

    def said(self) -> str:
        """The end of what the processes wrote."""
        return self.log.read_text(errors="replace")[-5000:]

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not _is_of_tests(name)}
        return kept | {
            "CENTRALA_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PORT": str(self.port),
            "PUBLIC_URL": self.address,
            "TWILIO_ACCOUNT_SID": self.network.account_sid,
            "TWILIO_AUTH_TOKEN": self.network.auth_token,
            "TWILIO_NUMBER": NUMBER,
            "TWILIO_API_BASE": self.network.api_base,
            "SMS_SENDER": self.network.sms_sender,
            "ALLOW_INSECURE": "1",
            "SECRET_KEY": "a key that only tests use",
            "DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            **self.extra,
        }

    @property
    def account(self) -> telephony.Account:
        """The network as one who asks its REST interface knows it."""
        network = self.network
        return telephony.Account(
            sid=network.account_sid,
            token=network.auth_token,
            number=NUMBER,
            sms_sender=network.sms_sender,
            base=network.api_base,
            public_url=self.address,
        )

    def is_ready(self) -> bool:
        try:
            answer = requests.get(f"{self.address}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return bool(answer.json()["status"] == "ok")

    def process(self, command: str) -> psutil.Process:
        """The process of the Procfile that runs `centrala <command>`; waits until there is one."""
        assert eventually(lambda: bool(self._named(command)), 30), self.said()
        return self._named(command)[0]

    def _named(self, command: str) -> list[psutil.Process]:
        return [one for one in self._tree() if _command_line(one).endswith(f"/centrala {command}")]

    def web_workers(self) -> list[psutil.Process]:
        """The processes that answer webhooks."""
        found = [one for web in self._named("web") for one in web.children()]
        lines = {one: _command_line(one) for one in found}
        return [one for one, line in lines.items() if line and "resource_tracker" not in line]

    def _tree(self) -> list[psutil.Process]:
        if self.running is None:
            return []
        try:
            run = psutil.Process(self.running.pid)
            return [run, *run.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def is_killed(self) -> None:
        """kill -9 to `centrala run` and to all that it started."""
        found = self._tree()
        for one in found:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(found, timeout=10)
        if self.running:
            self.running.wait(10)
            self.running = None

    def does(self, *statements: str) -> None:
        """Do something to the database itself."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))


def _is_of_tests(name: str) -> bool:
    return name.startswith(("PYTEST", "CENTRALA", "PG", "PROMETHEUS"))


def _command_line(one: psutil.Process) -> str:
    """Nothing for a process that has just died."""
    try:
        return " ".join(one.cmdline())
    except psutil.Error:
        return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size. Raises PermissionError where this user may mount none."""
    folder.mkdir(parents=True)
    options = f"size={megabytes}m,mode=0755"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "centrala-faults", str(folder)],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise PermissionError(f"no disk can be mounted: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Fill what is left of a disk; the file to delete when there is to be room again."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as out:
        while out.write(bytes(64 * 1024)):
            pass
    with suppress(OSError), ballast.open("ab", buffering=0) as out:
        while out.write(bytes(512)):
            pass
    return ballast
