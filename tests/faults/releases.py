"""An older release beside this one, as during a deploy: its own code, the same database."""

import io
import itertools
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from carrier.transport import Answer, Timeouts, Transport
from tests.faults.stack import START_SECONDS, Stack, free_port
from tests.patience import eventually

ROOT: Final = Path(__file__).parent.parent.parent
BEFORE: Final = "3201d50"
PROGRAM: Final = "import sys; from cli import main; sys.exit(main())"


def before_this(folder: Path) -> Path | None:
    """The code of the release before; None where the history does not reach so far."""
    made = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True)
    if made.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@dataclass
class Releases:
    """This release's stack, and web and worker of the other one."""

    stack: Stack
    code: Path

    @contextmanager
    def side_by_side(self) -> Iterator[None]:
        """Webhooks go to the one and the other by turns; both work off jobs."""
        port = free_port()
        running = [self._starts(command, port) for command in ("web", "work")]
        try:
            assert eventually(lambda: _answers(port), START_SECONDS), self.stack.said()
            with self.stack.wire.treated(lambda there: self._by_turns(there, port)):
                yield
        finally:
            for one in running:
                one.terminate()
                one.wait(30)

    def _starts(self, command: str, port: int) -> "subprocess.Popen[bytes]":
        """The older code of everything: its folder comes before the installed one."""
        environ = {**self.stack.environ, "PORT": str(port), "PYTHONPATH": str(self.code)}
        with self.stack.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-c", PROGRAM, command],
                env=environ,
                cwd=self.code,
                stdout=out,
                stderr=out,
            )

    def _by_turns(self, there: Transport, port: int) -> Transport:
        addresses = itertools.cycle((self.stack.address, f"http://127.0.0.1:{port}"))

        def send(
            method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
        ) -> Answer:
            url = next(addresses) + url.removeprefix(self.stack.address)
            return there(method, url, headers, body, timeouts)

        return send


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok
    except requests.RequestException:
        return False
