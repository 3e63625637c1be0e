"""The recording of a running call, started through the REST interface.

The file has what the person of the leg says in a bridge or a conference, on hold or not, and what
that person hears of the others. What the line itself says or plays is silence in the file.

Source: https://www.twilio.com/docs/voice/api/recording
"""

import threading
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from carrier import sound
from carrier.call import Call, Spoke
from carrier.clocks import Doing, Event
from carrier.line import Line, Played
from carrier.recording import TOO_SILENT, Recording, make_file, tell

if TYPE_CHECKING:
    from carrier.network import Network

TOO_SHORT: Final = "16101"


@dataclass(frozen=True)
class Voice:
    """Something said in the call; ``is_own`` if the person of the recorded leg said it."""

    at: datetime
    spoke: Spoke
    is_own: bool


@dataclass
class Pause:
    """A paused part: it is left out of the file, or is silence in it."""

    begun_at: datetime
    is_skipped: bool
    ended_at: datetime | None = None


@dataclass
class CallRecording(Recording):
    """The recording of a call from its start to its stop, or to the end of the call."""

    source: str = "StartCallRecordingAPI"
    track: str = "both"
    is_trimmed: bool = False
    voices: list[Voice] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    ended_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pause(self, now: datetime, *, is_skipped: bool) -> bool:
        """Pause the recording; False if it is over."""
        with self.lock:
            if self.status == "in-progress":
                self._becomes("paused", now)
                self.pauses.append(Pause(now, is_skipped))
            return self.ended_at is None

    def resume(self, now: datetime) -> bool:
        """Resume the recording; False if it is over."""
        with self.lock:
            if self.status == "paused":
                self._becomes("in-progress", now)
                self.pauses[-1].ended_at = now
            return self.ended_at is None

    def stop(self, now: datetime) -> bool:
        """Stop the recording for good; False if it is over already."""
        with self.lock:
            if self.ended_at is not None:
                return False
            self._becomes("stopped", now)
            self.ended_at = now
            return True

    def _becomes(self, status: str, now: datetime) -> None:
        self.status = status
        self.updated_at = now

    def develop(self) -> None:
        own = [voice for voice in self.voices if voice.is_own and self.track != "outbound"]
        others = [voice for voice in self.voices if not voice.is_own and self.track != "inbound"]
        heard = [own, others] if self.channels == 2 else [own + others]
        lanes = [self._lane(voices) for voices in heard]
        if self.is_trimmed:
            lanes = sound.trimmed(lanes)
        self.seconds = len(lanes[0]) / sound.RATE
        self.sound = sound.wav(lanes)
        if not self.seconds:
            self.error_code = TOO_SILENT if self.is_trimmed else TOO_SHORT

    def _lane(self, voices: list[Voice]) -> "array[int]":
        end = self.ended_at or self.started_at
        lane = sound.silence(self._place(end))
        for voice in voices:
            sound.mix(lane, sound.samples(voice.spoke), self._place(voice.at))
        for pause in reversed(self.pauses):
            first, last = self._place(pause.begun_at), self._place(pause.ended_at or end)
            lane[first:last] = sound.silence(0 if pause.is_skipped else last - first)
        return lane

    def _place(self, moment: datetime) -> int:
        return round((moment - self.started_at).total_seconds() * sound.RATE)

    def callback_fields(self) -> dict[str, str]:
        fields = super().callback_fields()
        if self.status != "completed":
            del fields["RecordingDuration"]
        return fields


def begin(network: "Network", call: Call, wanted: CallRecording) -> CallRecording:
    """Start recording; if the call is already being recorded, return that recording."""
    with call.changed:
        already = running(network, call)
        if already is not None:
            return already
        network.keep_recording(wanted)
    network.clock.later(0, lambda: tell(network, wanted))
    if not call.is_up:
        end_with(network, call)
    return wanted


def running(network: "Network", call: Call) -> CallRecording | None:
    """The running or paused recording of a call; there is one at a time."""
    mine = (one for one in list(network.recordings.values()) if one.call_sid == call.sid)
    for recording in mine:
        if isinstance(recording, CallRecording) and recording.ended_at is None:
            return recording
    return None


def speak(
    line: Line, spoke: Spoke, hearers: Iterable[Call], doing: Doing, *takes: type[Event]
) -> Played[None]:
    """Speak for the length of the speech; it is recorded on the legs of speaker and hearers."""
    now = line.network.clock.now()
    for call in (line.call, *hearers):
        recording = running(line.network, call)
        if recording is not None:
            recording.voices.append(Voice(now, spoke, is_own=call is line.call))
    yield from line.wait(doing, spoke.seconds, *takes)


def end_with(network: "Network", call: Call) -> None:
    """End the recording of a call that is over."""
    recording = running(network, call)
    if recording is not None and recording.stop(network.clock.now()):
        make_file(network, recording)
