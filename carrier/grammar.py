"""What a TwiML document may hold, in the carrier's strictest reading.

The carrier only warns of some of these faults. Here each is an error, because a document that
breaks the grammar is a fault of the server that tests must find.
Source: the TwiML reference of Twilio Programmable Voice and the signatures in
``twilio.twiml.voice_response``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import quote_plus
from xml.etree import ElementTree

MAX_DOCUMENT_BYTES: Final = 64 * 1024
XML_TYPES: Final = frozenset({"text/xml", "application/xml"})

PARSE_FAILURE: Final = 12100
SCHEMA_VIOLATION: Final = 12200
WRONG_CONTENT_TYPE: Final = 12300
BODY_TOO_LARGE: Final = 11750
SAY_TOO_LONG: Final = 13521


class TwimlError(Exception):
    """A document that the carrier refuses to play; ``code`` is the carrier's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Place(StrEnum):
    """Where a document is played, which decides the verbs it may hold."""

    CALL = "call"
    WAIT = "wait"
    WHISPER = "whisper"


@dataclass(frozen=True)
class Element:
    """One verb or noun: its attributes as written, its text, its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple["Element", ...] = ()

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def number(self, attribute: str, default: int) -> int:
        value = self.attributes.get(attribute, "")
        return int(value) if value.isdigit() else default

    def flag(self, attribute: str, default: bool) -> bool:
        value = self.attributes.get(attribute)
        return default if value is None else value == "true"


Check = Callable[[str], bool]


def _whole(low: int, high: int = 10**9) -> Check:
    return lambda value: value.isdigit() and low <= int(value) <= high


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _some_of(*words: str) -> Check:
    return lambda value: bool(value.split()) and set(value.split()) <= set(words)


def _pattern(expression: str) -> Check:
    return lambda value: re.fullmatch(expression, value) is not None


def _anything(value: str) -> bool:
    return True


_URL: Final = _pattern(r"[^\s]+")
_METHOD: Final = _one_of("GET", "POST")
_BOOLEAN: Final = _one_of("true", "false")
_LOOP: Final = _whole(0, 1000)
_LANGUAGE: Final = _pattern(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ACTION: Final = {"action": _URL, "method": _METHOD}
_RECORDING: Final = {
    "recordingStatusCallback": _URL,
    "recordingStatusCallbackMethod": _METHOD,
    "recordingStatusCallbackEvent": _some_of("in-progress", "completed", "absent"),
    "trim": _one_of("trim-silence", "do-not-trim"),
}
_LEG: Final = {
    "url": _URL,
    "method": _METHOD,
    "statusCallbackEvent": _some_of("initiated", "ringing", "answered", "completed"),
    "statusCallback": _URL,
    "statusCallbackMethod": _METHOD,
}
_SSML: Final[dict[str, dict[str, Check]]] = {
    "break": {"strength": _anything, "time": _pattern(r"\d+(\.\d+)?m?s")},
    "emphasis": {"level": _anything},
    "lang": {"{http://www.w3.org/XML/1998/namespace}lang": _LANGUAGE},
    "p": {},
    "phoneme": {"alphabet": _anything, "ph": _anything},
    "prosody": {"volume": _anything, "rate": _anything, "pitch": _anything},
    "s": {},
    "say-as": {"interpret-as": _anything, "format": _anything},
    "sub": {"alias": _anything},
    "w": {"role": _anything},
}

ATTRIBUTES: Final[dict[str, dict[str, Check]]] = {
    "Response": {},
    "Say": {"voice": _pattern(r"\S+"), "language": _LANGUAGE, "loop": _LOOP},
    "Play": {"loop": _LOOP, "digits": _pattern(r"[0-9*#w]+")},
    "Pause": {"length": _whole(0)},
    "Gather": {
        **_ACTION,
        "input": _some_of("dtmf", "speech"),
        "timeout": _whole(0),
        "speechTimeout": _pattern(r"\d+|auto"),
        "maxSpeechTime": _whole(1, 60),
        "profanityFilter": _BOOLEAN,
        "finishOnKey": _pattern(r"[0-9*#]?"),
        "numDigits": _whole(1),
        "partialResultCallback": _URL,
        "partialResultCallbackMethod": _METHOD,
        "language": _LANGUAGE,
        "hints": _anything,
        "bargeIn": _BOOLEAN,
        "debug": _BOOLEAN,
        "actionOnEmptyResult": _BOOLEAN,
        "speechModel": _anything,
        "enhanced": _BOOLEAN,
    },
    "Record": {
        **_ACTION,
        **_RECORDING,
        "timeout": _whole(0),
        "finishOnKey": _pattern(r"[0-9*#]*"),
        "maxLength": _whole(2, 86400),
        "playBeep": _BOOLEAN,
        "transcribe": _BOOLEAN,
        "transcribeCallback": _URL,
    },
    "Redirect": {"method": _METHOD},
    "Hangup": {},
    "Reject": {"reason": _one_of("rejected", "busy")},
    "Leave": {},
    "Enqueue": {
        **_ACTION,
        "waitUrl": _URL,
        "waitUrlMethod": _METHOD,
        "maxQueueSize": _whole(1, 5000),
        "workflowSid": _pattern(r"WW[0-9a-f]{32}"),
    },
    "Dial": {
        **_ACTION,
        **_RECORDING,
        "timeout": _whole(1, 600),
        "hangupOnStar": _BOOLEAN,
        "timeLimit": _whole(1, 86400),
        "callerId": _pattern(r"\S+"),
        "record": _anything,
        "answerOnBridge": _BOOLEAN,
        "ringTone": _anything,
        "recordingTrack": _one_of("both", "inbound", "outbound"),
        "sequential": _BOOLEAN,
    },
    "Number": {**_LEG, "sendDigits": _pattern(r"[0-9*#wW]+")},
    "Client": _LEG,
    "Sip": {**_LEG, "username": _anything, "password": _anything},
    "Queue": {"url": _URL, "method": _METHOD},
    "Conference": {
        "muted": _BOOLEAN,
        "beep": _one_of("true", "false", "onEnter", "onExit"),
        "startConferenceOnEnter": _BOOLEAN,
        "endConferenceOnExit": _BOOLEAN,
        "waitUrl": _anything,
        "waitMethod": _METHOD,
        "maxParticipants": _whole(2, 250),
        "record": _one_of("do-not-record", "record-from-start"),
        "region": _anything,
        "coach": _pattern(r"CA[0-9a-f]{32}"),
        "statusCallbackEvent": _some_of(
            "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"
        ),
        "statusCallback": _URL,
        "statusCallbackMethod": _METHOD,
        "participantLabel": _anything,
        **_RECORDING,
    },
    **_SSML,
}

_SPEECH: Final = frozenset({"Say", "Play", "Pause"})
_FLOW: Final = _SPEECH | {"Gather", "Redirect", "Hangup"}
VERBS: Final[dict[Place, frozenset[str]]] = {
    Place.CALL: _FLOW | {"Record", "Reject", "Enqueue", "Leave", "Dial"},
    Place.WAIT: _FLOW | {"Leave"},
    Place.WHISPER: _FLOW,
}
CHILDREN: Final[dict[str, frozenset[str]]] = {
    "Say": frozenset(_SSML),
    "Gather": _SPEECH,
    "Dial": frozenset({"Number", "Client", "Sip", "Queue", "Conference"}),
    **{name: frozenset(_SSML) for name in ("emphasis", "lang", "p", "prosody", "s", "w")},
}
_NEEDS_TEXT: Final = frozenset(
    {"Say", "Redirect", "Enqueue", "Number", "Client", "Sip", "Queue", "Conference"}
)
_MAY_HAVE_TEXT: Final = _NEEDS_TEXT | {"Play", "Dial"} | frozenset(_SSML)


def parse(body: bytes, content_type: str, place: Place = Place.CALL) -> tuple[Element, ...]:
    """The verbs of a document, in order.

    Raises TwimlError for everything that the carrier would not play: a wrong content type, too many
    bytes, broken XML, an unknown verb or attribute, a verb in the wrong place, too long speech.
    """
    if content_type.split(";")[0].strip().lower() not in XML_TYPES:
        raise TwimlError(WRONG_CONTENT_TYPE, f"content type is {content_type or 'missing'}")
    if len(body) > MAX_DOCUMENT_BYTES:
        raise TwimlError(BODY_TOO_LARGE, f"the document has {len(body)} bytes, 65536 are allowed")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - our own server wrote it
    except ElementTree.ParseError as error:
        raise TwimlError(PARSE_FAILURE, f"not XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(PARSE_FAILURE, f"the root is <{root.tag}>, not <Response>")
    return _read(root, VERBS[place]).children


def _read(node: "ElementTree.Element[str]", allowed: frozenset[str]) -> Element:
    _check_attributes(node)
    children = tuple(_children(node, allowed))
    element = Element(node.tag, dict(node.attrib), _text(node), children)
    _check_text(element)
    return element


def _children(node: "ElementTree.Element[str]", allowed: frozenset[str]) -> Iterator[Element]:
    for child in node:
        if child.tag not in allowed:
            raise TwimlError(SCHEMA_VIOLATION, f"<{child.tag}> is not allowed in <{node.tag}>")
        yield _read(child, CHILDREN.get(child.tag, frozenset()))


def _check_attributes(node: "ElementTree.Element[str]") -> None:
    known = ATTRIBUTES[node.tag]
    for name, value in node.attrib.items():
        if name not in known:
            raise TwimlError(SCHEMA_VIOLATION, f"<{node.tag}> has no attribute {name}")
        if not known[name](value):
            raise TwimlError(SCHEMA_VIOLATION, f'<{node.tag} {name}="{value}"> is not allowed')


def _text(node: "ElementTree.Element[str]") -> str:
    if node.tag == "Say":
        return " ".join("".join(node.itertext()).split())
    return (node.text or "").strip()


def _check_text(element: Element) -> None:
    if element.text and element.name not in _MAY_HAVE_TEXT:
        raise TwimlError(SCHEMA_VIOLATION, f"<{element.name}> holds text: {element.text[:40]!r}")
    if element.name in _NEEDS_TEXT and not element.text and not _may_be_bare(element):
        raise TwimlError(SCHEMA_VIOLATION, f"<{element.name}> is empty")
    if element.name == "Play" and bool(element.text) == ("digits" in element.attributes):
        raise TwimlError(SCHEMA_VIOLATION, "<Play> needs an address or digits, one of them")
    if element.name == "Dial" and bool(element.text) == bool(element.children):
        raise TwimlError(SCHEMA_VIOLATION, "<Dial> needs a number or nouns, one of them")
    if element.name == "Say":
        _check_speech(element)


def _may_be_bare(element: Element) -> bool:
    return element.name == "Enqueue" and "workflowSid" in element.attributes


def _check_speech(say: Element) -> None:
    """Check the limits of twilio.md: bytes by the voice's maker, letters once URL-encoded."""
    limit = 5000 if say.get("voice").startswith("Google.") else 3000
    if len(say.text.encode()) > limit:
        raise TwimlError(SAY_TOO_LONG, f"<Say> has over {limit} bytes: {say.text[:40]!r}…")
    if len(quote_plus(say.text)) > 4500:
        raise TwimlError(SAY_TOO_LONG, f"<Say> is over 4500 letters encoded: {say.text[:40]!r}…")
