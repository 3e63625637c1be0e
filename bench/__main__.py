"""How fast is the line? Measured on the real stack, against a bare view of Flask's in the same run.

    make bench                                    (or: .venv/bin/python -m bench)
    make bench BENCH="--rounds 4 --seconds 8 --rows 10000000 --out docs"

The web server is the one we ship (`centrala web`), PostgreSQL the home's own with durable commits,
requests are signed as the carrier signs them. The yardstick is a Flask view that returns a constant
under gunicorn (gthread, 2 workers, 4 threads), asked by the same load in turn with the line.
"""

import argparse
import os
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

import app
import migrations
from bench import growth, parts, picture
from bench.fleet import fleet
from bench.load import TOKEN, Tally, load
from bench.web_server import GUNICORN, ROOT, serving, work
from config import Settings
from installation.home import Home

THINKING_S = 4
PATIENCE_MS = 200
KINDS = ("constant", "incoming", "step", "leaf", "status")
NAMES = {
    "constant": "yardstick: a constant",
    "incoming": "incoming call",
    "step": "menu step",
    "leaf": "step into guidance",
    "status": "status callback",
}

HEAD = (
    *("64 connections", "a second", "ratio", "p50 ms", "p99 ms"),
    *("server µs", "database µs", "load µs", "faults"),
)


class Run:
    """The tallies of all rounds, and what the processor did meanwhile."""

    def __init__(self, port: int, home: Home, environ: Mapping[str, str]) -> None:
        self.port, self.home, self.environ = port, home, environ
        self.tallies: dict[str, list[Tally]] = defaultdict(list)
        self.server_s: dict[str, float] = defaultdict(float)
        self.database_s: dict[str, float] = defaultdict(float)
        self.memory: list[float] = []

    def round(self, seconds: float) -> None:
        with self._yardstick() as server:
            self._measure("constant", server, seconds)
        with self._line() as server:
            load("incoming", self.port, 1)
            sids = self._measure("incoming", server, seconds).sids
            load("step", self.port, 1, sids=sids[:200])
            self._measure("step", server, seconds, sids[200:])
            leaves = load("incoming", self.port, 2).sids
            self._measure("leaf", server, seconds / 2, leaves)
            self._measure("status", server, seconds / 2, sids[200:])
            self.memory = [process.memory_full_info().pss / 2**20 for process in _of(server)]

    @contextmanager
    def _yardstick(self) -> Iterator[psutil.Process]:
        command = [*GUNICORN, f"--bind=127.0.0.1:{self.port}", "bench.web_server:constant()"]
        with serving(command, self.port, self.environ) as server:
            yield server

    @contextmanager
    def _line(self) -> Iterator[psutil.Process]:
        with serving(["centrala", "web"], self.port, self.environ) as server:
            yield server

    def _measure(
        self, kind: str, server: psutil.Process, seconds: float, sids: list[str] | None = None
    ) -> Tally:
        before, before_database = work(server), self._database_work()
        tally = load(kind, self.port, seconds, sids=sids or ())
        self.tallies[kind].append(tally)
        self.server_s[kind] += work(server) - before
        self.database_s[kind] += self._database_work() - before_database
        return tally

    def _database_work(self) -> float:
        pid = int((self.home.path / "postgres" / "postmaster.pid").read_text().split()[0])
        return work(psutil.Process(pid))

    def rate(self, kind: str) -> float:
        return sum(t.rate for t in self.tallies[kind]) / len(self.tallies[kind])

    def row(self, kind: str) -> tuple[str, ...]:
        tallies = self.tallies[kind]
        count = sum(len(tally.times) for tally in tallies)
        spent = (self.server_s[kind], self.database_s[kind], sum(t.spent for t in tallies))
        return (
            NAMES[kind],
            f"{self.rate(kind):.0f}",
            f"{self.rate(kind) / self.rate('constant'):.2f}",
            f"{sum(t.percentile(0.5) for t in tallies) / len(tallies):.1f}",
            f"{max(t.percentile(0.99) for t in tallies):.1f}",
            *(f"{seconds / count * 1e6:.0f}" for seconds in spent),
            f"{sum(t.faults for t in tallies)}",
        )

    def whole_calls(self, seconds: float) -> tuple[float, Tally]:
        with self._line():
            load("incoming", self.port, 1)
            return fleet(self.port, seconds)

    def callers_held(self, seconds: float) -> tuple[int, float]:
        """How many callers who press a key every few seconds are answered in time; and p99 then."""
        held = (0, 0.0)
        with self._line():
            sids = load("incoming", self.port, seconds).sids
            for share in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
                rate = share * self.rate("step")
                count = int(rate * seconds / 40)
                mine, sids = sids[:count], sids[count:]
                tally = load("step", self.port, seconds, sids=mine, connections=256, rate=rate)
                if tally.faults or tally.percentile(0.99) > PATIENCE_MS:
                    break
                held = (int(tally.rate * THINKING_S), tally.percentile(0.99))
        return held


def _of(server: psutil.Process) -> list[psutil.Process]:
    return [server, *server.children(recursive=True)]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """As Markdown, aligned for a terminal too."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = tuple("-" * width for width in widths)
    lines = ("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in (head, rule, *rows))
    return "\n".join(lines)


def main() -> None:
    given = _given()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="centrala-bench-") as folder:
        home = Home(Path(folder) / "home")
        environ = _environ(home, port)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        with home.servers():
            migrations.upgrade(home.database_url)
            report(given, Run(port, home, environ), Settings.read(environ))


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000, help="tickets to grow to")
    parser.add_argument("--out", type=Path, help="a folder; draws its images/performance.svg")
    return parser.parse_args()


def _environ(home: Home, port: int) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CENTRALA_DEMO": "1",
        "CENTRALA_HOME": str(home.path),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SERVE": "voice",
    }


def report(given: argparse.Namespace, run: Run, settings: Settings) -> None:
    for _ in range(given.rounds):
        run.round(given.seconds)
    said = [table(HEAD, [run.row(kind) for kind in KINDS])]
    held, p99 = run.callers_held(given.seconds)
    memory = ", ".join(f"{size:.0f}" for size in run.memory)
    calls, webhooks = run.whole_calls(given.seconds)
    said.append(
        f"- Calls set up a second: {run.rate('incoming'):.0f} by the plain load; {calls:.0f} whole "
        f"calls by the carrier's telephones, their webhooks in p50 {webhooks.percentile(0.5):.0f}, "
        f"p99 {webhooks.percentile(0.99):.0f} ms, {webhooks.faults} faults.\n"
        f"- Callers held who press a key every {THINKING_S} s, p99 under {PATIENCE_MS} ms: "
        f"{held} (p99 {p99:.0f} ms).\n"
        f"- Memory of the web server's processes, MB (PSS): {memory}."
    )
    costs = parts.measured(settings)
    rows = [(name, f"{cost:.0f}") for name, cost in costs.items()]
    said.append(table(("part of a step", "µs"), rows))
    grown = []
    engine = app.bind(replace(settings, serve="voice"))
    for size, *times in growth.measured(engine, given.rows):
        grown.append((size, *times))
    engine.dispose()
    head = ("tickets", "opening a call, ms", "a step, ms", "four searches, ms")
    sizes = [(f"{n:,}", *(f"{ms:.2f}" for ms in times)) for n, *times in grown]
    said.append(table(head, sizes))
    print("\n\n".join(said))
    if given.out:
        ratios = {NAMES[kind]: run.rate(kind) / run.rate("constant") for kind in KINDS}
        (given.out / "images" / "performance.svg").write_text(picture.draw(ratios, grown))


if __name__ == "__main__":
    main()
