"""`centrala outage`: the fourth way to switch, with a database and without."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter import background
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.board import Board, board
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.switchboard import Maker
from commands.outage import SAVED_HERE, outage
from config import Settings
from models import Announcement, Scope, Template, Way
from models.session import transaction

NOON = datetime(2016, 2, 24, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environ(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of this test's own, whose database is that of the tests."""
    monkeypatch.setenv("CENTRALA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    return tmp_path / "home"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/centrala")


def typed(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(outage, words)
    assert result.exit_code == code, result.output
    return result


def uid_in(result: Result) -> str:
    found = re.search("[0-9a-f]{16}", result.output)
    assert found
    return found[0]


def saved(database: Engine) -> list[Announcement]:
    """The rows, by a connection of ours: a command closes its own."""
    with Session(database) as session:
        return list(session.scalars(select(Announcement)))


def test_the_line_is_out_from_now_on(database: Engine, environ: Path) -> None:
    result = typed("start")
    assert "Trwa awaria naszej centrali telefonicznej." in result.output
    assert "uk: Наша телефонна станція" in result.output
    assert SAVED_HERE not in result.output
    (made,) = saved(database)
    assert (made.uid, made.made_how, bool(made.made_by)) == (uid_in(result), Way.COMMAND, True)
    assert [each.uid for each in Board(environ).on_now(datetime.now(UTC))] == [made.uid]
    assert uid_in(typed("stop")) == made.uid
    assert Board(environ).notices() == ()
    typed("stop", made.uid)


@pytest.mark.parametrize("is_away", [False, True])
def test_the_same_twice_is_one(
    database: Engine, is_away: bool, request: pytest.FixtureRequest
) -> None:
    if is_away:
        request.getfixturevalue("away")
    assert uid_in(typed("start")) == uid_in(typed("start"))
    assert uid_in(typed("start", "--scope", "service")) != uid_in(typed("start"))


@time_machine.travel(NOON, tick=False)
def test_times_are_warsaws(database: Engine) -> None:
    windows = ("--window", "07:30/09:30", "--window", "2016-02-24 12:00/13:00")
    result = typed("start", "--template", "maintenance", *windows)
    assert "dzisiaj, 24 lutego, od 07:30 do 09:30 oraz od 12:00 do 13:00." in result.output
    assert "from 2016-02-24 07:30 until 2016-02-24 09:30" in result.output
    later = typed("start", "--from", "2016-02-25T07:00Z", "--until", "2016-02-25 09:00")
    assert "від" not in later.output
    assert "from 2016-02-25 08:00 until 2016-02-25 09:00" in later.output
    open_ended = typed("start", "--scope", "service", "--from", "12:30")
    assert "from 2016-02-24 12:30 until further notice" in open_ended.output


@time_machine.travel(NOON, tick=False)
def test_an_end_before_its_start_is_tomorrows(database: Engine) -> None:
    for typing in (("--from", "23:30", "--until", "00:30"), ("--window", "23:30/00:30")):
        printed = typed("start", "--template", "maintenance", *typing).output
        assert "from 2016-02-24 23:30 until 2016-02-25 00:30" in printed
        assert "od 24 lutego, 23:30, do 25 lutego, 00:30" in printed
    night = "2016-10-30T00:30Z/2016-10-30T01:30Z"
    printed = typed("start", "--template", "maintenance", "--window", night).output
    assert "from 2016-10-30 02:30 summer time until 2016-10-30 02:30 winter time" in printed


def test_own_words(database: Engine) -> None:
    result = typed("start", "--scope", "service", "--text-pl", "Nie działa.", "--text-en", "Out.")
    assert "pl: Nie działa." in result.output
    assert "en: Out." in result.output
    assert "uk: Nie działa." in result.output


@pytest.mark.parametrize(
    ("typing", "sentence"),
    [
        (["start", "--from", "soon"], "Write a time as"),
        (["start", "--from", "24:30"], "Write a time as"),
        (["start", "--window", "07:30"], "Write FROM/TO"),
        (["start", "--window", "07:30/09:00", "--until", "10:00"], "not both"),
        (
            ["start", "--from", "09:00", "--until", "2016-02-24 08:00"],
            "A window ends after it starts.",
        ),
        (["start", "--from", "2016-03-27 02:30"], "does not exist"),
        (["start", "--from", "2016-10-30 02:30"], "start 2016-10-30 02:30: This time comes twice"),
        (["start", "--until", "2016-03-27 02:30"], "end 2016-03-27 02:30: This time does not"),
        (["start", "--text-en", "Out."], "write the Polish text"),
        (["start", "--scope", "all"], "is not one of"),
        (["stop", "--all", "--scope", "service"], "Give an ID"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    database: Engine, typing: list[str], sentence: str
) -> None:
    result = typed(*typing, code=2)
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_who_must_be_stopped_is_asked(database: Engine) -> None:
    assert "Nothing is on" in typed("stop", code=1).output
    assert "There is no announcement 5f3a" in typed("stop", "5f3a", code=1).output
    line, service = uid_in(typed("start")), uid_in(typed("start", "--scope", "service"))
    asked = typed("stop", code=2).output
    assert line in asked
    assert service in asked
    assert uid_in(typed("stop", "--scope", "service")) == service
    assert "on" in typed("list").output
    typed("stop", "--all")
    assert "Nothing is on" in typed("list").output
    assert line in typed("list", "--past").output


def test_a_file_that_cannot_be_read_is_named_with_its_mend(
    database: Engine, environ: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environ / "switchboard.json").mkdir(parents=True)
    result = typed("start")
    assert "switchboard.json cannot be read: move it away" in result.stderr
    assert SAVED_HERE not in result.output
    assert uid_in(result) in typed("list").output
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/centrala")
    assert "move it away" in typed("list").stderr
    assert "cannot be used" in typed("start", "--scope", "service", code=1).output


def test_the_list_as_programs_read_it(database: Engine) -> None:
    uid = uid_in(typed("start"))
    (item,) = json.loads(typed("list", "--json").output)
    assert set(item) == {"id", "scope", "text", "windows", "state", "heard", "updates"}
    assert (item["id"], item["state"], item["heard"]) == (uid, "on", 0)


def test_without_a_database_it_is_kept_here_and_reaches_the_rows_once(
    settings: Settings, database: Engine, away: None, environ: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = typed("start", "--scope", "service")
    assert SAVED_HERE in result.output
    uid = uid_in(result)
    assert "last state known" in typed("list").output
    over = uid_in(typed("start"))
    assert SAVED_HERE in typed("stop", over).output
    assert [each.uid for each in Board(environ).on_now(datetime.now(UTC))] == [uid]
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    for _ in range(2):
        assert "last state known" not in typed("list").output
    rows = {made.uid: made for made in saved(database)}
    assert set(rows) == {uid, over}
    assert rows[uid].ended_at is None
    assert (rows[over].ended_how, rows[over].ended_by) == (Way.COMMAND, rows[over].made_by)
    assert not any(each.unsaved for each in Board(environ).notices())


def test_what_the_rows_know_is_ended_without_them(
    settings: Settings, database: Engine, environ: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = uid_in(typed("start"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/centrala")
    assert SAVED_HERE in typed("stop").output
    assert SAVED_HERE in typed("stop", uid).output
    assert Board(environ).on_now(datetime.now(UTC)) == ()
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    typed("list")
    (made,) = saved(database)
    assert made.ended_how is Way.COMMAND
    assert Board(environ).notices() == ()


def test_no_database_is_started_for_it(environ: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert SAVED_HERE in typed("start").output
    assert {path.name for path in environ.iterdir()} == {"switchboard.json", "switchboard.lock"}


POLLING = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from callcenter import background
from callcenter.announcements import board
from models import session
session.bind(sys.argv[1])
shared = board.bind(Path(sys.argv[2]))
background.keep_up(lambda: 0)
print("ready", flush=True)
was = False
while True:
    now = bool(shared.on_now(datetime.now(UTC)))
    if now != was:
        print(time.time(), flush=True)
        was = now
    time.sleep(0.005)
"""


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    """Nobody waits for the process, whatever fails meanwhile."""
    try:
        yield
    finally:
        process.terminate()


@pytest.mark.parametrize("homes", ["one home", "a home of its own"])
def test_another_process_knows_within_a_second(
    settings: Settings, database: Engine, tmp_path: Path, homes: str
) -> None:
    """Beside the switching process in the same home, and on a machine that shares the rows only."""
    home = settings.home if homes == "one home" else tmp_path / "elsewhere"
    arguments = [sys.executable, "-c", POLLING, settings.database_url, str(home)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as other, ending(other):
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
        wanted = Wanted(Scope.SWITCHBOARD, Template.OUTAGE)
        notice = drafts.prepare(wanted, datetime.now(UTC) - timedelta(seconds=1))
        for switch in (True, False):
            before = datetime.now(UTC)
            with transaction() as session:
                if switch:
                    switchboard.announce(session, notice, Maker(Way.CONSOLE))
                else:
                    switchboard.end(session, notice.uid, Maker(Way.CONSOLE), before)
            assert float(other.stdout.readline()) - before.timestamp() < 1
    assert board().notices() == ()
    background.refresh_board()
