"""Say, Play and Pause: what the person hears."""

from typing import Final

from carrier.clocks import Doing, Event
from carrier.grammar import Element
from carrier.line import HTTP_FAILURE, Line, Played
from carrier.sound import length
from carrier.webhooks import Kind, request

SOUND_SECONDS: Final = 3.0
ENDLESS_LOOPS: Final = 1000


def play(line: Line, element: Element, *takes: type[Event]) -> Played[Event | None]:
    """Play a Say, Play or Pause; returns the key (or words) that interrupted it, if any."""
    times = element.number("loop", 1) or ENDLESS_LOOPS
    for _ in range(times):
        seconds = _begin(line, element)
        doing = Doing.PAUSING if element.name == "Pause" else Doing.SPEAKING
        event = yield from line.wait(doing, seconds, *takes)
        if event is not None:
            return event
    return None


def _begin(line: Line, element: Element) -> float:
    """Start the sound; returns its length in seconds."""
    if element.name == "Say":
        return say(line, element.text, element.get("language", "en-US"), element.get("voice"))
    if element.name == "Pause":
        seconds = float(element.number("length", 1))
        line.note("silence", seconds=seconds)
        return seconds
    seconds = 0.5 if element.get("digits") else _sound(line, line.address(element.text))
    line.note("play", url=line.address(element.text), seconds=seconds)
    return seconds


def say(line: Line, text: str, language: str, voice: str) -> float:
    """Speak a text; returns the seconds that a good speaker needs for it."""
    seconds = round(max(len(text) / line.call.pace.letters_a_second, 0.5), 2)
    line.note("speech", language=language, voice=voice, text=text, seconds=seconds)
    return seconds


def _sound(line: Line, url: str) -> float:
    """Fetch a sound file; a missing file is a fault on the call and silence on the line."""
    exchange = line.network.post_office.send(request(Kind.MEDIA, url, {}, "GET"))
    answer = exchange.answer
    if answer is None or answer.status != 200 or not answer.content_type.startswith("audio/"):
        status = exchange.status or exchange.loss
        line.failed(HTTP_FAILURE, f"no sound at {url} ({status})")
        return 0.0
    return length(answer.body) or SOUND_SECONDS
