"""Record: a tone, the person's voice, and a file that may exist only later.

Source: Twilio's voice/twiml/record and voice/api/recording.
"""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from carrier.call import Callback, HungUp, Key, Spoke, new_sid
from carrier.clocks import Doing, Event
from carrier.grammar import Element
from carrier.line import Jump, Line, Played
from carrier.sound import joined
from carrier.webhooks import Kind, request

if TYPE_CHECKING:
    from carrier.network import Network

READY_AFTER_SECONDS: Final = 1.0
TOO_SILENT: Final = "16102"


@dataclass
class Recording:
    """A recording as the carrier keeps it; the network sets its ``url``."""

    call_sid: str
    account_sid: str
    started_at: datetime
    url: str = ""
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    source: str = "RecordVerb"
    track: str = "inbound"
    channels: int = 1
    callback: Callback = field(default_factory=Callback)
    updated_at: datetime | None = None
    error_code: str = ""
    seconds: float = 0.0
    spoken: list[Spoke] = field(default_factory=list)
    sound: bytes = b""

    @property
    def duration(self) -> int:
        return max(round(self.seconds), 1) if self.seconds else 0

    def develop(self) -> None:
        """Make the sound, and so the length, of what was recorded."""
        self.sound = joined(self.spoken)
        self.error_code = "" if self.seconds else TOO_SILENT

    def callback_fields(self) -> dict[str, str]:
        """The form fields of a status callback."""
        fields = {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": self.status,
            "RecordingDuration": str(self.duration),
            "RecordingChannels": str(self.channels),
            "RecordingStartTime": format_datetime(self.started_at),
            "RecordingSource": self.source,
            "RecordingTrack": self.track,
        }
        if self.status == "absent":
            fields["ErrorCode"] = self.error_code
        return fields


def record(line: Line, element: Element) -> Played[Jump | None]:
    """Play a Record; if nothing is recorded, the call goes on with the next verb."""
    recording = _begin(line, element)
    if element.flag("playBeep", default=True):
        line.note("beep")
    line.note("recording", sid=recording.sid)
    try:
        key = yield from _listen(line, element, recording)
    except HungUp:
        _finish(line, recording)
        if recording.seconds:
            line.parting(line.jump(element, _fields(recording, "hangup")))
        raise
    _finish(line, recording)
    if not recording.seconds:
        return None
    return line.jump(element, _fields(recording, key))


def _begin(line: Line, element: Element) -> Recording:
    url = element.get("recordingStatusCallback")
    callback = Callback(
        line.address(url) if url else "",
        element.get("recordingStatusCallbackMethod", "POST"),
        frozenset(element.get("recordingStatusCallbackEvent", "completed").split()),
    )
    now = line.network.clock.now()
    recording = Recording(line.call.sid, line.call.account_sid, now, callback=callback)
    line.network.keep_recording(recording)
    tell(line.network, recording)
    return recording


def tell(network: "Network", recording: Recording) -> None:
    """Send a status callback, if this status was requested."""
    callback = recording.callback
    if callback.url and recording.status in callback.events:
        form = recording.callback_fields()
        network.post_office.post(request(Kind.RECORDING, callback.url, form, callback.method))


def _listen(line: Line, element: Element, recording: Recording) -> Played[str]:
    """Record until a key, silence, or the maximum length; returns the key."""
    finish = element.get("finishOnKey", "1234567890*#")
    timeout = element.number("timeout", 5)
    longest = element.number("maxLength", 3600)
    while recording.seconds < longest:
        event: Event | None = yield from line.wait(Doing.RECORDING, timeout, Key, Spoke, human=True)
        if event is None:
            return ""
        if isinstance(event, Spoke):
            seconds = min(event.seconds, longest - recording.seconds)
            recording.seconds += seconds
            recording.spoken.append(Spoke(seconds, event.sound))
            event = yield from line.wait(Doing.SPEAKING, seconds, Key)
        if isinstance(event, Key) and event.digit in finish:
            line.note("key", digit=event.digit)
            return event.digit
    return ""


def _fields(recording: Recording, digits: str) -> dict[str, str]:
    return {
        "RecordingUrl": recording.url,
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration),
        "Digits": digits,
    }


def _finish(line: Line, recording: Recording) -> None:
    line.note("recorded", sid=recording.sid, seconds=recording.seconds)
    make_file(line.network, recording)


def make_file(network: "Network", recording: Recording) -> None:
    """Make the file a little later than the recording ends, and report it then."""

    def make() -> None:
        recording.develop()
        recording.updated_at = network.clock.now()
        recording.status = "completed" if recording.seconds else "absent"
        if recording.sid in network.recordings:
            tell(network, recording)

    network.clock.later(READY_AFTER_SECONDS, make)
