"""What the carrier plays by itself when all of us is away."""

from dataclasses import replace
from datetime import UTC, datetime

from callcenter import board, drafts
from callcenter.drafts import Wanted
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
