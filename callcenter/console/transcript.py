"""A call as people read it: what the line said, what the caller did, and how long each took."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import words
from models import Call, Turn


@dataclass(frozen=True)
class Said:
    """One document that the line spoke: its sentences, and the place (flow/node) it stands at."""

    at: datetime
    language: str
    sentences: Sequence[str]
    place: str


@dataclass(frozen=True)
class Answered:
    """What came back: `pause` after the document was sent, its own length included."""

    at: datetime
    input: str
    result: str
    step: int
    tries: int
    pause: timedelta


Line = Said | Answered


def transcript(call: Call) -> list[Line]:
    """The call from its first document to its last turn, in the order of its steps."""
    return list(_lines(call))


def _lines(call: Call) -> Iterator[Line]:
    before = call.started_at
    if call.opening:
        yield _said(call.started_at, call.opening)
    for turn in call.turns:
        yield Answered(turn.at, turn.input, turn.result, turn.step, turn.tries, turn.at - before)
        before = turn.at
        if turn.spoken:
            yield _said(turn.at, _document(turn))


def _document(turn: Turn) -> Mapping[str, Any]:
    return {
        "language": turn.language,
        "spoken": turn.spoken,
        "says": turn.says,
        "leads_to": turn.leads_to,
    }


def _said(at: datetime, document: Mapping[str, Any]) -> Said:
    language, says = document["language"], document["says"]
    sentences = [_sentence(language, prompt, says) for prompt in document["spoken"]]
    return Said(at, language, sentences, document["leads_to"])


def _sentence(language: str, prompt: str, says: Mapping[str, Any]) -> str:
    """The words; the prompt's name where the words of that day are no longer kept."""
    try:
        return words.say(language, prompt, **says)
    except words.WordsError:
        return f"({prompt})"
