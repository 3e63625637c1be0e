"""What fails over and over is told seldom, in a line without a trace."""

import logging
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from callcenter import background
from callcenter.offline import log_throttle
from callcenter.offline.log_throttle import LogThrottle
from models.session import transaction

TOLD = 'nobody is offered a call: UndefinedTable: relation "legs" does not exist'


def test_a_database_of_another_release_is_told_in_a_line(
    database: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "throttled", LogThrottle(background.log))
    with transaction() as session:
        session.execute(text("ALTER TABLE legs RENAME TO of_another_release"))
    try:
        with caplog.at_level(logging.INFO):
            for _ in range(3):
                background.offer_calls()
        assert [line.getMessage() for line in caplog.records] == [TOLD]
        assert caplog.records[0].exc_info is None
    finally:
        with transaction() as session:
            session.execute(text("ALTER TABLE of_another_release RENAME TO legs"))


def test_after_a_while_it_is_told_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_throttle, "AGAIN_S", 0.2)
    told = LogThrottle(logging.getLogger("centrala.tests"))
    for _ in range(2):
        told.warning("nothing is done", OSError("no\nroom for +48601234567"))
        told.warning("nothing is done", OSError("no\nroom for +48601234567"))
        time.sleep(0.25)
    lines = [line.getMessage() for line in caplog.records]
    assert lines == ["nothing is done: OSError: no"] * 2


def test_another_fault_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    told = LogThrottle(logging.getLogger("centrala.tests"))
    for fault in (OSError("no room"), OSError("no room"), ValueError("no number")):
        told.warning("nothing is done", fault)
    assert len(caplog.records) == 2


def test_a_fault_of_ours_is_told_once_with_its_trace(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "throttled", LogThrottle(background.log))
    rounds = iter(range(4))

    def fails() -> None:
        raise ValueError(f"round {next(rounds)}")

    for _ in range(3):
        background._once(fails)
    (told,) = caplog.records
    assert (told.levelname, told.getMessage()) == ("ERROR", "upkeep goes on after a fault")
    assert told.exc_info
    monkeypatch.setattr(log_throttle, "AGAIN_S", 0.0)
    background._once(fails)
    assert len(caplog.records) == 2


def test_a_disk_that_is_away_is_told_in_a_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(background, "throttled", LogThrottle(background.log))
    for _ in range(3):
        background._once((tmp_path / "nowhere").rmdir)
    (told,) = caplog.records
    assert told.getMessage().startswith("board and spool wait: FileNotFoundError")
    assert told.exc_info is None
