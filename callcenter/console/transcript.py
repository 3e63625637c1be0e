"""A call as people read it: what the line said, what the caller did, and how long each took."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import words
from callcenter.callers import can_be_called, can_receive_sms
from ivr.engine import Result
from ivr.script import Can
from models import Call, Turn

KEYS = re.compile("[0-9*#•]+")


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
    pause: timedelta


Line = Said | Answered


def transcript(call: Call) -> list[Line]:
    """The call from its first document to its last turn, in the order of its steps."""
    return list(_lines(call))


def _lines(call: Call) -> Iterator[Line]:
    before = call.started_at
    if call.opening:
        yield _said(call, call.started_at, call.opening)
    for turn, after in zip_longest(call.turns, call.turns[1:]):
        if turn.result != Result.LEFT_QUEUE:
            yield Answered(turn.at, _keys(turn), turn.result, turn.at - before)
        before = turn.at
        # Words chosen in the waiting loop are spoken once the carrier's queue lets the caller go.
        if turn.spoken and not (after and after.result == Result.LEFT_QUEUE):
            yield _said(call, turn.at, vars(turn))


def _keys(turn: Turn) -> str:
    """What was pressed; what a queue or a recording reported is told by the result alone."""
    return turn.input if KEYS.fullmatch(turn.input) else ""


def _said(call: Call, at: datetime, document: Mapping[str, Any]) -> Said:
    says = _able(call) | document["says"]
    spoken = [_sentence(document["language"], prompt, says) for prompt in document["spoken"]]
    return Said(at, document["language"], [text for text in spoken if text], document["leads_to"])


def _able(call: Call) -> dict[str, Any]:
    """What the caller's number allowed: some sentences depend on it."""
    return {Can.SMS: can_receive_sms(call.caller), Can.CALLBACK: can_be_called(call.caller)}


def _sentence(language: str, prompt: str, says: Mapping[str, Any]) -> str:
    """The words; the prompt's name where the words of that day are no longer kept."""
    try:
        return words.say(language, prompt, **says)
    except words.WordsError:
        return f"({prompt})"
