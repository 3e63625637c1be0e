"""A call from its first document to its end, as a generator that yields wherever time passes."""

from collections.abc import Callable, Generator
from typing import Final

from carrier.call import HungUp, Status
from carrier.clocks import Doing, Event, Wait
from carrier.dialling import dial
from carrier.gathering import gather
from carrier.grammar import Element
from carrier.line import DocumentFailed, Finished, Jump, Line, Played, Redirected
from carrier.queueing import Dequeued, Left, enqueue
from carrier.recording import record
from carrier.speech import play, say
from carrier.webhooks import Kind

APPLICATION_ERROR: Final = "We are sorry, an application error has occurred. Goodbye."
_DO_NOT_ANSWER: Final = frozenset({"Reject", "Pause", "Redirect", "Leave"})

Verb = Callable[[Line, Element], Generator[Wait, Event | None, Jump | None]]


def converse(line: Line, jump: Jump) -> Played[None]:
    """Follow the documents until the call ends; the end is recorded on the call."""
    following: Jump | None = jump
    try:
        while following is not None:
            following = yield from _follow(line, following)
        line.network.finished(line.call, "the document ended")
    except Finished as end:
        line.network.finished(line.call, str(end))
    except HungUp as end:
        line.network.finished(line.call, end.reason, end.status)
    except Dequeued as late:
        # The caller was taken out of the queue while the document failed: end the bridge too.
        late.bridge.part(line.network, line.call)
        line.network.finished(line.call, "application error")


def _follow(line: Line, jump: Jump) -> Played[Jump | None]:
    """Fetch and play one document; returns where it leads."""
    try:
        verbs = yield from line.fetch(jump)
        return (yield from play_document(line, verbs))
    except Redirected as redirected:
        return redirected.jump
    except Left:
        return None
    except Dequeued as stale:
        stale.bridge.part(line.network, line.call)
        return None
    except DocumentFailed as failed:
        return (yield from _fall_back(line, jump, failed))


def _fall_back(line: Line, jump: Jump, failed: DocumentFailed) -> Played[Jump | None]:
    """After a document failed: the fallback address if there is one, else the carrier's words."""
    url = line.call.fallback_url
    if url and jump.kind is not Kind.FALLBACK:
        fields = {"ErrorCode": str(failed.fault.code), "ErrorUrl": failed.fault.url}
        return Jump(url, line.call.fallback_method, fields, Kind.FALLBACK)
    line.answer()
    seconds = say(line, APPLICATION_ERROR, "en-US", "")
    yield from line.wait(Doing.SPEAKING, seconds)
    raise Finished("application error")


def play_document(line: Line, verbs: tuple[Element, ...]) -> Played[Jump | None]:
    """Play verbs in order; returns the jump of the first verb that leads elsewhere."""
    for element in verbs:
        if element.name not in _DO_NOT_ANSWER:
            line.answer()
        jump = yield from _VERBS[element.name](line, element)
        if jump is not None:
            return jump
    return None


def _speech(line: Line, element: Element) -> Played[Jump | None]:
    yield from play(line, element)
    return None


def _redirect(line: Line, element: Element) -> Played[Jump | None]:
    yield from ()
    return Jump(line.address(element.text), element.get("method", "POST"))


def _hangup(line: Line, element: Element) -> Played[Jump | None]:
    yield from ()
    raise Finished("the line hung up")


def _reject(line: Line, element: Element) -> Played[Jump | None]:
    yield from ()
    busy = element.get("reason") == "busy"
    line.call.status = Status.BUSY if busy else Status.NO_ANSWER
    raise Finished("rejected")


def _leave(line: Line, element: Element) -> Played[Jump | None]:
    yield from ()
    raise Left


def _enqueue(line: Line, element: Element) -> Played[Jump | None]:
    return (yield from enqueue(line, element, play_document))


def _dial(line: Line, element: Element) -> Played[Jump | None]:
    return (yield from dial(line, element, play_document))


_VERBS: Final[dict[str, Verb]] = {
    "Say": _speech,
    "Play": _speech,
    "Pause": _speech,
    "Gather": gather,
    "Record": record,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
    "Leave": _leave,
    "Enqueue": _enqueue,
    "Dial": _dial,
}
