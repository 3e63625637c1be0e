"""What a webhook is answered: a document for the caller, or that we heard."""

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class Answer(NamedTuple):
    """A status, and the XML of the document that goes with it; `by` names who answered."""

    by: str
    status: HTTPStatus
    document: str = ""

    def send(self, start_response: "StartResponse") -> list[bytes]:
        """The answer as WSGI wants it."""
        body = self.document.encode()
        headers = [("Content-Type", "text/xml; charset=utf-8")] if body else []
        if self.status is not HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(body))))
        start_response(_LINES[self.status], headers)
        return [body]


_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}


def spoken(by: str, document: str) -> Answer:
    """A document that is played to somebody."""
    return Answer(by, HTTPStatus.OK, document)


def heard(by: str) -> Answer:
    """All that an event wants."""
    return Answer(by, HTTPStatus.NO_CONTENT)
