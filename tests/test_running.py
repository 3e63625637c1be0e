"""`centrala run` as a stranger sees it: real processes, real signals."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from tests.patience import eventually

COMMAND = Path(sys.executable).parent / "centrala"
OURS = ("CENTRALA_", "TWILIO_", "SECRET_KEY", "DATA_KEY", "SMS_SENDER", "DATABASE_URL", "REDIS_URL")
OTHERS = ("PORT", "PUBLIC_URL", "SERVE", "FALLBACK_NUMBER", "PROMETHEUS_")


class Run:
    """One home, and `centrala run` in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_pair()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS + OTHERS)}
        self.environ = {**kept, "CENTRALA_HOME": str(home), "PORT": str(self.port)}
        self.process: subprocess.Popen[str] | None = None

    def starts(self) -> float:
        """Start the demo and wait until the line is ready; the seconds it took."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [COMMAND, "run", "--demo"],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        while not self.is_ready():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - began < 90, "the line does not get ready"
            time.sleep(0.05)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        try:
            answer = requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return bool(answer.json()["status"] == "ok")

    def stops(self, asked: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(asked)
        return self.process.wait(60)

    def said(self) -> str:
        assert self.process
        assert self.process.stdout
        with self.process.stdout as output:
            return output.read()

    def commands(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What somebody types in another terminal, where only the home is known."""
        environ = {**self.environ}
        if arguments[0] != "run":
            del environ["PORT"]
        return subprocess.run(
            [COMMAND, *arguments], env=environ, capture_output=True, text=True, timeout=60
        )

    def processes(self, name: str = "") -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_ours(process, name)]

    def _is_ours(self, process: psutil.Process, name: str) -> bool:
        try:
            line = " ".join(process.cmdline())
            ours = (
                process.environ().get("CENTRALA_HOME") == str(self.home) or str(self.home) in line
            )
            return ours and name in line and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def ends(self) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                process.kill()
        if self.process:
            self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()


