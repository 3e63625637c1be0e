"""The carrier as a process: one network in real time, with REST and people's telephones.

It listens on the loopback address only, because anybody who reaches it can make calls.
"""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from carrier.clocks import RealClock
from carrier.network import Network
from carrier.phones import phones
from carrier.rest import answer_all_in_json, routes
from carrier.transport import over_sockets

log = logging.getLogger(__name__)

ADDRESS: Final = "127.0.0.1"


class Account(Protocol):
    """The settings of the process: whose network it is, and where the server answers.

    ``twilio_api_base`` is the address at which the process itself answers.
    """

    @property
    def twilio_account_sid(self) -> str: ...

    @property
    def twilio_auth_token(self) -> str: ...

    @property
    def twilio_number(self) -> str: ...

    @property
    def sms_sender(self) -> str: ...

    @property
    def public_url(self) -> str: ...

    @property
    def twilio_api_base(self) -> str: ...


def serve(account: Account) -> None:
    """Serve until SIGTERM or SIGINT."""
    port = urlsplit(account.twilio_api_base).port
    if port is None:
        raise ValueError(f"{account.twilio_api_base} names no port")
    server = _server(create_app(_network(account)), port)
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


def _network(account: Account) -> Network:
    network = Network(
        over_sockets(),
        RealClock(),
        account_sid=account.twilio_account_sid,
        auth_token=account.twilio_auth_token,
        number=account.twilio_number,
        server=account.public_url.rstrip("/"),
        api_base=account.twilio_api_base.rstrip("/"),
        sms_sender=account.sms_sender,
        calls_a_second=1.0,
    )
    network.people_may_answer = True
    network.post_office.keeps = 10_000
    return network


def create_app(network: Network) -> Flask:
    """The WSGI application of a network; tests give it one in virtual time."""
    app = Flask("carrier")
    app.extensions["network"] = network
    app.register_blueprint(routes)
    app.register_blueprint(phones)
    answer_all_in_json(app)
    return app


@contextmanager
def running(network: Network, app: Flask | None = None) -> Iterator[str]:
    """Serve a network on a free port inside the block; yields its address."""
    server = _server(app or create_app(network), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    network.api_base = f"http://{ADDRESS}:{server.server_port}"
    try:
        yield network.api_base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(app: Flask, port: int) -> BaseWSGIServer:
    return make_server(ADDRESS, port, app, threaded=True, request_handler=_Quiet)


class _Quiet(WSGIRequestHandler):
    """Logs no requests: pages poll several times a second."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
