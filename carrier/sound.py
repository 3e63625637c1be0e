"""WAV files for recordings made without a microphone: a tone as long as the human spoke."""

import io
import math
import struct
import wave
from collections.abc import Iterable
from typing import Final

from carrier.call import Spoke

RATE: Final = 8000
PITCH: Final = 440
LOUDNESS: Final = 6000
LONGEST_TONE_SECONDS: Final = 600


def tone(seconds: float) -> bytes:
    """A WAV file (8 kHz, 16 bit, mono) with a tone of that length."""
    return _wav(_samples(seconds), RATE, 2, 1)


def _samples(seconds: float) -> bytes:
    second = b"".join(
        struct.pack("<h", round(LOUDNESS * math.sin(2 * math.pi * PITCH * i / RATE)))
        for i in range(RATE)
    )
    frames = round(min(seconds, LONGEST_TONE_SECONDS) * RATE)
    return (second * (frames // RATE + 1))[: frames * 2]


def joined(spoken: Iterable[Spoke]) -> bytes:
    """One WAV file of everything spoken: the microphone's file if there was one, else a tone."""
    pieces = list(spoken)
    for piece in pieces:
        if piece.sound:
            return piece.sound
    return tone(sum(piece.seconds for piece in pieces))


def _wav(frames: bytes, rate: int, width: int, channels: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return out.getvalue()


def length(sound: bytes) -> float | None:
    """Seconds of a WAV file; None when it is none."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError):
        return None
