"""Dial: other legs, a queue's front, or a conference.

Source: Twilio's voice/twiml/dial and its nouns.
"""

from dataclasses import dataclass

from carrier.bridging import Bridge, Parted, talk
from carrier.call import Call, Callback, Declined, Direction, HungUp, PickedUp, Status
from carrier.clocks import Doing, Event
from carrier.conferencing import confer
from carrier.grammar import Element
from carrier.line import Jump, Line, Played, Redirected
from carrier.queueing import Arrived, Dequeued, Joined, Member, PlayDocument, whisper
from carrier.webhooks import Kind


@dataclass(frozen=True)
class LegAnswered(Event):
    """One of the dialled legs was answered."""

    bridge: Bridge


@dataclass(frozen=True)
class LegEnded(Event):
    """One of the dialled legs was not answered, or is over."""

    leg: Call


def dial(line: Line, element: Element, play_document: PlayDocument) -> Played[Jump | None]:
    """Play a Dial; with an action, its address is requested next, else the document goes on."""
    document = line.url
    noun = element.children[0] if element.children else Element("Number", {}, element.text)
    try:
        if noun.name == "Queue":
            fields = yield from _dial_queue(line, element, noun)
        elif noun.name == "Conference":
            fields = yield from confer(line, noun)
        else:
            nouns = element.children or (noun,)
            fields = yield from _dial_legs(line, element, nouns, play_document)
    except HungUp:
        line.url = document
        if element.get("action"):
            line.parting(line.jump(element, {"DialCallStatus": "completed"}))
        raise
    line.url = document
    return line.jump(element, fields) if element.get("action") else None


def _dial_queue(line: Line, element: Element, noun: Element) -> Played[dict[str, str]]:
    queue = line.network.queue(noun.text)
    member = queue.take(line.network.clock.now())
    if member is None:
        member = yield from _await_member(line, element, noun)
    if member is None:
        return {"DialCallStatus": "no-answer", "DialBridged": "false"}
    bridge = Bridge(line.call, member.call)
    to_caller = _url_of(line, noun)
    line.network.clock.tell(member.call, Dequeued(bridge, to_caller))
    try:
        yield from line.wait(Doing.DIALLING, None, Joined, Parted, human=True)
    except (HungUp, Redirected):
        bridge.part(line.network, line.call)
        raise
    yield from talk(line, bridge)
    return _result("completed", member.call, bridge)


def _await_member(line: Line, element: Element, noun: Element) -> Played[Member | None]:
    queue = line.network.queue(noun.text)
    queue.diallers.append(line.call)
    try:
        timeout = element.number("timeout", 30)
        yield from line.wait(Doing.DIALLING, timeout, Arrived, human=True)
    finally:
        if line.call in queue.diallers:
            queue.diallers.remove(line.call)
    return queue.take(line.network.clock.now())


def _dial_legs(
    line: Line, element: Element, nouns: tuple[Element, ...], play_document: PlayDocument
) -> Played[dict[str, str]]:
    legs = [_start_leg(line, element, noun, play_document) for noun in nouns]
    try:
        bridge = yield from _await_leg(line, legs, element.number("timeout", 30))
    except (HungUp, Redirected):
        _end(line, legs, Status.CANCELED)
        raise
    if bridge is None:
        _end(line, legs, Status.NO_ANSWER)
        status = legs[-1].status if legs[-1].status.is_final else Status.NO_ANSWER
        return _result(status.value, legs[-1], None)
    _end(line, [leg for leg in legs if leg is not bridge.reached], Status.CANCELED)
    yield from talk(line, bridge)
    return _result("completed", bridge.reached, bridge)


def _await_leg(line: Line, legs: list[Call], timeout: float) -> Played[Bridge | None]:
    ended = 0
    while ended < len(legs):
        event = yield from line.wait(Doing.DIALLING, timeout, LegAnswered, LegEnded, human=True)
        if event is None:
            return None
        if isinstance(event, LegAnswered):
            return event.bridge
        ended += 1
    return None


def _end(line: Line, legs: list[Call], status: Status) -> None:
    for leg in legs:
        if leg.is_up:
            line.network.clock.tell(leg, HungUp("the call was not answered", status))


def _result(status: str, leg: Call, bridge: Bridge | None) -> dict[str, str]:
    seconds = {"DialCallDuration": str(round(bridge.seconds))} if bridge else {}
    return {
        "DialCallStatus": status,
        "DialCallSid": leg.sid,
        "DialBridged": "true" if bridge else "false",
        **seconds,
    }


def _url_of(line: Line, noun: Element) -> Jump | None:
    if not noun.get("url"):
        return None
    method = noun.get("method", "POST")
    return Jump(line.address(noun.get("url")), method, kind=Kind.WHISPER)


def _start_leg(line: Line, element: Element, noun: Element, play_document: PlayDocument) -> Call:
    leg = line.network.new_leg(
        from_=element.get("callerId") or line.call.human,
        to=f"client:{noun.text}" if noun.name == "Client" else noun.text,
        direction=Direction.OUTBOUND_DIAL,
        parent_sid=line.call.sid,
        rings_for=float(element.number("timeout", 30)),
        callback=_callback(line, noun),
    )
    to_called = _url_of(line, noun)

    def answered(end: Line) -> Played[None]:
        yield from _reached(end, line.call, to_called, play_document)

    def over(end: Line) -> None:
        line.network.clock.tell(line.call, LegEnded(end.call))

    line.network.ring_leg(leg, answered, over)
    return leg


def _callback(line: Line, noun: Element) -> Callback:
    url = noun.get("statusCallback")
    events = noun.get("statusCallbackEvent", "completed").split()
    address = line.address(url) if url else ""
    return Callback(address, noun.get("statusCallbackMethod", "POST"), frozenset(events))


def _reached(
    line: Line, dialler: Call, to_called: Jump | None, play_document: PlayDocument
) -> Played[None]:
    """The called side: hear the whisper (which may decline with Hangup), then the caller."""
    if to_called is not None:
        yield from whisper(line, to_called, play_document)
    bridge = Bridge(dialler, line.call)
    line.network.clock.tell(dialler, LegAnswered(bridge))
    yield from talk(line, bridge)


def ring(line: Line) -> Played[bool]:
    """Ring at the human end of an outgoing leg; True if it was answered."""
    reachable = line.network.rings(line.call)
    event = yield from line.wait(
        Doing.RINGING, line.call.rings_for, PickedUp, Declined, human=reachable
    )
    if isinstance(event, PickedUp):
        line.network.answered(line.call)
        return True
    line.call.status = event.status if isinstance(event, Declined) else Status.NO_ANSWER
    return False
