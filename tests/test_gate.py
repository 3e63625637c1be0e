"""Strangers who send half a request, too much, or too many: calls go on beside them."""

import base64
import hashlib
import hmac
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest
import requests

from installation.home import Home
from serving.gate import BODY_SECONDS, HEAD_SECONDS
from tests.patience import eventually
from tests.test_running import Run

HELD: Final = 500
LATE_S: Final = 5.0
SLACK_S: Final = 15.0
HEAD: Final = b"POST %s HTTP/1.1\r\nHost: localhost\r\n"
FORM: Final = b"Content-Type: application/x-www-form-urlencoded\r\n"
SIGNED: Final = b"X-Twilio-Signature: " + b"a" * 28 + b"\r\n"
HALF_SENT: Final[dict[str, bytes]] = {
    "nothing": b"",
    "half a head": HEAD % b"/voice/incoming",
    "half a form, signed": HEAD % b"/voice/incoming"
    + FORM
    + SIGNED
    + b"Content-Length: 9\r\n\r\nC",
    "half a form": HEAD % b"/" + FORM + b"Content-Length: 100\r\n\r\na",
    "a large one, hardly begun": HEAD % b"/switchboard/new" + b"Content-Length: 9999999\r\n\r\na",
    "chunks": HEAD % b"/voice/status" + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    made = Run(tmp_path_factory.mktemp("gate") / "home")
    made.starts()
    yield made
    made.ends()


def calls(run: Run, front: str = "") -> float:
    """The carrier announces a call, to the `front`; seconds until the line has answered."""
    address = f"{front or f'http://localhost:{run.port}'}/voice/incoming"
    form = {"CallSid": f"CA{time.time_ns():032x}", "From": "+48501234567", "CallStatus": "ringing"}
    said = address + "".join(name + form[name] for name in sorted(form))
    mac = hmac.digest(_token(run).encode(), said.encode(), hashlib.sha1)
    headers = {"X-Twilio-Signature": base64.b64encode(mac).decode()}
    began = time.monotonic()
    answer = requests.post(address, data=form, headers=headers, timeout=15, verify=False)  # noqa: S501
    assert (answer.status_code, "<Response>" in answer.text) == (200, True), answer.text
    return time.monotonic() - began


def _token(run: Run) -> str:
    return str(json.loads((run.home / "secrets.json").read_text())["TWILIO_AUTH_TOKEN"])


@contextmanager
def held(port: int, sent: Sequence[bytes], many: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as open_ones:
        sockets = []
        for number in range(many):
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.sendall(sent[number % len(sent)])
            sockets.append(one)
        yield sockets


def is_closed(one: socket.socket, drip: bytes = b"") -> bool:
    """Whether the server has closed it; if not, a byte of `drip` more is sent."""
    one.settimeout(0.001)
    try:
        while one.recv(4096):
            pass
    except TimeoutError:
        one.sendall(drip)
        return False
    except OSError:
        pass
    return True


def test_half_sent_requests_stop_no_call_and_are_closed(run: Run) -> None:
    with held(run.port, list(HALF_SENT.values()), HELD) as sockets:
        assert max(calls(run) for _ in range(20)) < LATE_S
        assert requests.get(f"http://127.0.0.1:{run.port}/", timeout=5).ok
        within = max(HEAD_SECONDS, BODY_SECONDS) + SLACK_S
        assert eventually(lambda: all(is_closed(one) for one in sockets), within)


def test_who_sends_a_byte_at_a_time_is_not_waited_for(run: Run) -> None:
    drips = {"half a head": b"a", "a large one, hardly begun": b"a", "chunks": b"1\r\na\r\n"}
    within = max(HEAD_SECONDS, BODY_SECONDS) + SLACK_S
    with held(run.port, [HALF_SENT[kind] for kind in drips], len(drips)) as sockets:
        dripping = list(zip(sockets, drips.values(), strict=True))
        assert eventually(
            lambda: sum(is_closed(one, drip) for one, drip in dripping) == len(drips), within
        )


@pytest.mark.parametrize("path", ["/voice/incoming", "/", "/api/v1/announcements", "/switchboard"])
@pytest.mark.parametrize("kind", ["announced", "chunks"])
def test_too_much_is_refused_before_it_is_read(run: Run, path: str, kind: str) -> None:
    """Nothing of an announced body is sent here, and nobody waits for it."""
    with socket.create_connection(("127.0.0.1", run.port), timeout=10) as one:
        if kind == "announced":
            one.sendall(HEAD % path.encode() + b"Content-Length: 99999999\r\n\r\n")
        else:
            one.sendall(HEAD % path.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
            threading.Thread(target=_pour, args=[one], daemon=True).start()
        assert one.recv(4096).startswith(b"HTTP/1.1 413 ")


def _pour(one: socket.socket) -> None:
    try:
        for _ in range(400):
            one.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
    except OSError:
        pass


def test_an_upload_larger_than_forms_arrives_whole(run: Run) -> None:
    """And is refused by the page, which asks who that is, and not by the gate."""
    sent = {"sound": ("sound.wav", bytes(3_000_000))}
    answer = requests.post(f"http://127.0.0.1:{run.port}/switchboard/new", files=sent, timeout=20)
    assert answer.status_code != 413


def test_pages_that_wait_take_no_thread_from_the_line(run: Run) -> None:
    """A hundred strangers ask for a page whose rows are locked, each for all the time it may."""
    status = f"http://127.0.0.1:{run.port}/status"
    url = Home(run.home).database_url.replace("+psycopg", "")
    with psycopg.connect(url) as database:
        database.execute("LOCK TABLE announcements IN ACCESS EXCLUSIVE MODE")
        crowd = [
            threading.Thread(target=requests.get, args=[status], kwargs={"timeout": 60})
            for _ in range(100)
        ]
        for stranger in crowd:
            stranger.start()
        time.sleep(0.3)
        assert max(calls(run) for _ in range(20)) < LATE_S
        assert sum(stranger.is_alive() for stranger in crowd) > 20
    for stranger in crowd:
        stranger.join()


def test_the_addresses_headers_and_names_arrive_as_they_were_sent(run: Run) -> None:
    base = f"http://127.0.0.1:{run.port}"
    # A name with `_` would pass for the one that a proxy sets.
    let_in = requests.get(f"{base}/metrics", headers={"X_Forwarded_For": "192.0.2.1"}, timeout=5)
    assert let_in.status_code == 200
    shut_out = requests.get(f"{base}/metrics", headers={"X-Forwarded-For": "192.0.2.1"}, timeout=5)
    assert shut_out.status_code == 401
    assert requests.get(f"{base}/tickets/za%C5%BC%C3%B3%C5%82%C4%87", timeout=5).ok


def test_it_stops_within_seconds_whoever_holds_on(tmp_path: Path) -> None:
    made = Run(tmp_path / "home")
    try:
        made.starts()
        with held(made.port, list(HALF_SENT.values()), 60):
            began = time.monotonic()
            assert made.stops(signal.SIGTERM) == 0
            assert time.monotonic() - began < 20
        assert made.processes() == []
    finally:
        made.ends()
