"""The transcript of a call: what the line said, what the caller did, and the pauses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

import words
from callcenter.announcements import switchboard
from callcenter.announcements.notices import Notice
from ivr import speech
from ivr.languages import FIRST_LANGUAGE
from ivr.speech import ANNOUNCEMENT, is_played, split
from ivr.transitions import Result
from models import Call, Turn

KEYS = re.compile("[0-9*#•]+")


@dataclass(frozen=True)
class Sentence:
    """One spoken sentence and its language, which may differ from the document's language."""

    language: str
    text: str


@dataclass(frozen=True)
class Said:
    """One document that the line spoke: its sentences, and its place (`flow/node`)."""

    at: datetime
    language: str
    sentences: Sequence[Sentence]
    place: str


@dataclass(frozen=True)
class Answered:
    """The answer to a document: the keys (`input`) or what else happened (`result`).

    `pause` is the time since the document was sent; it includes the speaking of the document.
    """

    at: datetime
    input: str
    result: str
    pause: timedelta


Line = Said | Answered


def transcript(session: Session, call: Call) -> list[Line]:
    """The call from its first document to its last turn, in the order of its steps."""
    spoken = [prompt for document in _documents(call) for prompt in document["spoken"]]
    notices = switchboard.notices(session, speech.announced(spoken))
    return list(_lines(call, notices))


def _documents(call: Call) -> Iterator[Mapping[str, Any]]:
    if call.opening:
        yield call.opening
    yield from (vars(turn) for turn in call.turns)


def _lines(call: Call, notices: Mapping[str, Notice]) -> Iterator[Line]:
    before = call.started_at
    if call.opening:
        yield _said(call, call.started_at, call.opening, notices)
    for turn, after in zip_longest(call.turns, call.turns[1:]):
        if turn.result != Result.LEFT_QUEUE:
            yield Answered(turn.at, _keys(turn), turn.result, turn.at - before)
        before = turn.at
        # A document chosen in the waiting loop is spoken after the caller left the carrier's queue.
        if turn.spoken and not (after and after.result == Result.LEFT_QUEUE):
            yield _said(call, turn.at, vars(turn), notices)


def _keys(turn: Turn) -> str:
    """The pressed keys; empty for the input of a queue or a recording, which `result` describes."""
    return turn.input if KEYS.fullmatch(turn.input) else ""


def _said(
    call: Call, at: datetime, document: Mapping[str, Any], notices: Mapping[str, Notice]
) -> Said:
    says = {**speech.flags(call.caller), **document["says"]}
    parts = [split(prompt, document["language"]) for prompt in document["spoken"]]
    spoken = [_sentence(language, prompt, says, notices) for language, prompt in parts]
    heard = [sentence for sentence in spoken if sentence.text]
    return Said(at, document["language"], heard, document["leads_to"])


def _sentence(
    language: str, prompt: str, says: Mapping[str, Any], notices: Mapping[str, Notice]
) -> Sentence:
    """The words of `prompt`; its name in brackets if the words are no longer kept."""
    if prompt.startswith(ANNOUNCEMENT):
        return _announced(language, notices.get(prompt.removeprefix(ANNOUNCEMENT)))
    if is_played(prompt):
        return Sentence(language, _("(a recording is played)"))
    try:
        return Sentence(language, words.say(language, prompt, **says))
    except words.WordsError:
        return Sentence(language, f"({prompt})")


def _announced(language: str, notice: Notice | None) -> Sentence:
    """The text of an announcement, in Polish if it has none in `language`."""
    if notice is None:
        return Sentence(language, "")
    if text := notice.text.get(language):
        return Sentence(language, text)
    return Sentence(FIRST_LANGUAGE, notice.text.get(FIRST_LANGUAGE, ""))
