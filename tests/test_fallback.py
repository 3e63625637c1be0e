"""What the carrier plays by itself when all of us is away."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from callcenter.announcements import board, drafts
from callcenter.announcements.drafts import Wanted
from carrier.grammar import MAX_DOCUMENT_BYTES, parse
from commands import fallback
from config import Settings
from models import Scope, Template


def test_it_tells_what_is_out_in_every_language(settings: Settings) -> None:
    now = datetime.now(UTC)
    notice = drafts.prepare(Wanted(Scope.SWITCHBOARD, Template.OUTAGE, {}, []), now)
    board.bind(settings.home).put_unsaved(notice)
    try:
        text = fallback.document(replace(settings, fallback_number="+48227778899"), now)
    finally:
        board.bind(settings.home).replace([], board.board().written())
    assert all(words in text for words in notice.text.values())
    assert "<Dial" in text
    assert "+48227778899" in text
    assert len(text.encode()) < MAX_DOCUMENT_BYTES
    verbs = parse(text.encode(), "text/xml")
    assert [verb.name for verb in verbs][-2:] == ["Dial", "Hangup"]


def test_it_is_written_only_when_it_changed(settings: Settings) -> None:
    board.bind(settings.home)
    there = settings.home / fallback.NAME
    assert fallback.write(there, settings)
    assert not fallback.write(there, settings)
    there.unlink()


def test_a_damaged_one_is_written_again(settings: Settings) -> None:
    board.bind(settings.home)
    there = settings.home / fallback.NAME
    there.write_bytes(b"\xff")
    assert fallback.write(there, settings)
    assert parse(there.read_bytes(), "text/xml")
    there.unlink()


def test_what_is_no_file_is_not_replaced(tmp_path: Path, settings: Settings) -> None:
    os.mkfifo(tmp_path / "pipe")
    environ = {"CENTRALA_HOME": str(settings.home), "CENTRALA_DEMO": "1"}
    ran = CliRunner(env=environ).invoke(fallback.fallback, ["--out", str(tmp_path / "pipe")])
    assert (ran.exit_code, "no file" in ran.output) == (1, True)
    assert (tmp_path / "pipe").is_fifo()