def free_pair() -> int:
    """A free port whose follower is free too: the demo's carrier answers there."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path / "home")
    yield made
    made.ends()


def test_it_starts_stops_and_finds_its_data_again(run: Run) -> None:
    run.starts()
    made = run.commands("token", "create", "--role", "agent")
    assert made.returncode == 0, made.stderr
    token = made.stdout.splitlines()[-1]
    call = run.commands("call", "--keys", "1,3,1", "--from", "+48601234567")
    assert call.returncode == 0, call.stdout
    assert "Do widzenia." in call.stdout
    assert run.stops() == 0
    assert run.processes() == []
    said = run.said()
    assert f"http://localhost:{run.port}/phone" in said
    assert "marek / " in said
    pin = re.search(r"Marek's PIN .*: +(\d{6})$", said, re.MULTILINE)
    assert pin

    run.starts()
    address = f"http://127.0.0.1:{run.port}/api/v1/tickets"
    answer = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert answer.status_code == 200
    (ticket,) = answer.json()["items"]
    assert ticket["outcome"] == "resolved_by_line"
    switched = run.commands("call", "--keys", f"#,{pin[1]},2,1")
    assert "Gotowe, komunikat jest nadawany." in switched.stdout
    assert run.stops(signal.SIGTERM) == 0
    assert run.processes() == []


def test_what_is_killed_comes_back(run: Run) -> None:
    run.starts()
    worker = run.processes("centrala work")[0]
    worker.kill()
    assert eventually(lambda: any(p.pid != worker.pid for p in run.processes("centrala work")))
    web = run.processes("centrala web")
    for process in web:
        process.kill()
    assert eventually(run.is_ready)
    assert run.stops() == 0
    assert run.processes() == []


def test_when_it_is_killed_itself_nothing_stays_behind(run: Run) -> None:
    run.starts()
    assert run.process
    run.process.kill()
    assert eventually(lambda: run.processes() == []), [p.cmdline() for p in run.processes()]
    run.process.wait()
    run.said()
    run.starts()
    assert run.stops() == 0


def test_the_doctor_finds_a_running_demo_well(run: Run) -> None:
    run.starts()
    assert eventually(lambda: run.commands("doctor").returncode == 0), run.commands("doctor").stdout
    said = run.commands("doctor").stdout
    assert "✗" not in said
    assert said.count("✓") == 13
    # The scheduler counts it, a web process tells it.
    told = requests.get(f"http://127.0.0.1:{run.port}/metrics", timeout=5).text
    assert 'centrala_sweep_calls_total{how="opened"} 0.0' in told
    assert run.stops() == 0
    asleep = run.commands("doctor")
    assert asleep.returncode == 1
    assert "✗ public address: " in asleep.stdout
    assert "check PUBLIC_URL" in asleep.stdout
    assert "Traceback" not in asleep.stdout + asleep.stderr


def test_commands_work_without_a_running_line(run: Run) -> None:
    made = run.commands("user", "add", "olga", "--role", "agent", "--password", "dwanaście słów")
    assert made.returncode == 0, made.stderr
    again = run.commands("user", "add", "olga", "--password", "dwanaście słów")
    assert again.returncode == 1
    assert again.stderr == "Error: The login is taken.\n"
    assert run.processes() == []


def test_a_port_in_use_is_told(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", run.port))
        taken.listen()
        made = run.commands("run", "--demo")
    assert made.returncode == 1
    assert f"Port {run.port} is in use" in made.stderr
    assert "Traceback" not in made.stderr


def test_outside_a_demo_every_missing_secret_is_told(run: Run) -> None:
    made = run.commands("run", "--no-demo")
    assert made.returncode == 2
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER", "SMS_SENDER"):
        assert f"{name} is missing" in made.stderr
    for name in ("SECRET_KEY", "DATA_KEY"):
        assert f"{name} is missing" in made.stderr
    assert "Traceback" not in made.stderr
    assert not run.home.exists()


def test_wrong_use_is_a_sentence(run: Run) -> None:
    made = run.commands("token", "create", "--role", "king")
    assert made.returncode == 2
    assert "'king' is not one of 'agent', 'supervisor'" in made.stderr


@pytest.mark.parametrize(
    "command", [["sweep"], ["db", "upgrade"], ["token", "create", "--role", "agent"]]
)
def test_a_database_that_is_not_there_is_a_sentence(tmp_path: Path, command: list[str]) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS + OTHERS)}
    nowhere = {
        "CENTRALA_HOME": str(tmp_path),
        "CENTRALA_DEMO": "1",
        "DATABASE_URL": "postgresql://127.0.0.1:9/nowhere",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    ran = subprocess.run(
        [COMMAND, *command], env=kept | nowhere, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert "DATABASE_URL" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("in_its_place", ["nothing", "a file"])
def test_a_worker_comes_up_again_without_the_counters_folder(run: Run, in_its_place: str) -> None:
    run.environ["CENTRALA_DEMO"] = "1"
    web = run.process = subprocess.Popen(
        [COMMAND, "web"],
        env=run.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://127.0.0.1:{run.port}"
    assert eventually(lambda: answers(f"{address}/healthz"), 60)
    shutil.rmtree(run.home / "metrics")
    if in_its_place == "a file":
        (run.home / "metrics").touch()
    before = workers(web)
    before[0].kill()
    assert eventually(lambda: len({*workers(web)} - {*before}) == 1, 20)
    assert eventually(lambda: answers(f"{address}/healthz"), 20)
    time.sleep(2)  # one that does not come up ends, and takes the others along
    assert web.poll() is None
    assert len(workers(web)) == 2
    assert requests.get(f"{address}/metrics", timeout=5).status_code == 200


def workers(web: subprocess.Popen[str]) -> list[psutil.Process]:
    """Those that answer; the servers of the home are other children."""
    return [
        each
        for each in psutil.Process(web.pid).children()
        if each.status() != psutil.STATUS_ZOMBIE
        and each.name() not in ("postgres", "valkey-server")
    ]


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False
