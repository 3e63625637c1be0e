"""Whatever a command meets, it says so in a sentence, ends with a number, and shows no code."""

import http.server
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW
from callcenter.privacy import data_key
from carrier.network import Network
from carrier.process import running
from commands import fallback
from config import Settings
from models import Agent, ApiToken, DataKey
from tests.patience import eventually
from tests.test_running import COMMAND, OTHERS, OURS, free_pair

EVERY = (
    ["--help"],
    ["flows", "check"],
    ["flows", "map"],
    ["outage", "list"],
    ["outage", "start"],
    ["user", "add", "olga", "--password", "dwanaście słów"],
    ["token", "create", "--role", "agent"],
    ["db", "upgrade"],
    ["sweep"],
    ["fallback"],
    ["doctor"],
    ["call", "--keys", "1"],
)
# Without a home, with the board, with a database: printing is watched in one place.
OF_EACH_KIND = (EVERY[0], EVERY[3], EVERY[6], EVERY[10])
ANOTHER_KEY = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="
WITH_DATABASE = (["db", "upgrade"], ["sweep"], ["outage", "list"])
WITH_REDIS = (["doctor"], ["web"])


@pytest.fixture
def environ(settings: Settings, database: Engine, tmp_path: Path) -> dict[str, str]:
    """A home of this test's own, with the servers of the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS + OTHERS)}
    return kept | {
        "CENTRALA_HOME": str(tmp_path / "home"),
        "CENTRALA_DEMO": "1",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }


def typed(
    environ: Mapping[str, str],
    *words: str,
    out: int | IO[Any] = subprocess.PIPE,
    closed: bool = False,
) -> subprocess.CompletedProcess[str]:
    """What came of a command, none of whose faults is ever shown as code.

    `closed`: typed with `>&-`.
    """
    ran = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" >&-', COMMAND, *words] if closed else [COMMAND, *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    return ran


@pytest.mark.parametrize("words", OF_EACH_KIND, ids=" ".join)
def test_a_full_disk_under_what_is_printed(environ: dict[str, str], words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = typed(environ, *words, out=full)
    assert ran.returncode == 1
    assert ran.stderr == "Not all could be printed: No space left on device.\n"


@pytest.mark.parametrize("words", OF_EACH_KIND[:2], ids=" ".join)
def test_a_reader_who_has_gone(environ: dict[str, str], words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = typed(environ, *words, out=writing)
    os.close(writing)
    assert ran.returncode == 1
    assert ran.stderr == "Not all could be printed: its reader has gone.\n"


def test_a_token_that_nobody_could_read_is_none(environ: dict[str, str], database: Engine) -> None:
    with Path("/dev/full").open("w") as full:
        typed(environ, "token", "create", "--role", "agent", out=full)
    with Session(database) as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_a_token_is_listed_and_ended(environ: dict[str, str], database: Engine) -> None:
    create = ("token", "create", "--role", "agent", "--name", "reports", "--scope", "read,announce")
    made = typed(environ, *create, "--days", "2")
    assert re.fullmatch(r"ctr_[\w-]{43}", made.stdout.splitlines()[-1])
    cells = typed(environ, "token", "list").stdout.splitlines()[-1].split("\t")
    number, *said = cells
    last = (datetime.now(WARSAW) + timedelta(days=2)).strftime("%Y-%m-%d")
    assert said == ["reports", "agent", "read,announce", "valid", last, "-", "0"]
    assert typed(environ, "token", "revoke", number).returncode == 0
    assert "\trevoked\t" in typed(environ, "token", "list").stdout
    for wrong, told in (
        (("token", "revoke", "999"), "There is no token 999."),
        ((*create, "--scope", "fly"), "There is no scope fly"),
        ((*create, "--expires", "2020-01-01"), "A token lives for"),
        ((*create, "--days", "1", "--expires", "2030-01-01"), "not both"),
    ):
        ran = typed(environ, *wrong)
        assert ran.returncode in (1, 2)
        assert told in ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("words", OF_EACH_KIND, ids=" ".join)
def test_an_output_that_is_closed(environ: dict[str, str], words: list[str]) -> None:
    ran = typed(environ, *words, closed=True)
    assert ran.returncode == 1
    assert ran.stderr == "Not all could be printed: the output is closed.\n"


def test_a_secret_that_is_printed_nowhere_is_none(
    environ: dict[str, str], database: Engine
) -> None:
    marek = ["marek", "--role", "supervisor", "--password", "dwanaście słów"]
    assert typed(environ, "user", "add", *marek).returncode == 0
    assert typed(environ, "user", "pin", "marek", "--new", closed=True).returncode == 1
    assert typed(environ, "token", "create", "--role", "agent", closed=True).returncode == 1
    with Session(database) as session:
        assert session.scalars(select(Agent.pin)).all() == [None]
        assert session.scalars(select(ApiToken)).all() == []


def test_a_closed_output_ends_no_process_of_the_line(environ: dict[str, str]) -> None:
    port = free_pair()
    running = subprocess.Popen(
        ["sh", "-c", 'exec "$0" run >&-', COMMAND],
        env=environ | {"PORT": str(port)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        running.terminate()
        _, said = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 0
    assert said == "Not all could be printed: the output is closed. All else goes on.\n"


def test_a_full_disk_under_its_log_ends_no_call(environ: dict[str, str]) -> None:
    port = free_pair()
    with Path("/dev/full").open("w") as full:
        running = subprocess.Popen(
            [COMMAND, "run"],
            env=environ | {"PORT": str(port)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        assert eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        running.terminate()
        _, said = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 0
    assert said == "Not all could be printed: No space left on device. All else goes on.\n"


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize("words", WITH_DATABASE, ids=" ".join)
@pytest.mark.parametrize(
    "address", ["postgresql://h:port/db", "postgresql://[::1/db", "postgresql://h/db?bogus=1"]
)
def test_an_address_of_a_database_that_is_none(
    environ: dict[str, str], words: list[str], address: str
) -> None:
    ran = typed(environ | {"DATABASE_URL": address}, *words)
    assert ran.returncode == 2
    assert ran.stderr.startswith("DATABASE_URL has a wrong form")


@pytest.mark.parametrize("words", WITH_REDIS, ids=" ".join)
@pytest.mark.parametrize("address", ["redis://h:port", "redis://h?db=x", "redis://h?bogus=1"])
def test_an_address_of_a_redis_that_is_none(
    environ: dict[str, str], words: list[str], address: str
) -> None:
    ran = typed(environ | {"REDIS_URL": address}, *words)
    assert ran.returncode == 2
    assert ran.stderr.startswith("REDIS_URL has a wrong form")


@pytest.mark.parametrize("kept", ['{"SECRET_KEY": ', "\xff\xfe"])
def test_damaged_secrets(environ: dict[str, str], tmp_path: Path, kept: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secrets.json").write_text(kept, "latin-1")
    for words in (["sweep"], ["doctor"], ["call"], ["web"], ["run"]):
        ran = typed(environ, *words)
        assert ran.returncode == 1
        assert "secrets.json is damaged: bring it back from a copy." in ran.stderr
    assert (tmp_path / "home" / "secrets.json").read_text("latin-1") == kept


def test_secrets_that_are_no_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home" / "secrets.json").mkdir(parents=True)
    ran = typed(environ, "doctor")
    assert (ran.returncode, "secrets.json cannot be read" in ran.stderr) == (1, True)


@pytest.mark.parametrize("kept", ["", "\n", "84100", "0", "-1", "٣", "eighty", "\xff"])
def test_a_port_that_is_none(environ: dict[str, str], tmp_path: Path, kept: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "port").write_text(kept)
    ran = typed(environ, "fallback")
    assert ran.returncode == 1
    assert ran.stderr == (
        f"{tmp_path}/home/port is damaged: remove it, or start the demo again, which writes it.\n"
    )


def test_letters_that_are_none(environ: dict[str, str]) -> None:
    ran = typed(environ, "token", "create", "--role", "agent", "--name", "\udcff")
    assert ran.returncode == 1
    assert "A token's name has 1 to 120 characters, all of which can be seen." in ran.stderr


def test_a_damaged_board(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "switchboard.json").write_text("{")
    ran = typed(environ, "outage", "list")
    assert "the switchboard's file makes no sense, the last state stays" in ran.stderr


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "[]", '{"error": "no"}'])
def test_another_than_the_carrier_answers(environ: dict[str, str], body: str) -> None:
    with answering(body) as base:
        elsewhere = environ | {"TWILIO_API_BASE": base}
        swept = typed(elsewhere, "sweep")
        assert swept.returncode == 1
        assert "Error: The carrier did not list its calls" in swept.stderr
        called = typed(elsewhere, "call", "--keys", "1")
        assert called.returncode == 1
        looked = typed(elsewhere, "doctor")
        assert looked.returncode == 1
    assert "✗ carrier's credentials and clock: what answers is not the carrier" in looked.stdout
    assert "– webhooks: " in looked.stdout


def test_a_sweep_tells_which_calls_it_leaves_alone(
    environ: dict[str, str], network: Network
) -> None:
    with running(network) as base:
        account = {"TWILIO_ACCOUNT_SID": network.account_sid, "TWILIO_API_BASE": base}
        token = {"TWILIO_AUTH_TOKEN": network.auth_token}
        swept = typed(environ | account | token, "sweep")
    assert swept.returncode == 0, swept.stderr
    *_, found, grace = swept.stdout.splitlines()
    assert found == "Calls that never reached us: 0; that were over: 0."
    assert grace.startswith("Calls of the last minute are left alone")


def test_a_key_changed_by_mistake_is_told_before_it_seals_anything(
    environ: dict[str, str], settings: Settings
) -> None:
    first = environ | {"CENTRALA_DEMO": "0", "DATA_KEY": settings.data_key}
    another = first | {"DATA_KEY": ANOTHER_KEY}
    assert typed(first, "db", "upgrade").returncode == 0
    told = typed(another, "db", "upgrade")
    assert told.returncode == 1
    assert "Error: DATA_KEY is not the key by which this database's secrets are" in told.stderr
    assert typed(first, "db", "upgrade").returncode == 0
    assert typed(another, "db", "upgrade", "--new-data-key").returncode == 0
    assert typed(another, "db", "upgrade").returncode == 0
    assert typed(first, "db", "upgrade").returncode == 1
    keyless = {name: value for name, value in first.items() if name != "DATA_KEY"}
    assert typed(keyless, "db", "upgrade").returncode == 0
    assert typed(keyless, "db", "upgrade", "--new-data-key").returncode == 2


def test_the_scheduler_notes_the_key_and_tells_another(
    environ: dict[str, str], settings: Settings, database: Engine
) -> None:
    first = environ | {"DATA_KEY": settings.data_key}
    with schedule(first):
        assert eventually(lambda: keys_noted(database) == 1, 40)
    with schedule(environ | {"DATA_KEY": ANOTHER_KEY}) as said:
        assert eventually(lambda: data_key.ANOTHER in said.read_text(), 40)
    assert keys_noted(database) == 1


def test_the_fallback_tells_what_is_out_though_the_board_cannot_be_read(
    environ: dict[str, str],
) -> None:
    home = Path(environ["CENTRALA_HOME"])
    (home / "switchboard.json").mkdir(parents=True)
    assert typed(environ, "outage", "start", "--text-pl", "Nie działa winda.").returncode == 0
    with schedule(environ):
        assert eventually(lambda: "Nie działa winda." in in_the_fallback(home), 40)


def test_the_fallback_tells_what_was_switched_without_a_database(environ: dict[str, str]) -> None:
    home = Path(environ["CENTRALA_HOME"])
    away = environ | {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/centrala"}
    assert typed(away, "outage", "start", "--text-pl", "Nie działa winda.").returncode == 0
    with schedule(away):
        assert eventually(lambda: "Nie działa winda." in in_the_fallback(home), 40)


def in_the_fallback(home: Path) -> str:
    written = home / fallback.NAME
    return written.read_text() if written.exists() else ""


@contextmanager
def schedule(environ: Mapping[str, str]) -> Iterator[Path]:
    """The scheduler at work; gives the file with what it says."""
    log = Path(environ["CENTRALA_HOME"]).with_name("schedule.log")
    with log.open("w") as out:
        running = subprocess.Popen([COMMAND, "schedule"], env=environ, stdout=out, stderr=out)
    try:
        yield log
    finally:
        running.terminate()
        running.wait(30)


def keys_noted(database: Engine) -> int:
    with Session(database) as session:
        return session.query(DataKey).count()


class answering:  # noqa: N801 - it reads as a word
    """A server that says the same to everybody."""

    def __init__(self, body: str, status: int = 200) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize("words", [["call"], ["doctor"], ["sweep"]])
def test_where_no_demo_is_a_command_says_so(environ: dict[str, str], words: list[str]) -> None:
    for name in ("CENTRALA_DEMO", "DATABASE_URL", "REDIS_URL"):
        environ.pop(name)
    ran = typed(environ, *words)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"No demo was ever started in {environ['CENTRALA_HOME']}.")
    assert "CENTRALA_HOME" in ran.stderr
    assert "TWILIO" not in ran.stderr
