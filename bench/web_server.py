"""Which web server answers callers best? Ours, on our own main menu, against a bare view.

    .venv/bin/python -m bench.web_server [--seconds 8] [--rounds 2] [--callers 64]

Callers sign as the carrier does: each rings, asks twenty times to hear the main menu again, rings
anew. Every step is verified, written to a real PostgreSQL (synchronous commit) and answered with
TwiML. The yardstick, in the same run, is a Flask view that returns a constant.
"""

import argparse
import asyncio
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from flask import Flask

import migrations
from bench.load import TOKEN, Tally, signed
from installation.home import Home

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
STEPS = 20
GUNICORN = ["gunicorn", "--worker-class=gthread", "--workers=2", "--threads=4", "--log-level=error"]
GRANIAN = [
    *("granian", "--interface=wsgi", "--http=1", "--no-ws", "--workers=2", "--blocking-threads=16"),
    *("--log-level=error", "--factory"),
]


def constant() -> Flask:
    """The yardstick: what Flask costs when it does nothing."""
    app = Flask("constant")
    app.add_url_rule(
        "/voice/incoming",
        "constant",
        lambda: '<Response><a action="/voice/incoming"/></Response>',
        methods=["POST"],
    )
    return app


def servers(port: int) -> Mapping[str, list[str]]:
    there = f"127.0.0.1:{port}"
    granian = [*GRANIAN, "--host=127.0.0.1", f"--port={port}"]
    gate = [word.replace("=wsgi", "=rsgi") for word in granian if "blocking" not in word]
    return {
        "yardstick: constant on gunicorn": [
            *GUNICORN,
            f"--bind={there}",
            "bench.web_server:constant()",
        ],
        "constant on granian": [*granian, "bench.web_server:constant"],
        "line on gunicorn": [*GUNICORN, f"--bind={there}", "app:from_environment()"],
        "line on granian": [*granian, "app:from_environment"],
        "line behind the gate": [*gate, "app:gate_from_environment"],
    }


@dataclass
class Served(Tally):
    """What the callers of one run saw, and what it cost the server: processor seconds."""

    work: float = 0

    @property
    def cost(self) -> float:
        """Milliseconds of processor time that the server's processes spent on a request."""
        return self.work / len(self.times) * 1000


class Caller:
    """One kept connection that makes call after call."""

    def __init__(self, port: int, tally: Tally, until: float) -> None:
        self.port, self.tally, self.until = port, tally, until
        self.public = f"http://127.0.0.1:{port}"

    async def calls(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        while time.perf_counter() < self.until:
            await self.call()
        self.writer.close()

    async def call(self) -> None:
        form = {
            "CallSid": f"CA{secrets.token_hex(16)}",
            "From": "+48501234567",
            "To": "+48223070000",
        }
        target: str | None = "/voice/incoming"
        for step in range(STEPS + 1):
            if target is None or time.perf_counter() > self.until:
                return
            extra = {"Digits": "9"} if step else {"CallStatus": "ringing"}
            target = await self.ask(target, {**form, **extra})

    async def ask(self, target: str, form: Mapping[str, str]) -> str | None:
        """Send one signed request; where its answer wants the next one."""
        message = signed(self.port, target, form)
        began = time.perf_counter()
        self.writer.write(message)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await self.reader.readexactly(int(length[1]) if length else 0)
        self.tally.times.append(time.perf_counter() - began)
        action = re.search(r'action="([^"]+)"', body.decode())
        if b" 200 " not in head[:20] or not action:
            self.tally.faults += 1
            return None
        return action[1].replace("&amp;", "&").removeprefix(self.public)


async def load(port: int, callers: int, seconds: float) -> Served:
    tally = Served()
    began = time.perf_counter()
    crowd = (Caller(port, tally, began + seconds).calls() for _ in range(callers))
    await asyncio.gather(*crowd)
    tally.seconds = time.perf_counter() - began
    return tally


@contextmanager
def serving(command: list[str], port: int, environ: Mapping[str, str]) -> Iterator[psutil.Process]:
    line = [str(BIN / command[0]), *command[1:]]
    process = subprocess.Popen(line, env=environ, cwd=ROOT, start_new_session=True)
    try:
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(3)
        yield psutil.Process(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def work(server: psutil.Process) -> float:
    """Processor seconds spent by a server and its processes so far."""
    spent = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


def measure(
    port: int, environ: Mapping[str, str], given: argparse.Namespace
) -> dict[str, list[Served]]:
    """Every server in turn, round after round, so that a slow moment hits all alike."""
    tallies: dict[str, list[Served]] = {name: [] for name in servers(port)}
    for _ in range(given.rounds):
        for name, command in servers(port).items():
            with serving(command, port, environ) as server:
                asyncio.run(load(port, given.callers, 1))
                before = work(server)
                tally = asyncio.run(load(port, given.callers, given.seconds))
                tally.work = work(server) - before
                tallies[name].append(tally)
    return tallies


def report(tallies: Mapping[str, list[Served]]) -> None:
    yardstick = rate(next(iter(tallies.values())))
    columns = ("requests/s", "ratio", "p50 ms", "p99 ms", "cpu ms", "faults")
    print(f"{'server':32}" + "".join(f"{column:>11}" for column in columns))
    for name, runs in tallies.items():
        values = (
            f"{rate(runs):.0f}",
            f"{rate(runs) / yardstick:.2f}",
            f"{statistics.mean(run.percentile(0.5) for run in runs):.1f}",
            f"{max(run.percentile(0.99) for run in runs):.1f}",
            f"{statistics.mean(run.cost for run in runs):.2f}",
            f"{sum(run.faults for run in runs)}",
        )
        print(f"{name:32}" + "".join(f"{value:>11}" for value in values))
    granian, gunicorn = tallies["line on granian"], tallies["line on gunicorn"]
    print(f"line, granian / gunicorn: {rate(granian) / rate(gunicorn):.2f}")


def rate(runs: list[Served]) -> float:
    return statistics.mean(run.rate for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--callers", type=int, default=64)
    given = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="centrala-bench-") as folder:
        home = Home(Path(folder) / "home")
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "CENTRALA_DEMO": "1",
            "CENTRALA_HOME": str(home.path),
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SERVE": "voice",
        }
        with home.servers():
            migrations.upgrade(home.database_url)
            report(measure(port, environ, given))


if __name__ == "__main__":
    main()
