"""A small phone line of our own, so that the network is tested against something it can spoil."""

from collections.abc import Callable

from flask import Flask, Response

from carrier.network import Network
from carrier.transport import into_wsgi


class House:
    """A phone line made of canned documents; ``asked`` keeps the forms it was sent."""

    def __init__(self) -> None:
        self.app = Flask("house")
        self.network = Network(into_wsgi(self.app))
        self.jan = self.network.telephone("+48501234567")

    def plays(self, path: str, *documents: str, status: int = 200, type_: str = "text/xml") -> None:
        """Answer a path with TwiML; with several documents, one after another, then the last."""
        left = list(documents)

        def answer() -> Response:
            body = left.pop(0) if len(left) > 1 else left[0]
            return Response(f"<Response>{body}</Response>", status, content_type=type_)

        self.app.add_url_rule(path, path, answer, methods=["GET", "POST"])

    def answers(self, path: str, view: Callable[[], Response | str | tuple[str, int]]) -> None:
        self.app.add_url_rule(path, path, view, methods=["GET", "POST"])
