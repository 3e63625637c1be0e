"""People's telephones over HTTP, for the demo telephone's page and the terminal.

A telephone is a leg, so its id is the leg's sid. Everything that its person could notice is an
event with a number. A page polls for the events after the last one it has.
"""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from carrier import voice
from carrier.call import Call, Declined, Entry, HungUp, Key, Pace, PickedUp, Said, Spoke, Status
from carrier.clocks import Doing, Event
from carrier.gathering import BREATH_SECONDS
from carrier.network import Message
from carrier.rest.desk import is_number, network
from carrier.sound import length

phones = Blueprint("phones", __name__, url_prefix="/phones")

Shape = dict[str, Any]
WITHHELD: Final = "anonymous"
LONGEST_SPEECH_SECONDS: Final = 3600.0
KEYS: Final = frozenset("0123456789*#")
_SOUNDS: Final = ("audio/wav", "audio/x-wav")
_ASKS: Final = {Doing.GATHERING: "keys", Doing.RECORDING: "voice"}


class Refused(Exception):  # noqa: N818 - an answer to a human, not an error of ours
    """What a telephone cannot do, in words for its user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@phones.errorhandler(Refused)
def _refuse(refused: Refused) -> tuple[Shape, int]:
    return {"error": str(refused)}, refused.status


@phones.before_request
def _only_from_here() -> None:
    """Refuse pages of other sites: one that guesses this address must not make calls."""
    if urlsplit(f"//{request.host}").hostname not in ("127.0.0.1", "localhost"):
        raise Refused(403, "this network answers on its own machine only")
    if request.method == "POST" and not (request.is_json or request.mimetype in _SOUNDS):
        raise Refused(415, "send JSON")


@phones.post("")
def dial() -> tuple[Shape, int]:
    """Make a call.

    The form has ``from`` (a number or "anonymous"), ``to`` (one of the account's numbers) and
    ``pace`` of the speech ("normal", "slow", or "none": it takes no time).
    """
    body = _body()
    from_ = str(body.get("from") or WITHHELD)
    if not _can_call(from_):
        raise Refused(422, f"{from_} is not a caller's number")
    to = body.get("to")
    if to is not None and to not in network().numbers:
        raise Refused(404, f"nobody answers at {to}")
    pace = body.get("pace", "normal")
    if pace not in list(Pace):
        raise Refused(422, f"pace is one of {', '.join(Pace)}")
    call = network().call_in(from_, to, pace=Pace(pace))
    return {"id": call.sid, "sid": call.sid}, 201


def _can_call(number: str) -> bool:
    return is_number(number) or number == WITHHELD or number.startswith(("sip:", "client:"))


def _body() -> Shape:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


@phones.get("")
def list_phones() -> Shape:
    """The ringing and answered legs of a number; so a telephone learns that it rings."""
    number = request.args.get("number")
    up = [call for call in list(network().calls.values()) if call.is_up]
    return {"phones": [_state(call) for call in up if number in (None, call.human)]}


@phones.post("/mine")
def show_mine() -> Shape:
    """For a telephone without a call: the legs that ring at its ``number``, and its SMS."""
    number = str(_body().get("number", ""))
    up = [call for call in list(network().calls.values()) if call.is_up and call.human == number]
    texts = [text for text in network().messages if text.to == number]
    return {"phones": [_state(call) for call in up], "sms": [_text(text) for text in texts]}


def _text(text: Message) -> Shape:
    at = text.created_at.isoformat()
    return {"sid": text.sid, "to": text.to, "by": text.from_, "body": text.body, "at": at}


@phones.get("/<sid>")
def show(sid: str) -> Shape:
    """The telephone's state, and its events from number ``since`` on."""
    call = _find(sid)
    since = max(request.args.get("since", 0, int), 0)
    entries = call.entries[:]
    events = [_event(number, entry) for number, entry in enumerate(entries)]
    return {**_state(call), "events": events[since:], "next": len(entries)}


def _find(sid: str) -> Call:
    call = network().calls.get(sid)
    if call is None:
        raise Refused(404, "there is no such call")
    return call


def _state(call: Call) -> Shape:
    doing = call.waiting.doing if call.waiting else None
    return {
        "id": call.sid,
        "sid": call.sid,
        "number": call.human,
        "other": call.to if call.human == call.from_ else call.from_,
        "direction": call.direction.value,
        "status": call.status.value,
        "is_up": call.is_up,
        "doing": doing.value if doing else None,
        "asks": _asks(call),
        "speaking": _speaking(call),
        "seconds": _seconds(call),
    }


def _asks(call: Call) -> str | None:
    """What the line waits for: "keys" or "voice". A short pause waits for nothing."""
    wait = call.waiting
    if wait is None or (wait.seconds is not None and wait.seconds <= BREATH_SECONDS):
        return None
    return _ASKS.get(wait.doing)


def _seconds(call: Call) -> float:
    if call.answered_at is None:
        return 0.0
    end = call.ended_at or network().clock.now()
    return round((end - call.answered_at).total_seconds(), 1)


def _speaking(call: Call) -> Shape | None:
    """What is being said now."""
    if not call.is_doing(Doing.SPEAKING):
        return None
    for number, entry in reversed(list(enumerate(call.entries[:]))):
        if entry.kind in ("speech", "play"):
            ends = entry.at + timedelta(seconds=entry.data["seconds"])
            return _event(number, entry) if ends > network().clock.now() else None
    return None


def _event(number: int, entry: Entry) -> Shape:
    return {"n": number, "kind": entry.kind, "at": entry.at.isoformat(), **entry.data}


@phones.get("/<sid>/events/<int:number>.wav")
def listen(sid: str, number: int) -> Response:
    """The sound of what the line said in the event `number`."""
    said = _find(sid).entries[number : number + 1]
    if not said or said[0].kind != "speech":
        raise Refused(404, "nothing was said there")
    sound = voice.speak(said[0].data["language"], said[0].data["text"])
    if sound is None:
        raise Refused(404, "there is no voice for this language")
    return Response(sound, mimetype="audio/wav")


@phones.post("/<sid>/keys")
def press(sid: str) -> Shape:
    """Press ``digits``, one after another."""
    call = _find_up(sid)
    digits = str(_body().get("digits", ""))
    if not digits or not set(digits) <= KEYS:
        raise Refused(422, "digits must be of 0 to 9, * and #")
    for digit in digits:
        network().tell(call, Key(digit))
    return _state(call)


def _find_up(sid: str) -> Call:
    call = _find(sid)
    if not call.is_up:
        raise Refused(409, "the call is over")
    return call


@phones.post("/<sid>/speak")
def speak(sid: str) -> Shape:
    """Speak: ``seconds`` of a tone, a WAV file as the body, or ``words`` for a Gather."""
    call = _find_up(sid)
    network().tell(call, _spoken())
    return _state(call)


def _spoken() -> Event:
    if request.mimetype in _SOUNDS:
        sound = request.get_data()
        return Spoke(_length(sound), sound)
    body = _body()
    if body.get("words"):
        return Said(str(body["words"]))
    seconds = body.get("seconds", 5)
    if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_SPEECH_SECONDS:
        raise Refused(422, "seconds must be a number above 0")
    return Spoke(float(seconds))


def _length(sound: bytes) -> float:
    seconds = length(sound)
    if seconds is None:
        raise Refused(422, "that is not a WAV file")
    return seconds


@phones.post("/<sid>/hangup")
def hang_up(sid: str) -> Shape:
    """Hang up; harmless if the call is over."""
    call = _find(sid)
    network().tell(call, HungUp())
    return _state(call)


@phones.post("/<sid>/answer")
def answer(sid: str) -> Shape:
    """Pick up a ringing telephone."""
    network().tell(_ringing(sid), PickedUp())
    return _state(_find(sid))


@phones.post("/<sid>/decline")
def decline(sid: str) -> Shape:
    """Refuse a ringing telephone."""
    network().tell(_ringing(sid), Declined(Status.BUSY))
    return _state(_find(sid))


def _ringing(sid: str) -> Call:
    call = _find(sid)
    if not call.is_doing(Doing.RINGING):
        raise Refused(409, "it is not ringing")
    return call


@phones.get("/health")
def health() -> Any:
    """Whether the network is running, and the number to dial."""
    return jsonify(status="ok", number=network().main.phone_number)
