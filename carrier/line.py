"""What every verb needs: the leg on which it plays, the network, and its document."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar
from urllib.parse import urljoin

from carrier import grammar
from carrier.call import Call, Fault, Status
from carrier.clocks import Doing, Event, Interruption, Wait
from carrier.grammar import Element, Place, TwimlError
from carrier.transport import Answer
from carrier.webhooks import Exchange, Kind, request

if TYPE_CHECKING:
    from carrier.network import Network

HTTP_FAILURE: Final = 11200
HTTP_TIMEOUT: Final = 11205
TOO_MANY_REDIRECTS: Final = 11215
DOCUMENTS_WITHOUT_A_HUMAN: Final = 100


@dataclass(frozen=True)
class Jump:
    """The document with which to continue."""

    url: str
    method: str = "POST"
    fields: dict[str, str] = field(default_factory=dict)
    kind: Kind = Kind.VOICE
    twiml: str = ""


T = TypeVar("T")
Played: TypeAlias = Generator[Wait, Event | None, T]


class Finished(Exception):  # noqa: N818 - an end, not an error
    """The document ends the call."""


class Redirected(Interruption):
    """The REST interface gave the call another document."""

    def __init__(self, jump: Jump) -> None:
        super().__init__(jump.url)
        self.jump = jump


class DocumentFailed(Exception):  # noqa: N818 - the carrier plays on
    """A document could not be fetched or played; the call's ``errors`` already have it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass
class Line:
    """A leg while a document is played to it. ``url`` is the document's address."""

    call: Call
    network: "Network"
    url: str = ""
    documents: int = 0

    def wait(
        self,
        doing: Doing,
        seconds: float | None,
        *takes: type[Event],
        human: bool = False,
    ) -> Played[Event | None]:
        """Let time pass; returns the event that ended the wait early, or None."""
        if human:
            self.documents = 0
        return (yield Wait(doing, seconds, takes, human))

    def note(self, kind: str, **data: object) -> None:
        self.call.note(kind, self.network.clock.now(), **data)

    def address(self, relative: str) -> str:
        return urljoin(self.url, relative)

    def jump(self, element: Element, fields: dict[str, str] | None = None) -> Jump:
        """Where a verb's action leads; without an action, to the same document again."""
        url = self.address(element.get("action")) if element.get("action") else self.url
        return Jump(url, element.get("method", "POST"), fields or {})

    def answer(self) -> None:
        """Answer the call for the carrier, if it is not answered yet."""
        if self.call.status is Status.RINGING:
            self.network.answered(self.call)

    def parting(self, jump: Jump) -> None:
        """Request an action although the person has left; nobody hears the answer."""
        form = {**self.call.fields(), "CallStatus": Status.COMPLETED.value, **jump.fields}
        self.network.post_office.send(request(jump.kind, jump.url, form, jump.method))

    def fetch(self, jump: Jump, place: Place = Place.CALL) -> Played[tuple[Element, ...]]:
        """The verbs of a document. Raises DocumentFailed."""
        yield from self.wait(Doing.GOING_ON, 0)
        self.documents += 1
        if jump.twiml:
            return self._checked(jump.twiml.encode(), "text/xml", place)
        form = {**self.call.fields(), **jump.fields}
        exchange = self.network.post_office.send(request(jump.kind, jump.url, form, jump.method))
        self.url = exchange.url
        answer = self._answer_of(exchange)
        return self._checked(answer.body, answer.content_type, place)

    def _answer_of(self, exchange: Exchange) -> Answer:
        if self.documents > DOCUMENTS_WITHOUT_A_HUMAN:
            raise self.failed(TOO_MANY_REDIRECTS, "the documents lead round in a circle")
        if exchange.answer is None:
            code = HTTP_TIMEOUT if "time-out" in exchange.loss else HTTP_FAILURE
            raise self.failed(code, exchange.loss)
        if not 200 <= exchange.answer.status < 300:
            raise self.failed(HTTP_FAILURE, f"the server answered {exchange.answer.status}")
        return exchange.answer

    def _checked(self, body: bytes, content_type: str, place: Place) -> tuple[Element, ...]:
        try:
            return grammar.parse(body, content_type, place)
        except TwimlError as error:
            raise self.failed(error.code, error.message) from error

    def failed(self, code: int, message: str) -> DocumentFailed:
        """Record a fault on the call, as the carrier's debugger would."""
        fault = Fault(code, message, self.url)
        self.call.errors.append(fault)
        self.note("error", code=code, message=message, url=self.url)
        return DocumentFailed(fault)
