"""Gather: speech that any key interrupts, then keys until enough, the finish key, or silence.

Source: Twilio's voice/twiml/gather.
"""

from dataclasses import dataclass
from typing import Final

from carrier.call import Key, Said
from carrier.clocks import Doing, Event
from carrier.grammar import Element
from carrier.line import Jump, Line, Played
from carrier.speech import play

# A Gather that waits no longer than this is speech that keys may interrupt, not a question.
BREATH_SECONDS: Final = 1


@dataclass(frozen=True)
class Gathered:
    """What the person entered: keys without the finish key, or words, or nothing."""

    digits: str = ""
    finished_on: str = ""
    said: Said | None = None

    @property
    def is_empty(self) -> bool:
        return not self.digits and self.said is None

    def fields(self) -> dict[str, str]:
        if self.said is not None:
            confidence = str(self.said.confidence)
            return {"SpeechResult": self.said.words, "Confidence": confidence}
        return {"Digits": self.digits, "FinishedOnKey": self.finished_on, "msg": "Gather End"}


def gather(line: Line, element: Element) -> Played[Jump | None]:
    """Play a Gather; None if it stays empty, unless it has actionOnEmptyResult."""
    gathered = yield from _listen(line, element)
    if gathered.is_empty and not element.flag("actionOnEmptyResult", default=False):
        return None
    return line.jump(element, gathered.fields())


def _listen(line: Line, element: Element) -> Played[Gathered]:
    takes = _takes(element)
    event: Event | None = None
    for child in element.children:
        event = yield from play(line, child, *takes)
        if event is not None:
            break
    if event is None:
        _tell(line, element)
    return (yield from _collect(line, element, event))


def _takes(element: Element) -> tuple[type[Event], ...]:
    ways = element.get("input", "dtmf").split()
    return ((Key,) if "dtmf" in ways else ()) + ((Said,) if "speech" in ways else ())


def _tell(line: Line, element: Element) -> None:
    line.note(
        "gather",
        numDigits=element.number("numDigits", 0) or None,
        finishOnKey=element.get("finishOnKey", "#"),
        timeout=element.number("timeout", 5),
    )


def _collect(line: Line, element: Element, event: Event | None) -> Played[Gathered]:
    wanted = element.number("numDigits", 0)
    finish = element.get("finishOnKey", "#")
    timeout = element.number("timeout", 5)
    digits = ""
    while True:
        if event is None:
            waits = _takes(element)
            event = yield from line.wait(Doing.GATHERING, timeout, *waits, human=True)
        if event is None:
            return Gathered(digits)
        if isinstance(event, Said):
            return Gathered(said=event)
        if isinstance(event, Key):
            line.note("key", digit=event.digit)
            if finish and event.digit == finish:
                return Gathered(digits, finish)
            digits += event.digit
        if wanted and len(digits) >= wanted:
            return Gathered(digits)
        event = None
