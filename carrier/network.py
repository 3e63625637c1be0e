"""The network of one account: its numbers, calls, queues, conferences, messages, recordings."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from carrier.call import Call, Callback, Direction, HungUp, Pace, Status, new_sid
from carrier.call_recording import end_with
from carrier.clocks import Clock, Event, VirtualClock
from carrier.conferencing import Conference
from carrier.dialling import ring
from carrier.interpreter import converse
from carrier.line import DocumentFailed, Finished, Jump, Line, Played
from carrier.queueing import Queue
from carrier.recording import Recording
from carrier.transport import Transport, over_sockets
from carrier.webhooks import Kind, PostOffice, request

if TYPE_CHECKING:
    from carrier.telephone import Telephone

DEFAULT_NUMBER: Final = "+48222222222"
TEST_SID: Final = "AC" + "0" * 32
TEST_TOKEN: Final = "0123456789abcdef" * 2


@dataclass
class Number:
    """A number of the account and its settings."""

    phone_number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    friendly_name: str = ""
    sid: str = field(default_factory=lambda: new_sid("PN"))
    created_at: datetime | None = None

    @classmethod
    def of_server(cls, phone_number: str, server: str) -> "Number":
        """A number set as this project requires: /voice/incoming and /voice/status."""
        return cls(
            phone_number,
            voice_url=f"{server}/voice/incoming",
            status_callback=f"{server}/voice/status",
        )


@dataclass
class Message:
    """An SMS as the carrier keeps it."""

    from_: str
    to: str
    body: str
    created_at: datetime
    status: str = "delivered"
    sid: str = field(default_factory=lambda: new_sid("SM"))
    callback_url: str = ""


class Network:
    """One account of the carrier. Tests may read its parts; calls change them."""

    def __init__(
        self,
        transport: Transport | None = None,
        clock: Clock | None = None,
        *,
        account_sid: str = TEST_SID,
        auth_token: str = TEST_TOKEN,
        number: str = DEFAULT_NUMBER,
        server: str = "http://localhost:8000",
        api_base: str = "https://api.twilio.com",
        sms_sender: str = "",
        calls_a_second: float | None = None,
        lists_a_second: float | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.api_base = api_base
        self.sms_sender = sms_sender
        self.calls_a_second = calls_a_second
        self.lists_a_second = lists_a_second
        self.clock: Clock = clock or VirtualClock()
        self.post_office = PostOffice(auth_token, transport or over_sockets())
        self.main = Number.of_server(number, server)
        self.numbers: dict[str, Number] = {number: self.main}
        self.calls: dict[str, Call] = {}
        self.queues: dict[str, Queue] = {}
        self.conferences: list[Conference] = []
        self.messages: list[Message] = []
        self.recordings: dict[str, Recording] = {}
        self.telephones: dict[str, Telephone] = {}
        self.people_may_answer = False
        self._last_creation: datetime | None = None
        self._last_list: datetime | None = None
        self.lists_refused = 0
        self.changes_to_refuse = 0
        self._lock = threading.RLock()

    # Telephones

    def telephone(self, number: str) -> "Telephone":
        """The test telephone with that number; the same object each time."""
        from carrier.telephone import Telephone

        return self.telephones.setdefault(number, Telephone(self, number))

    def call_in(self, from_: str, to: str | None = None, pace: Pace = Pace.NORMAL) -> Call:
        """Call one of the account's numbers. Raises KeyError for another number."""
        number = self.numbers[to or self.main.phone_number]
        call = self._new_call(from_, number.phone_number, Direction.INBOUND)
        call.pace = pace
        call.fallback_url = number.voice_fallback_url
        call.fallback_method = number.voice_fallback_method
        call.callback = Callback(number.status_callback, number.status_callback_method)
        call.status = Status.RINGING
        telephone = self.telephones.get(from_)
        if telephone is not None:
            telephone.holds(call)
        call.note("ringing", self.clock.now(), to=call.to)
        jump = Jump(number.voice_url, number.voice_method)
        self.clock.start(call, converse(Line(call, self, number.voice_url), jump))
        return call

    # Outgoing legs

    def may_create_call(self) -> bool:
        """Whether the account's rate limit allows another new call now."""
        with self._lock:
            now = self.clock.now()
            if self.calls_a_second and self._last_creation:
                since = (now - self._last_creation).total_seconds()
                if since < 1 / self.calls_a_second:
                    return False
            self._last_creation = now
            return True

    def seconds_until_list(self) -> float:
        """How long the account must wait before its next request for a list page, in seconds."""
        with self._lock:
            now = self.clock.now()
            if self.lists_a_second and self._last_list:
                left = 1 / self.lists_a_second - (now - self._last_list).total_seconds()
                if left > 0:
                    self.lists_refused += 1
                    return left
            self._last_list = now
            return 0.0

    def new_leg(
        self,
        from_: str,
        to: str,
        direction: Direction,
        callback: Callback,
        rings_for: float = 60.0,
        parent_sid: str = "",
    ) -> Call:
        """An outgoing leg that does not ring yet."""
        call = self._new_call(from_, to, direction)
        call.callback = callback
        call.rings_for = rings_for
        call.parent_sid = parent_sid
        return call

    def call_out(self, call: Call, jump: Jump) -> None:
        """Ring; when answered, play the document. For calls made through REST."""
        self.ring_leg(call, lambda line: converse(line, jump), lambda line: None)

    def ring_leg(
        self, call: Call, answered: Callable[[Line], Played[None]], over: Callable[[Line], None]
    ) -> None:
        """Ring; when answered, go on with ``answered``; ``over`` is called at the end."""
        self.tell_status(call, "initiated")
        line = Line(call, self, call.callback.url)

        def steps() -> Played[None]:
            try:
                if (yield from ring(line)):
                    yield from answered(line)
                self.finished(call, "the other side hung up")
            except HungUp as end:
                self.finished(call, end.reason, end.status)
            except (Finished, DocumentFailed) as end:
                self.finished(call, str(end))
            finally:
                over(line)

        self.clock.start(call, steps())

    def rings(self, call: Call) -> bool:
        """Start to ring; True if somebody is there to answer."""
        call.status = Status.RINGING
        call.note("ringing", self.clock.now(), by=call.from_)
        self.tell_status(call, "ringing")
        telephone = self.telephones.get(call.human)
        if telephone is not None:
            telephone.holds(call)
        return telephone is not None or self.people_may_answer

    # What happens to a leg

    def answered(self, call: Call) -> None:
        call.status = Status.IN_PROGRESS
        call.answered_at = self.clock.now()
        call.note("answered", call.answered_at)
        if call.direction is not Direction.INBOUND:
            self.tell_status(call, "answered")

    def finished(self, call: Call, reason: str, status: Status | None = None) -> None:
        """End a leg, once: set its final status, send the last callback, end its recording."""
        if call.ended_at is not None:
            return
        call.ended_at = self.clock.now()
        call.end_reason = reason
        if call.answered_at is not None:
            call.status = Status.COMPLETED
        elif not call.status.is_final:
            call.status = status or Status.NO_ANSWER
        call.note("ended", call.ended_at, reason=reason, status=call.status.value)
        self.tell_status(call, "completed")
        end_with(self, call)

    def tell_status(self, call: Call, event: str) -> None:
        """Send a status callback, if this event was requested."""
        if not call.callback.url or event not in call.callback.events:
            return
        form = {**call.fields(), **self._status_fields(call, event)}
        callback = call.callback
        self.post_office.post(request(Kind.STATUS, callback.url, form, callback.method))
        call.sequence += 1

    def _status_fields(self, call: Call, event: str) -> dict[str, str]:
        fields = {
            "Timestamp": format_datetime(self.clock.now()),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
        }
        if event == "initiated":
            fields["CallStatus"] = "initiated"
        if event == "completed":
            fields["CallDuration"] = str(call.duration)
            fields["Duration"] = str(-(-call.duration // 60))
        return fields

    # Things that the account has

    def queue(self, name: str) -> Queue:
        """The queue with that name, created on demand."""
        with self._lock:
            if name not in self.queues:
                self.queues[name] = Queue(name, self.clock.now())
            return self.queues[name]

    def conference(self, name: str) -> Conference:
        """The running conference of that name, or a new one."""
        with self._lock:
            for conference in self.conferences:
                if conference.name == name and conference.status != "completed":
                    return conference
            self.conferences.append(Conference(name, self.account_sid, self.clock.now()))
            return self.conferences[-1]

    def keep_recording(self, recording: Recording) -> None:
        """Store a recording that begins, under its address."""
        path = f"/2010-04-01/Accounts/{self.account_sid}/Recordings/{recording.sid}"
        recording.url = self.api_base + path
        self.recordings[recording.sid] = recording

    def send_message(self, message: Message) -> None:
        """Deliver an SMS: it is stored, and shown on the telephones of its number."""
        self.messages.append(message)
        for call in list(self.calls.values()):
            if call.human == message.to:
                now = self.clock.now()
                call.note(
                    "sms", now, sid=message.sid, to=message.to, body=message.body, by=message.from_
                )

    def tell(self, call: Call, event: Event | HungUp) -> None:
        """Pass on what the person at the end of a leg does."""
        self.clock.tell(call, event)

    def _new_call(self, from_: str, to: str, direction: Direction) -> Call:
        call = Call(self.account_sid, from_, to, direction, self.clock.now())
        self.calls[call.sid] = call
        return call
