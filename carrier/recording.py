"""Record: a tone, the human's voice, and a file that may exist only later.

Source: Twilio's voice/twiml/record and voice/api/recording.
"""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from carrier.call import Call, HungUp, Key, Spoke, new_sid
from carrier.clocks import Doing, Event
from carrier.grammar import Element
from carrier.line import Jump, Line, Played
from carrier.sound import joined
from carrier.webhooks import Kind, request

READY_AFTER_SECONDS: Final = 1.0
TOO_SILENT: Final = "16102"


@dataclass
class Recording:
    """A recording as the carrier keeps it."""

    call_sid: str
    account_sid: str
    started_at: datetime
    url: str
    sid: str = field(default_factory=lambda: new_sid("RE"))
    status: str = "in-progress"
    seconds: float = 0.0
    spoken: list[Spoke] = field(default_factory=list)
    sound: bytes = b""

    @property
    def duration(self) -> int:
        return max(round(self.seconds), 1) if self.seconds else 0


def record(line: Line, element: Element) -> Played[Jump | None]:
    """Play a Record. Nothing recorded: the call goes on with the next verb."""
    recording = line.network.begin_recording(line.call)
    _tell(line, element, recording)
    if element.flag("playBeep", default=True):
        line.note("beep")
    line.note("recording", sid=recording.sid)
    try:
        key = yield from _listen(line, element, recording)
    except HungUp:
        _finish(line, element, recording)
        if recording.seconds:
            line.parting(line.jump(element, _fields(recording, "hangup")))
        raise
    _finish(line, element, recording)
    if not recording.seconds:
        return None
    return line.jump(element, _fields(recording, key))


def _listen(line: Line, element: Element, recording: Recording) -> Played[str]:
    """Collect speech until a key, silence, or the greatest length; gives the key."""
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


def _finish(line: Line, element: Element, recording: Recording) -> None:
    """The file is made a little later than the action is asked for."""
    line.note("recorded", sid=recording.sid, seconds=recording.seconds)

    def make() -> None:
        recording.sound = joined(recording.spoken)
        recording.status = "completed" if recording.seconds else "absent"
        _tell(line, element, recording)

    line.network.clock.later(READY_AFTER_SECONDS, make)


def _tell(line: Line, element: Element, recording: Recording) -> None:
    url = element.get("recordingStatusCallback")
    events = element.get("recordingStatusCallbackEvent", "completed").split()
    if not url or recording.status not in events:
        return
    form = callback_fields(line.call, recording)
    method = element.get("recordingStatusCallbackMethod", "POST")
    line.network.post_office.post(request(Kind.RECORDING, line.address(url), form, method))


def callback_fields(call: Call, recording: Recording) -> dict[str, str]:
    """The form fields of a recording status callback."""
    fields = {
        "AccountSid": recording.account_sid,
        "CallSid": call.sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": recording.url,
        "RecordingStatus": recording.status,
        "RecordingDuration": str(recording.duration),
        "RecordingChannels": "1",
        "RecordingStartTime": format_datetime(recording.started_at),
        "RecordingSource": "RecordVerb",
        "RecordingTrack": "inbound",
    }
    if recording.status == "absent":
        fields["ErrorCode"] = TOO_SILENT
    return fields
