"""Sounds: recorded announcements, converted to telephone quality and kept in the home.

Sounds are meant for everybody, so they are not encrypted. The name of a sound is the hash of its
content, so another recording has another address and caches are never stale.
"""

import io
import math
import re
import secrets
import wave
from array import array
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

import miniaudio
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from callcenter.offline import durable_files
from models import Announcement
from words.facts import FACTS

RATE = 8000
LONGEST_S = FACTS.announcement_seconds
SHORTEST_S = 0.5
LARGEST_BYTES = 20 * 2**20
NAME = re.compile(r"[0-9a-f]{32}")
# The loudest tenth of a second of a voice is in the thousands; line noise is below this.
SILENCE_RMS = 150
_WINDOW = RATE // 10

_folders: list[Path] = []


class Unfit(StrEnum):
    """Why a recording cannot be played to callers."""

    NOT_AUDIO = "not_audio"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    SILENT = "silent"


_SENTENCES = {
    Unfit.NOT_AUDIO: "This is no sound file that can be read: use WAV or MP3.",
    Unfit.TOO_LARGE: f"The file is larger than {LARGEST_BYTES // 2**20} MB.",
    Unfit.TOO_LONG: f"The recording is longer than {LONGEST_S} seconds.",
    Unfit.TOO_SHORT: "The recording is shorter than half a second.",
    Unfit.SILENT: "Nothing can be heard in the recording.",
}


class SoundError(ValueError):
    """A recording that cannot be played to callers, with the reason and a sentence for people."""

    def __init__(self, reason: Unfit) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


def bind(home: Path) -> None:
    """Keep sounds in `home` in this process."""
    _folders[:] = [home / "sounds"]


def keep(data: bytes) -> str:
    """Store the recording `data` (WAV, MP3, FLAC or Ogg Vorbis); return the name of its sound.

    The sound is on disk before this returns. Its loudness is not changed, because somebody listens
    to it before it goes out. Raises SoundError.
    """
    sound = _as_wav(_samples(data))
    name = sha256(sound).hexdigest()[:32]
    if not path(name).exists():
        _write(path(name), sound)
    return name


def _samples(data: bytes) -> "array[int]":
    """The recording at 8 kHz, mono, 16 bit; reads no more than may be stored."""
    if len(data) > LARGEST_BYTES:
        raise SoundError(Unfit.TOO_LARGE)
    samples = array("h")
    try:
        for piece in miniaudio.stream_memory(
            data, nchannels=1, sample_rate=RATE, frames_to_read=RATE
        ):
            samples.extend(piece)
            if len(samples) > LONGEST_S * RATE:
                raise SoundError(Unfit.TOO_LONG)
    except miniaudio.DecodeError as fault:
        raise SoundError(Unfit.NOT_AUDIO) from fault
    _insist_on_a_voice(samples)
    return samples


def _insist_on_a_voice(samples: "array[int]") -> None:
    if len(samples) < SHORTEST_S * RATE:
        raise SoundError(Unfit.TOO_SHORT)
    windows = (samples[start : start + _WINDOW] for start in range(0, len(samples), _WINDOW))
    if max(map(_rms, windows)) < SILENCE_RMS:
        raise SoundError(Unfit.SILENT)


def _rms(samples: "array[int]") -> float:
    return math.hypot(*samples) / math.sqrt(len(samples))


def _as_wav(samples: "array[int]") -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def _write(file: Path, sound: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    durable_files.write(file, sound, file.with_suffix(f".{secrets.token_hex(4)}.new"))


def path(name: str) -> Path:
    """The path of the sound `name`. Raises ValueError for a name that no sound can have."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a sound")
    return _folders[0] / f"{name}.wav"


def is_kept(name: str) -> bool:
    """Whether the sound `name` is stored."""
    return bool(NAME.fullmatch(name)) and path(name).exists()


def discard(session: Session, name: str) -> None:
    """Delete the sound `name`, unless any announcement, past ones included, uses it."""
    plays = func.jsonb_path_exists(
        Announcement.sounds,
        cast("$.* ? (@ == $name)", JSONPATH),
        func.jsonb_build_object("name", name),
    )
    if session.scalar(select(Announcement.id).where(plays).limit(1)) is None:
        path(name).unlink(missing_ok=True)
