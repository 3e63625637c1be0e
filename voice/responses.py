"""Answers to webhooks: a document for the caller, or a confirmation."""

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class Answer(NamedTuple):
    """A status and the XML of the document; `by` names who answered."""

    by: str
    status: HTTPStatus
    document: str = ""

    def send(self, start_response: "StartResponse") -> list[bytes]:
        """Send the answer through WSGI."""
        body = self.document.encode()
        headers = [("Content-Type", "text/xml; charset=utf-8")] if body else []
        if self.status is not HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(body))))
        start_response(_LINES[self.status], headers)
        return [body]


_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}


def spoken(by: str, document: str) -> Answer:
    """The answer with a document for a telephone."""
    return Answer(by, HTTPStatus.OK, document)


def heard(by: str) -> Answer:
    """The answer to an event: a confirmation without a document."""
    return Answer(by, HTTPStatus.NO_CONTENT)
