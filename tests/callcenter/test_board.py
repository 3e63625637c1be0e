"""What callers hear at every instant, whatever overlaps, and the file that must not be lost."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as some

from callcenter.announcements.board import Board
from callcenter.announcements.notices import (
    MOST_AT_ONCE,
    Notice,
    Period,
    from_json,
    on_now,
    to_json,
)
from models import Scope

MIDNIGHT = datetime(2016, 2, 24, tzinfo=UTC)
TEXTS = ("Nie działa.", "  nie   DZIAŁA. ", "Prace do 10:00.", "Prace do 12:00.")

minutes = some.integers(0, 300).map(lambda count: MIDNIGHT + timedelta(minutes=count))


@some.composite
def periods(draw: some.DrawFn) -> Period:
    starts_at = draw(minutes)
    lasts = draw(some.none() | some.integers(1, 120))
    return Period(starts_at, None if lasts is None else starts_at + timedelta(minutes=lasts))


@some.composite
def notices(draw: some.DrawFn) -> Notice:
    return Notice(
        uid=f"{draw(some.integers(0, 2**32)):08x}",
        scope=draw(some.sampled_from(Scope)),
        text={"pl": draw(some.sampled_from(TEXTS))},
        periods=tuple(draw(some.lists(periods(), min_size=1, max_size=3))),
        ended_at=draw(some.none() | minutes),
    )


def fact(notice: Notice) -> tuple[Scope, str]:
    return notice.scope, " ".join(notice.text["pl"].split()).casefold()


@given(some.lists(notices(), max_size=6), minutes)
def test_at_most_two_the_urgent_first_and_no_fact_twice(made: list[Notice], now: datetime) -> None:
    told = on_now(made, now)
    assert len(told) <= MOST_AT_ONCE
    assert [notice.scope for notice in told] == sorted(
        (notice.scope for notice in told), key=[Scope.SWITCHBOARD, Scope.SERVICE].index
    )
    assert len({fact(notice) for notice in told}) == len(told)
    assert all(notice.state(now) == "on" for notice in told)


@given(some.lists(notices(), max_size=6), minutes)
def test_nothing_that_is_on_is_kept_back_for_less(made: list[Notice], now: datetime) -> None:
    on = [notice for notice in made if notice.state(now) == "on"]
    told = on_now(made, now)
    assert len(told) == min(MOST_AT_ONCE, len({fact(notice) for notice in on}))
    if any(notice.scope is Scope.SWITCHBOARD for notice in on):
        assert told[0].scope is Scope.SWITCHBOARD
    of_scope = [notice for notice in on if told and notice.scope is told[0].scope]
    latest = max((notice.period(now).starts_at for notice in of_scope), default=None)
    assert not told or told[0].period(now).starts_at == latest


@given(notices(), minutes)
def test_each_instant_has_one_state(notice: Notice, now: datetime) -> None:
    covered = any(period.covers(now) for period in notice.periods)
    ahead = any(period.starts_at > now for period in notice.periods)
    ended = notice.ended_at is not None and notice.ended_at <= now
    state = notice.state(now)
    assert (state == "on") is (covered and not ended)
    assert (state == "coming") is (ahead and not covered and not ended)
    assert (state == "over") is (ended or not (covered or ahead))
    assert state != "on" or notice.period(now).covers(now)
    if notice.over_at is not None and now >= notice.over_at:
        assert state == "over"


def test_a_window_begins_at_its_start_and_is_over_at_its_end() -> None:
    nine, ten = MIDNIGHT.replace(hour=9), MIDNIGHT.replace(hour=10)
    notice = Notice("1", Scope.SERVICE, {"pl": "Prace."}, (Period(nine, ten),))
    instant = timedelta(microseconds=1)
    states = {nine - instant: "coming", nine: "on", ten - instant: "on", ten: "over"}
    assert {moment: notice.state(moment) for moment in states} == states


def test_between_two_windows_it_is_coming() -> None:
    hour = {number: MIDNIGHT.replace(hour=number) for number in range(24)}
    notice = Notice(
        "1", Scope.SERVICE, {"pl": "Prace."}, (Period(hour[7], hour[9]), Period(hour[12], hour[13]))
    )
    assert [notice.state(hour[at]) for at in (6, 7, 10, 12, 13)] == [
        "coming",
        "on",
        "coming",
        "on",
        "over",
    ]
    assert notice.period(hour[10]) == notice.periods[1]
    assert notice.period(hour[20]) == notice.periods[1]


@given(notices())
def test_what_is_written_is_read(notice: Notice) -> None:
    assert from_json(json.loads(json.dumps(to_json(notice)))) == notice


def an_outage() -> Notice:
    return Notice("1", Scope.SWITCHBOARD, {"pl": "Nie działa."}, (Period(MIDNIGHT),))


@pytest.fixture
def outage() -> Notice:
    return an_outage()


def test_no_file_is_no_announcement(tmp_path: Path) -> None:
    assert Board(tmp_path / "nowhere").on_now(MIDNIGHT) == ()


def test_what_one_puts_up_another_reads(tmp_path: Path, outage: Notice) -> None:
    ours, others = Board(tmp_path), Board(tmp_path)
    assert others.notices() == ()
    ours.put_unsaved(outage)
    assert others.notices() == (replace(outage, unsaved=True),)
    assert Board(tmp_path).on_now(MIDNIGHT)[0].text == outage.text
    ours.put_unsaved(replace(outage, ended_at=MIDNIGHT))
    assert others.on_now(MIDNIGHT) == ()


def test_who_reads_it_again_reads_no_file(tmp_path: Path, outage: Notice) -> None:
    board = Board(tmp_path)
    board.put_unsaved(outage)
    assert board.notices() is board.notices()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"[{",
        b"null",
        b"{}7",
        b'{"a": 1}',
        b"[1]",
        b"[{}]",
        b"\xff\xfe",
        b'[{"uid": "1", "scope": "line", "text": {"pl": "x"}, "periods": [["x", null]]}]',
        b'[{"uid": "1", "scope": "service", "text": {"pl": "x"}, "periods": []}]',
        b'[{"uid": "1", "scope": "service", "text": {}, "periods": [["2016-02-24", null]]}]',
    ],
)
def test_what_makes_no_sense_silences_nothing(
    tmp_path: Path, outage: Notice, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    board = Board(tmp_path)
    board.put_unsaved(outage)
    assert board.on_now(MIDNIGHT)
    (tmp_path / "switchboard.json").write_bytes(rubbish)
    with caplog.at_level(logging.ERROR):
        assert board.on_now(MIDNIGHT)
        assert board.on_now(MIDNIGHT)
        assert Board(tmp_path).on_now(MIDNIGHT) == ()
    assert len(caplog.records) == 2
    assert board.replace([outage], board.written())
    assert Board(tmp_path).on_now(MIDNIGHT)


def test_a_write_that_was_cut_off_changes_nothing(tmp_path: Path, outage: Notice) -> None:
    board = Board(tmp_path)
    board.put_unsaved(outage)
    (tmp_path / "switchboard.new").write_text("[{")
    assert Board(tmp_path).on_now(MIDNIGHT)
    board.put_unsaved(replace(outage, uid="2"))
    assert len(Board(tmp_path).notices()) == 2


def test_who_read_before_another_wrote_does_not_write(tmp_path: Path, outage: Notice) -> None:
    board = Board(tmp_path)
    before = board.written()
    Board(tmp_path).put_unsaved(outage)
    assert not board.replace([], before)
    assert board.on_now(MIDNIGHT)
    assert board.replace([], board.written())
    assert board.notices() == ()


def test_many_writers_lose_nothing(tmp_path: Path, outage: Notice) -> None:
    together = Barrier(8)

    def put(number: int) -> None:
        board = Board(tmp_path)
        together.wait()
        for round_ in range(5):
            board.put_unsaved(replace(outage, uid=f"{number}.{round_}"))

    writers = [Thread(target=put, args=[number]) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len({notice.uid for notice in Board(tmp_path).notices()}) == 40


def put_a_folder_in_its_place(home: Path) -> Path:
    there = home / "switchboard.json"
    (there / "left behind").mkdir(parents=True)
    return there


def test_rows_are_served_whatever_lies_in_the_files_place(tmp_path: Path, outage: Notice) -> None:
    there = put_a_folder_in_its_place(tmp_path)
    board = Board(tmp_path)
    assert board.condition() == "unreadable"
    assert board.replace([outage], board.written())
    assert board.on_now(MIDNIGHT) == (outage,)
    assert board.condition() == "unreadable"
    assert board.replace([], board.written())
    assert board.on_now(MIDNIGHT) == ()
    assert board.replace([outage], board.written())
    shutil.rmtree(there)
    assert board.replace([outage], board.written())
    assert board.condition() == "ok"
    assert Board(tmp_path).on_now(MIDNIGHT) == (outage,)


def test_rows_are_served_where_no_file_can_be_written(tmp_path: Path, outage: Notice) -> None:
    board = Board(tmp_path)
    in_the_way = tmp_path / "switchboard.new"
    in_the_way.mkdir()
    assert board.replace([outage], board.written())
    assert board.on_now(MIDNIGHT) == (outage,)
    assert board.condition() == "unwritable"
    in_the_way.rmdir()
    Board(tmp_path).put_unsaved(replace(outage, uid="2"))
    assert [notice.uid for notice in board.notices()] == ["2"]
    assert board.replace([outage], board.written())
    assert board.condition() == "ok"


def test_what_cannot_be_read_is_not_overwritten(tmp_path: Path, outage: Notice) -> None:
    there = put_a_folder_in_its_place(tmp_path)
    with pytest.raises(IsADirectoryError):
        Board(tmp_path).put_unsaved(outage)
    assert (there / "left behind").is_dir()


def test_what_makes_no_sense_is_told(tmp_path: Path) -> None:
    (tmp_path / "switchboard.json").write_text("[{")
    assert Board(tmp_path).condition() == "unreadable"


def test_a_file_that_cannot_be_read_is_told_once_a_minute(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put_a_folder_in_its_place(tmp_path)
    board = Board(tmp_path)
    for _ in range(3):
        assert board.notices() == ()
        assert board.replace([], board.written())
    told = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert told == [
        "the switchboard's file cannot be read, the last state stays",
        "what is on is known to this process, and not in the switchboard's file",
    ]


@pytest.mark.parametrize(("folder", "file"), [(0o755, 0o644), (0o750, 0o640), (0o700, 0o600)])
def test_who_may_read_the_home_reads_the_board(
    tmp_path: Path, outage: Notice, folder: int, file: int
) -> None:
    tmp_path.chmod(folder)
    before = os.umask(0o077)
    try:
        Board(tmp_path).put_unsaved(outage)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"switchboard.json": file, "switchboard.lock": file}


NOBODY = 65534
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")


@only_root
def test_what_root_writes_belongs_to_the_homes_owner(tmp_path: Path, outage: Notice) -> None:
    home = tmp_path / "home"
    home.mkdir(0o700)
    os.chown(home, NOBODY, NOBODY)
    Board(home).put_unsaved(outage)
    assert {path.stat().st_uid for path in home.iterdir()} == {NOBODY}
    assert Board(home).condition() == "unsaved"


@only_root
@pytest.mark.parametrize(
    ("closed", "condition", "mend"),
    [
        ("switchboard.json", "unreadable", "chown --reference="),
        ("switchboard.lock", "unwritable", "to the user of the web processes"),
    ],
)
def test_root_sees_what_the_homes_owner_cannot_read(
    tmp_path: Path, outage: Notice, closed: str, condition: str, mend: str
) -> None:
    home = tmp_path / "home"
    home.mkdir(0o700)
    os.chown(home, NOBODY, NOBODY)
    Board(home).put_unsaved(outage)
    os.chown(home / closed, 0, 0)
    (home / closed).chmod(0o600)
    assert Board(home).condition() == condition
    assert mend in (Board(home).mend() or "")


SERVING = """
import os, sys
from pathlib import Path
from callcenter.announcements.board import Board
from tests.callcenter.test_board import MIDNIGHT, an_outage
os.setgroups([]); os.setgid(65534); os.setuid(65534)
board = Board(Path(sys.argv[1]))
board.replace([an_outage()], board.written())
print([notice.uid for notice in board.on_now(MIDNIGHT)], board.condition())
"""


@only_root
@pytest.mark.parametrize(
    ("closed", "condition"),
    [("switchboard.json", "unreadable"), ("switchboard.lock", "unwritable")],
)
def test_a_file_of_another_user_silences_nothing(closed: str, condition: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, NOBODY, NOBODY)
        (Path(home) / closed).touch(0o600)
        told = subprocess.run(
            [sys.executable, "-c", SERVING, home], capture_output=True, text=True, check=True
        )
    assert told.stdout == f"['1'] {condition}\n"
