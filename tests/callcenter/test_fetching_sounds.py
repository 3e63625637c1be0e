"""A recording is judged while it is fetched: what sends it may send for ever."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from callcenter import telephony
from callcenter.telephony import carrier_recordings


class Endless(BaseHTTPRequestHandler):
    """Sends zeros until nobody listens; one small sound under its own address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        if "small" in self.path:
            self.wfile.write(b"RIFF")
            return
        try:
            while True:
                self.wfile.write(bytes(65536))
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def carrier() -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        telephony.bind(
            telephony.Account(
                sid="AC" + "0" * 32,
                token="token",
                number="+48223070000",
                sms_sender="Centrala",
                base=f"http://127.0.0.1:{server.server_port}",
                public_url="http://localhost",
            )
        )
        yield
        server.shutdown()


@pytest.mark.usefixtures("carrier")
@pytest.mark.parametrize(
    ("limit", "value"), [("LARGEST_SOUND", 1_000_000), ("SOUND_S", 0.0)], ids=["size", "time"]
)
def test_a_sound_without_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(carrier_recordings, limit, value)
    with pytest.raises(requests.RequestException, match="the sound"):
        carrier_recordings.fetch_sound("RE" + "0" * 32)


@pytest.mark.usefixtures("carrier")
def test_a_small_one_comes_whole() -> None:
    assert carrier_recordings.fetch_sound("small") == b"RIFF"
