"""Converts a request of the server to a WSGI environment.

Source: https://peps.python.org/pep-3333/#environ-variables
"""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_EVERY = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class Headers(Protocol):
    """The headers of a request, with lower-case names."""

    def get(self, key: str, default: None = None) -> str | None: ...
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """What the server knows of a request before its body."""

    client: str
    server: str
    scheme: str
    http_version: str
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Headers: ...


def environ_of(scope: Scope, headers: Iterable[tuple[str, str]], body: bytes) -> "WSGIEnvironment":
    """The environment of a request whose `body` was received completely."""
    host, _, port = scope.server.rpartition(":")
    path = scope.path
    environ: WSGIEnvironment = {
        **_EVERY,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": path if path.isascii() else path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in headers:
        _add_header(environ, name, value)
    environ["CONTENT_LENGTH"] = str(len(body)) if body else environ.get("CONTENT_LENGTH", "")
    return environ


def _add_header(environ: "WSGIEnvironment", name: str, value: str) -> None:
    """Add a header. Names with `_` are dropped: they could imitate a proxy's header with `-`."""
    if "_" in name:
        return
    if name in ("content-type", "content-length"):
        environ[name.upper().replace("-", "_")] = value
        return
    key = f"HTTP_{name.upper().replace('-', '_')}"
    if key in environ:
        value = environ[key] + (";" if name == "cookie" else ",") + value
    environ[key] = value
