"""Servers that hang: they take what is asked and say nothing. Nobody waits long for them."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import requests
from twilio.request_validator import RequestValidator

from installation.home import Home
from migrations import LOCK
from tests.patience import eventually
from tests.test_commands import answers, typed
from tests.test_home import servers_of
from tests.test_running import COMMAND, OTHERS, OURS, free_pair

# What a command may last on a machine that is busy with other things: the limits are a few seconds.
PATIENCE_S = 25
AWAY = "The database cannot be used: is it there, and does DATABASE_URL name it?\n"
SPEAK_TO_THE_DATABASE = (
    ["db", "upgrade"],
    ["token", "create", "--role", "agent"],
    ["user", "add", "olga", "--password", "dwanaście słów"],
    ["user", "pin", "marek", "--new"],
    ["sweep"],
    ["run"],
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Servers of this file's own, which may be mistreated."""
    made = Home(tmp_path_factory.mktemp("hanging") / "home")
    with made.servers(durable=False):
        yield made
    assert not servers_of(made)


@pytest.fixture
def environ(home: Home) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS + OTHERS)}
    port = {"PORT": str(free_pair())}
    return kept | port | {"CENTRALA_HOME": str(home.path), "CENTRALA_DEMO": "1"}


def eventually_found(home: Home, program: str) -> psutil.Process:
    """The server itself; one of its children may end while they are looked at."""
    while True:
        try:
            found = [one for one in servers_of(home) if one.name().startswith(program)]
            return min(found, key=psutil.Process.create_time)
        except psutil.NoSuchProcess:
            continue


@contextmanager
def hanging(home: Home, program: str) -> Iterator[None]:
    """SIGSTOP to the server and to all its children."""
    # A child that was forked this moment still has its parent's command line.
    server = eventually_found(home, program)
    paused = [server, *server.children(recursive=True)]
    for one in paused:
        with suppress(psutil.NoSuchProcess):  # a child may end before it is reached
            one.suspend()
    try:
        yield
    finally:
        for one in paused:
            with suppress(psutil.NoSuchProcess):
                one.resume()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_web_answers_calls_while_redis_hangs(home: Home, environ: dict[str, str]) -> None:
    assert typed(environ, "db", "upgrade").returncode == 0
    base = f"http://127.0.0.1:{environ['PORT']}"
    with hanging(home, "valkey-server"):
        web = subprocess.Popen(
            [COMMAND, "web"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            with within(PATIENCE_S):
                assert eventually(lambda: answers(f"{base}/healthz"), PATIENCE_S)
            assert "<Gather" in call_comes_in(home, environ["PORT"])
        finally:
            web.terminate()
            _, said = web.communicate(timeout=30)
    assert b"Redis runs and does not answer" in said


def call_comes_in(home: Home, port: str) -> str:
    form = {
        "CallSid": "CA" + "0" * 32,
        "AccountSid": home.secret("TWILIO_ACCOUNT_SID"),
        "From": "+48501234567",
        "To": home.secret("TWILIO_NUMBER"),
        "CallStatus": "ringing",
        "Direction": "inbound",
    }
    signed = RequestValidator(home.secret("TWILIO_AUTH_TOKEN")).compute_signature(
        f"http://localhost:{port}/voice/incoming", form
    )
    address = f"http://127.0.0.1:{port}/voice/incoming"
    return requests.post(address, form, headers={"X-Twilio-Signature": signed}, timeout=15).text


def test_commands_say_that_redis_hangs(home: Home, environ: dict[str, str]) -> None:
    assert typed(environ, "db", "upgrade").returncode == 0
    with hanging(home, "valkey-server"):
        with within(PATIENCE_S):
            swept = typed(environ, "sweep")
        assert swept.returncode == 1
        assert "Redis does not answer: jobs wait in the database until it does." in swept.stderr
        with within(PATIENCE_S):
            looked = typed(environ, "doctor")
        assert looked.returncode == 1
        assert "✗ Redis: it does not answer (TimeoutError)" in looked.stdout
        assert "✓ migrations" in looked.stdout


def test_who_leaves_last_does_not_wait_for_a_redis_that_hangs(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with within(PATIENCE_S), home.servers(database=False):
        (valkey,) = servers_of(home)
        valkey.suspend()
    assert not servers_of(home)


@pytest.mark.parametrize("words", SPEAK_TO_THE_DATABASE, ids=" ".join)
def test_a_command_gives_up_a_database_that_hangs(
    home: Home, environ: dict[str, str], words: list[str]
) -> None:
    with hanging(home, "postgres"), within(PATIENCE_S):
        ran = typed(environ, *words)
    assert ran.returncode == 1
    assert ran.stderr == AWAY


def test_the_doctor_says_that_the_database_hangs(home: Home, environ: dict[str, str]) -> None:
    with hanging(home, "postgres"), within(PATIENCE_S):
        looked = typed(environ, "doctor")
    assert looked.returncode == 1
    assert "✗ database: it does not answer" in looked.stdout
    assert "– migrations: cannot be looked at before the fault above is mended." in looked.stdout


def test_an_address_that_takes_connections_and_is_silent(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/centrala"
        with within(PATIENCE_S):
            ran = typed(environ | {"DATABASE_URL": nobody}, "db", "upgrade")
    assert ran.returncode == 1
    assert ran.stderr == AWAY


def test_a_long_migration_is_waited_for(home: Home, environ: dict[str, str]) -> None:
    """Longer than any limit of a command: what works, works."""
    with psycopg.connect(home.database_url.replace("+psycopg", "")) as another:
        another.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        upgrading = subprocess.Popen(
            [COMMAND, "db", "upgrade"], env=environ, stderr=subprocess.PIPE, text=True
        )
        time.sleep(15)
        assert upgrading.poll() is None
        another.rollback()
        _, said = upgrading.communicate(timeout=PATIENCE_S)
        assert upgrading.returncode == 0
    assert said == "Another holds what is to be changed in the database: this waits for it.\n"


@pytest.mark.parametrize(
    "words",
    [["token", "create", "--role", "agent"], ["user", "pin", "marek", "--new"]],
    ids=" ".join,
)
def test_a_short_command_does_not_wait_for_a_lock(
    home: Home, environ: dict[str, str], words: list[str]
) -> None:
    assert typed(environ, "db", "upgrade").returncode == 0
    with psycopg.connect(home.database_url.replace("+psycopg", "")) as another:
        another.execute("LOCK TABLE alembic_version")
        with within(PATIENCE_S):
            ran = typed(environ, *words)
        another.rollback()
    assert ran.returncode == 1
    assert ran.stderr == "Another holds what this needs in the database: try again later.\n"


def test_a_list_for_programs_says_that_the_database_hangs(
    home: Home, environ: dict[str, str]
) -> None:
    with hanging(home, "postgres"), within(PATIENCE_S):
        listed = typed(environ, "outage", "list", "--json")
    assert (listed.returncode, listed.stdout) == (0, "[]\n")
    last_known = "The database cannot be reached: this is the last state known on this machine.\n"
    assert listed.stderr == last_known
