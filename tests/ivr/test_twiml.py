"""Every document of the script is one that the strictest carrier plays."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

import words
from carrier import grammar
from carrier.grammar import Element
from carrier.grammar import Place as Played
from ivr import documents, engine, speech, twiml
from ivr.flows import SCRIPT
from ivr.line import Line
from ivr.script import Ask, End, Menu, Node, Place, Record, Talk, Transfer, Wait
from ivr.speech import Speech
from ivr.transitions import Position
from ivr.twiml import building

VOICES = {"pl": "Polly.Ola-Neural", "en": "Polly.Amy-Neural", "uk": "Google.uk-UA-Standard-A"}
LINE = Line(VOICES, prefix="/line")
VALUES: dict[str, Any] = {
    "counted": 4,
    "date": "2026-12-07",
    "digits": 9,
    "due": "2026-12-07",
    "minutes": 22,
    "number": "123456784",
    "on": "yes",
    "place": 12,
    "scope": "switchboard",
    "service_out": "yes",
    "state": "closed",
    "text": "Trwa awaria.",
    "unfit": "silent",
}
NOTICES = (
    "notice-silence",
    "notice-wrong-key",
    "notice-too-few-digits",
    "notice-nothing-recorded",
    "notice-unclear-to-consultant",
    "notice-long-call-to-consultant",
    "notice-trouble",
)
PLACES = [
    (place, node)
    for place, node in SCRIPT.places()
    if engine.is_answerable(node) or isinstance(node, End)
]


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PLACES, ids=lambda found: str(found[0]))
def stand(request: pytest.FixtureRequest) -> tuple[Place, Node]:
    found: tuple[Place, Node] = request.param
    return found


def verbs(place: Place, language: str, caller: str = "+48501234567") -> tuple[Element, ...]:
    """The document as the carrier reads it."""
    node = SCRIPT.node(place)
    at = Position(language, place, step=7, tries=1, since=1780000000)
    said = Speech((*NOTICES, *speech.prompts(node, ())), {**VALUES, **speech.flags(caller)})
    document = documents.document(SCRIPT, LINE, at, said)
    played = Played.WAIT if isinstance(node, Wait) else Played.CALL
    return grammar.parse(document.encode(), "text/xml", played)


CALLERS = ("+48501234567", "+48221234567", "withheld")
NUMBERS = ((7, 1, 1780000000), (58, 2, 0), (1, 0, 1790000000))


def test_a_filled_template_is_what_the_library_builds(
    stand: tuple[Place, Node], language: str
) -> None:
    place, node = stand
    for caller, notices in product(CALLERS, [(), *((notice,) for notice in NOTICES)]):
        line = replace(LINE, templates={})
        said = Speech((*notices, *speech.prompts(node, ())), {**VALUES, **speech.flags(caller)})
        for numbers in NUMBERS:
            at = Position(language, place, *numbers)
            built = building.build(SCRIPT, line, at, said)
            assert documents.document(SCRIPT, line, at, said) == built, (caller, notices)
        takes = {name for prompt in said.prompts for name in words.variables(language, prompt)}
        is_kept = takes <= {"sms", "callback", "service_out"} and not isinstance(node, Talk)
        assert len(line.templates) == is_kept, (caller, notices)


def test_the_carrier_plays_it(stand: tuple[Place, Node], language: str) -> None:
    for caller in CALLERS:
        assert verbs(stand[0], language, caller)


def test_it_speaks_with_the_voice_of_its_language(stand: tuple[Place, Node], language: str) -> None:
    own = [say for say in _all(verbs(stand[0], language)) if say.name == "Say"]
    assert own
    for say in own:
        code = say.get("language")[:2]
        assert say.get("voice") == VOICES[code]
        assert code == language or isinstance(stand[1], Menu)


def _all(elements: tuple[Element, ...]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _all(element.children)


def test_every_question_takes_silence_for_an_answer(
    stand: tuple[Place, Node], language: str
) -> None:
    place, node = stand
    for gather in (verb for verb in verbs(place, language) if verb.name == "Gather"):
        assert gather.get("actionOnEmptyResult") == "true"
        assert gather.get("input") == "dtmf"
        assert gather.get("method") == "POST"
        assert gather.number("numDigits", 0) == (node.digits if isinstance(node, Ask) else 1)
        assert gather.get("finishOnKey", "-") == ("#" if isinstance(node, Ask) else "")


def test_it_asks_at_its_own_address(stand: tuple[Place, Node], language: str) -> None:
    place, _ = stand
    actions = [verb.get("action") for verb in verbs(place, language) if verb.get("action")]
    path = f"/line/voice/{language}/{place.flow}/{place.node}"
    assert set(actions) <= {f"{path}?try=1&step=7&since=6a18a500"}


def test_nothing_falls_through(stand: tuple[Place, Node], language: str) -> None:
    """The last verb waits, leads on, or ends the call."""
    place, node = stand
    last = verbs(place, language)[-1]
    ends = {End: "Hangup", Record: "Redirect", Transfer: "Enqueue", Talk: "Dial"}
    wanted = ends.get(type(node), "Gather")
    assert last.name == wanted


def test_a_recording_tells_of_itself_and_takes_silence_for_an_answer() -> None:
    record, redirect = verbs(Place("report", "tone"), "pl")[-2:]
    assert record.get("recordingStatusCallback") == "/line/voice/recording"
    assert record.get("recordingStatusCallbackEvent") == "in-progress completed absent"
    assert record.number("maxLength", 0) == 180
    assert redirect.text == record.get("action")


def test_the_queue_plays_the_waiting_loop_of_the_next_step() -> None:
    enqueue = verbs(Place("consultant", "connecting"), "uk")[-1]
    assert enqueue.text == "consultants"
    assert enqueue.get("waitUrl").startswith("/line/voice/uk/consultant/waiting?try=0&step=8&")


def test_the_other_languages_are_offered_before_the_keys_told_once() -> None:
    spoken = [say.get("language") for say in _all(verbs(SCRIPT.entry, "pl")) if say.name == "Say"]
    assert spoken.index("en-GB") < spoken.index("uk-UA") < len(spoken) - 1
    assert spoken[-1] == "pl-PL"


def test_what_has_no_document_is_an_error() -> None:
    with pytest.raises(TypeError, match="kept/keep has no document"):
        documents.document(SCRIPT, LINE, Position("pl", Place("kept", "keep")), Speech((), {}))


@pytest.mark.parametrize("document", [twiml.leave(), twiml.hold(LINE, "pl", "notice-trouble")])
def test_the_waiting_loop_may_hold_only_what_the_carrier_allows_there(document: str) -> None:
    assert grammar.parse(document.encode(), "text/xml", Played.WAIT)


def test_a_hang_up_says_nothing() -> None:
    (verb,) = grammar.parse(twiml.hang_up().encode(), "text/xml")
    assert verb.name == "Hangup"
