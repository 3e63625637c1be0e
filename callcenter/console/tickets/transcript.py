"""A call as people read it: what the line said, what the caller did, and how long each took."""

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
    """What was spoken, and in which language: an outage is told to strangers in all of them."""

    language: str
    text: str


@dataclass(frozen=True)
class Said:
    """One document that the line spoke: its sentences, and the place (flow/node) it stands at."""

    at: datetime
    language: str
    sentences: Sequence[Sentence]
    place: str


@dataclass(frozen=True)
class Answered:
    """What came back: `pause` after the document was sent, its own length included."""

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
        # Words chosen in the waiting loop are spoken once the carrier's queue lets the caller go.
        if turn.spoken and not (after and after.result == Result.LEFT_QUEUE):
            yield _said(call, turn.at, vars(turn), notices)


def _keys(turn: Turn) -> str:
    """What was pressed; what a queue or a recording reported is told by the result alone."""
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
    """The words; the prompt's name where the words of that day are no longer kept."""
    if prompt.startswith(ANNOUNCEMENT):
        return _announced(language, notices.get(prompt.removeprefix(ANNOUNCEMENT)))
    if is_played(prompt):
        return Sentence(language, _("(a recording is played)"))
    try:
        return Sentence(language, words.say(language, prompt, **says))
    except words.WordsError:
        return Sentence(language, f"({prompt})")


def _announced(language: str, notice: Notice | None) -> Sentence:
    """An announcement without words in a language was spoken in Polish."""
    if notice is None:
        return Sentence(language, "")
    if text := notice.text.get(language):
        return Sentence(language, text)
    return Sentence(FIRST_LANGUAGE, notice.text.get(FIRST_LANGUAGE, ""))
