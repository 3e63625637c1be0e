"""Sends webhooks to the server: over a socket, or directly into a WSGI application.

Tests use the WSGI application, so that a conversation needs no socket; the carrier process uses
sockets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests
from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Lost(Exception):  # noqa: N818 - the names below say it better
    """There was no answer; the message says why."""


class ConnectTimedOut(Lost):
    """The server did not accept the connection in time; the carrier tries once more."""


class ReadTimedOut(Lost):
    """The server accepted the request and did not answer in time."""


class Unreachable(Lost):
    """The connection was refused or broke."""


@dataclass(frozen=True)
class Answer:
    """The server's answer."""

    status: int
    content_type: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Timeouts:
    """The carrier's timeouts in seconds. Source: webhook connection overrides."""

    connect: float = 5.0
    read: float = 15.0


class Transport(Protocol):
    """Sends one request; raises a Lost if there is no answer."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
    ) -> Answer: ...


def over_sockets() -> Transport:
    """The transport of the carrier process. Redirects are not followed: webhooks have none."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=64)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.trust_env = False

    def send(
        method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
    ) -> Answer:
        try:
            response = session.request(
                method,
                url,
                headers=dict(headers),
                data=body or None,
                timeout=(timeouts.connect, timeouts.read),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise ConnectTimedOut(str(error)) from error
        except requests.Timeout as error:
            raise ReadTimedOut(str(error)) from error
        except requests.RequestException as error:
            raise Unreachable(str(error)) from error
        content_type = response.headers.get("Content-Type", "")
        return Answer(response.status_code, content_type, response.content, response.headers)

    return send


def into_wsgi(application: "WSGIApplication") -> Transport:
    """A transport that calls a WSGI application in this thread, with the address's own host."""

    def send(
        method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
    ) -> Answer:
        parts = urlsplit(url)
        client = Client(application, use_cookies=False)
        response = client.open(
            parts.path + (f"?{parts.query}" if parts.query else ""),
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=method,
            headers=list(_without_length(headers)),
            data=body,
        )
        content_type = response.headers.get("Content-Type", "")
        return Answer(response.status_code, content_type, response.data, dict(response.headers))

    return send


def _without_length(headers: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in headers.items() if name != "Content-Length")
