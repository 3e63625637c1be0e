"""A plain HTTP load that costs little itself: raw sockets, several processes, signed requests.

All requests are written and signed before the clock starts: the carrier does that elsewhere. Each
process says how much processor time it took, so that its share can be told from the server's.
"""

import base64
import hashlib
import hmac
import multiprocessing
import re
import secrets
import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlencode

TOKEN = "7" * 32
STEPS_A_CALL = 50
PROCESSES = 2
# More requests a second than one process is ever answered.
MOST_A_SECOND = 3000
# What the carrier sends with every request of a call.
FORM = {
    "AccountSid": "AC" + "5" * 32,
    "ApiVersion": "2010-04-01",
    "From": "+48501234567",
    "Caller": "+48501234567",
    "To": "+48223070000",
    "Called": "+48223070000",
    "Direction": "inbound",
    "CallStatus": "in-progress",
}
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Tally:
    """What came of a load: seconds of each answer, faults, processor seconds it took itself."""

    times: list[float] = field(default_factory=list)
    faults: int = 0
    spent: float = 0
    seconds: float = 0
    sids: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the requests was answered."""
        ordered = sorted(self.times) or [0.0]
        return ordered[int(share * (len(ordered) - 1))] * 1000

    def add(self, other: "Tally") -> None:
        self.times += other.times
        self.sids += other.sids
        self.faults += other.faults
        self.spent += other.spent
        self.seconds = max(self.seconds, other.seconds)


def load(
    kind: str,
    port: int,
    seconds: float,
    *,
    sids: Sequence[str] = (),
    connections: int = 64,
    rate: float | None = None,
) -> Tally:
    """Send requests of one `kind` for that long; at `rate` a second, else as fast as answers come.

    With a rate an answer's time counts from when its request was due, so a queue is not hidden.
    """
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        shares = [
            (kind, port, seconds, sids[n::PROCESSES], connections // PROCESSES, rate)
            for n in range(PROCESSES)
        ]
        whole = Tally()
        for tally in pool.starmap(_share, shares):
            whole.add(tally)
    return whole


def _share(
    kind: str,
    port: int,
    seconds: float,
    sids: Sequence[str],
    connections: int,
    rate: float | None,
) -> Tally:
    tally = Tally()
    prepared = islice(_messages(kind, port, sids), int(seconds * MOST_A_SECOND))
    messages = iter(list(prepared))
    pause = PROCESSES / rate if rate else 0.0
    began, spent = time.perf_counter(), time.process_time()
    until = began + seconds
    sockets = {s.fileno(): s for s in (_connected(port) for _ in range(connections))}
    idle, due = list(sockets), began
    sent: dict[int, float] = {}
    parts: dict[int, bytes] = {}
    with select.epoll() as watched:
        for one in sockets:
            watched.register(one, select.EPOLLIN)
        while (now := time.perf_counter()) < until or sent:
            while idle and now < until and due <= now:
                message = next(messages, None)
                if message is None:
                    until = now
                    break
                one = idle.pop()
                sid, request = message
                sockets[one].sendall(request)
                if kind == "incoming":
                    tally.sids.append(sid)
                sent[one] = due if rate else now
                due += pause
            for one, _ in watched.poll(0.002 if rate else 0.2):
                parts[one] = parts.get(one, b"") + sockets[one].recv(65536)
                if _is_whole(parts[one]):
                    tally.times.append(time.perf_counter() - sent.pop(one))
                    tally.faults += not _is_right(kind, parts.pop(one))
                    idle.append(one)
            if now > until + 20:
                tally.faults += len(sent)
                break
    tally.seconds = time.perf_counter() - began
    tally.spent = time.process_time() - spent
    for open_ in sockets.values():
        open_.close()
    return tally


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _is_whole(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(mark) and len(body) >= (int(length[1]) if length else 0)


def _is_right(kind: str, answer: bytes) -> bool:
    if kind == "status":
        return b" 204 " in answer[:20]
    return b" 200 " in answer[:20] and (b"<Gather" in answer or kind == "constant")


def _messages(kind: str, port: int, sids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Requests, each with its CallSid."""
    match kind:
        case "constant":
            message = signed(port, "/voice/incoming", {**FORM, "CallSid": "CA" + "1" * 32})
            while True:
                yield "", message
        case "incoming":
            while True:
                sid = f"CA{secrets.token_hex(16)}"
                yield sid, signed(port, "/voice/incoming", {**FORM, "CallSid": sid})
        case "step" | "leaf":
            yield from _steps(kind, port, sids)
        case "status":
            ended = {"CallStatus": "completed", "CallDuration": "60", "SequenceNumber": "3"}
            for sid in sids:
                yield sid, signed(port, "/voice/status", {**FORM, **ended, "CallSid": sid})


def _steps(kind: str, port: int, sids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """A caller who goes round the menus; `leaf`: into the guidance, which moves the ticket."""
    since = f"{int(time.time()):x}"
    round_ = [("main/menu", "1"), ("login/menu", "9")]
    if kind == "leaf":
        round_ = [("login/menu", "2"), ("login/menu", "3")]
    for step in range(1, STEPS_A_CALL):
        place, key = round_[step % 2]
        for sid in sids:
            target = f"/voice/pl/{place}?try=0&step={step}&since={since}"
            yield sid, signed(port, target, {**FORM, "CallSid": sid, "Digits": key})


def signed(port: int, target: str, form: Mapping[str, str]) -> bytes:
    """A request as the carrier sends and signs it."""
    said = f"http://127.0.0.1:{port}{target}" + "".join(f"{k}{form[k]}" for k in sorted(form))
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), hashlib.sha1))
    body = urlencode(form).encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Twilio-Signature: {signature.decode()}\r\n\r\n"
    )
    return head.encode() + body
