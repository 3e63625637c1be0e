"""The home: one folder with everything that outlives a process.

It holds a demo's secrets, and the data of the PostgreSQL and the Redis that we start if none are
configured. Every process that uses a home finds these servers running or starts them; the last one
to leave stops them. File locks count the users, so a killed process no longer counts.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet

from installation.embedded.postgres import PORT as PORT_OF_SOCKET
from installation.embedded.postgres import ROLE, SUPERUSER, Postgres
from installation.embedded.program import Server, ServerError, SilentError, account
from installation.embedded.valkey import Valkey

log = logging.getLogger(__name__)

DATABASE = "centrala"
# Longer than starting or stopping both servers can take.
LOCK_SECONDS = 150
DYING_SECONDS = 10
PORT = re.compile(r"0*[1-9][0-9]{0,4}")
MOST_PORT = 65535

_locks: set[int] = set()

_MADE: dict[str, Callable[[], str]] = {
    "TWILIO_ACCOUNT_SID": lambda: "AC" + secrets.token_hex(16),
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "TWILIO_NUMBER": lambda: "+48223070000",
    "SMS_SENDER": lambda: "Centrala",
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "DATA_KEY": lambda: Fernet.generate_key().decode(),
}


class HomeError(Exception):
    """The home cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Home:
    """The folder that CENTRALA_HOME names, created on demand, readable only by its owner."""

    path: Path

    def __post_init__(self) -> None:
        # One home has one path, however it is spelled: the servers are recognised by it.
        object.__setattr__(self, "path", Path(os.path.realpath(self.path)))

    @property
    def _secrets(self) -> Path:
        return self.path / "secrets.json"

    @property
    def is_demo(self) -> bool:
        """Whether a demo was ever started here."""
        return self._secrets.exists()

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(9)) -> str:
        """The secret stored under `name`; created on the first request."""
        with self._locked("secrets.lock"):
            kept: dict[str, str] = {}
            if self._secrets.exists():
                kept = _secrets_in(self._secrets)
            if name not in kept:
                kept[name] = _MADE.get(name, make)()
                _replace(self._secrets, json.dumps(kept, indent=2) + "\n")
            return kept[name]

    @property
    def port(self) -> str | None:
        """The port of the demo that was last started here. Raises HomeError for a damaged file."""
        kept = self.path / "port"
        try:
            port = kept.read_text().strip() if kept.exists() else None
        except (OSError, ValueError) as fault:
            raise HomeError(f"{kept} cannot be read: remove it.") from fault
        if port is not None and not is_port(port):
            again = "remove it, or start the demo again, which writes it"
            raise HomeError(f"{kept} is damaged: {again}.")
        return port

    def keep_port(self, port: int) -> None:
        """Store the port, so that commands in other terminals find the demo."""
        _replace(self.path / "port", f"{port}\n")

    @property
    def database_url(self) -> str:
        """The address of the home's own PostgreSQL, running or not."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={host}&port={PORT_OF_SOCKET}"

    @property
    def superuser_url(self) -> str:
        """The same as superuser, for work that the application may not do."""
        return self.database_url.replace(f"//{ROLE}@", f"//{SUPERUSER}@")

    @property
    def redis_url(self) -> str:
        """The address of the home's own Redis, running or not."""
        return f"unix://{quote(str(self._redis_socket))}?db=0"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: a socket's path may have 107 bytes and no comma."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) <= 80 and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path("/tmp") / f"centrala-{os.geteuid()}-{name}"  # noqa: S108

    @property
    def _redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @contextmanager
    def servers(
        self, *, database: bool = True, redis: bool = True, durable: bool = True
    ) -> Iterator[None]:
        """Run the home's own servers while the block lasts.

        Raises HomeError if they cannot be started. A Redis that runs but hangs raises nothing:
        calls do not need it, and it may recover. `durable=False` is for tests: it is fast, but data
        is lost when the machine crashes.
        """
        logs = self.path / "logs"
        wanted: list[Server] = []
        if database:
            data = self.path / "postgres"
            log = logs / "postgres.log"
            wanted.append(Postgres(data, self.sockets, log, DATABASE, durable))
        if redis:
            wanted.append(Valkey(self.path / "redis", self._redis_socket, logs / "redis.log"))
        parent = os.getppid()
        with self._opened("in-use.lock") as in_use:
            try:
                self._enter(in_use, wanted)
                yield
            finally:
                # Processes that die with our parent may still hold their lock for a moment.
                patience = DYING_SECONDS if os.getppid() != parent else 0
                self._leave(in_use, wanted, time.monotonic() + patience)

    def _enter(self, in_use: int, wanted: list[Server]) -> None:
        with self._locked("start.lock"):
            fcntl.flock(in_use, fcntl.LOCK_SH)
            try:
                self._make_folders()
                for server in wanted:
                    _start(server)
            except (OSError, ServerError) as fault:
                raise HomeError(f"The home {self.path} cannot be used: {fault}") from fault

    def _leave(self, in_use: int, wanted: list[Server], deadline: float) -> None:
        """Stop the servers if nobody else uses them, also after an interrupted start."""
        while not self._leaves_last(in_use, wanted) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _leaves_last(self, in_use: int, wanted: list[Server]) -> bool:
        with self._locked("start.lock"):
            fcntl.flock(in_use, fcntl.LOCK_UN)
            if not _lock(in_use):
                return False
            faults = [fault for server in reversed(wanted) if (fault := _stop(server))]
            if self.sockets.parent != self.path:
                with suppress(OSError):  # a killed server may have left its socket
                    self.sockets.rmdir()
        if faults:
            raise HomeError(f"The home {self.path} is not left as it should be: {faults[0]}.")
        return True

    def _make_folders(self) -> None:
        (self.path / "logs").mkdir(mode=0o700, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        folder, ours = self.sockets.lstat(), {os.geteuid()}
        if os.geteuid() == 0:
            ours.add(account().pw_uid)
        if folder.st_uid not in ours or folder.st_mode & 0o077:
            raise HomeError(f"{self.sockets} must be a folder of yours, closed to others.")

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with self._opened(name) as file:
            deadline = time.monotonic() + LOCK_SECONDS
            while not _lock(file):
                if time.monotonic() > deadline:
                    raise HomeError(
                        f"The home {self.path} is held by a command that does not go on: end it."
                    )
                time.sleep(0.02)
            yield

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise HomeError(f"The home {self.path} cannot be used: {fault.strerror}.") from fault
        _locks.add(file)
        try:
            yield file
        finally:
            _close(file)


def is_port(given: str) -> bool:
    """Whether the text is a port number."""
    return PORT.fullmatch(given) is not None and int(given) <= MOST_PORT


def _close(file: int) -> None:
    if file in _locks:
        _locks.remove(file)
        os.close(file)


def _close_inherited() -> None:
    """Close inherited lock files in a fork: a lock lasts as long as any process has it open."""
    for file in tuple(_locks):
        _close(file)


os.register_at_fork(after_in_child=_close_inherited)


def _start(server: Server) -> None:
    try:
        server.start()
    except SilentError as fault:
        log.warning("%s: what needs it waits until it does", fault)


def _stop(server: Server) -> Exception | None:
    """Stop the server; return the fault if that failed, so that the others are stopped too."""
    try:
        server.stop()
    except (OSError, ServerError) as fault:
        return fault
    return None


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _secrets_in(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text())
    except OSError as fault:
        raise HomeError(f"{path} cannot be read: {fault.strerror}.") from fault
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not all(isinstance(each, str) for each in kept.values()):
        raise HomeError(
            f"{path} is damaged: bring it back from a copy. Without it a demo makes new secrets, "
            "and what was sealed with the old ones stays closed."
        )
    return kept


def _replace(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    new = path.with_suffix(".new")
    try:
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError as fault:
        raise HomeError(f"{path} cannot be written: {fault.strerror}.") from fault
