"""WAV files for recordings without a microphone: a tone as long as the speech."""

import io
import math
import struct
import wave
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from carrier.call import Spoke

RATE: Final = 8000
PITCH: Final = 440
LOUDNESS: Final = 6000
LONGEST_TONE_SECONDS: Final = 600
LOUDEST: Final = 32767


def tone(seconds: float) -> bytes:
    """A WAV file (8 kHz, 16 bit, mono) with a tone of `seconds`."""
    return _wav(_tone(seconds), RATE, 2, 1)


def _tone(seconds: float) -> bytes:
    frames = round(min(seconds, LONGEST_TONE_SECONDS) * RATE)
    return (_second_of_tone() * (frames // RATE + 1))[: frames * 2]


@cache
def _second_of_tone() -> bytes:
    return b"".join(
        struct.pack("<h", round(LOUDNESS * math.sin(2 * math.pi * PITCH * i / RATE)))
        for i in range(RATE)
    )


def joined(spoken: Iterable[Spoke]) -> bytes:
    """One WAV file of everything spoken: the microphone's file if there is one, else a tone."""
    pieces = list(spoken)
    for piece in pieces:
        if piece.sound:
            return piece.sound
    return tone(sum(piece.seconds for piece in pieces))


def samples(spoke: Spoke) -> "array[int]":
    """The speech in one channel of 16 bit at our rate; a tone if there is no file."""
    return _resampled(spoke.sound) if spoke.sound else array("h", _tone(spoke.seconds))


def _resampled(sound: bytes) -> "array[int]":
    """The first channel of a WAV file, resampled by the nearest sample: good enough for a voice."""
    with wave.open(io.BytesIO(sound)) as file:
        width, frame = file.getsampwidth(), file.getsampwidth() * file.getnchannels()
        count, rate = file.getnframes(), file.getframerate()
        frames = file.readframes(count)
    starts = (number * rate // RATE * frame for number in range(count * RATE // rate))
    return array("h", (_level(frames[start : start + width]) for start in starts))


def _level(sample: bytes) -> int:
    """A sample in 16 bit; samples of one byte are unsigned, larger ones signed."""
    if len(sample) == 1:
        return (sample[0] - 128) << 8
    return int.from_bytes(sample[-2:], "little", signed=True)


def silence(count: int) -> "array[int]":
    """`count` samples of silence."""
    return array("h", bytes(2 * count))


def mix(lane: "array[int]", piece: "array[int]", start: int) -> None:
    """Mix `piece` into `lane` from sample `start` on; what exceeds the lane is dropped."""
    stretch = slice(start, min(start + len(piece), len(lane)))
    piece, below = piece[: stretch.stop - start], lane[stretch]
    if below.tobytes().strip(b"\0"):
        both = (a + b for a, b in zip(piece, below, strict=True))
        piece = array("h", (max(-LOUDEST, min(LOUDEST, level)) for level in both))
    lane[stretch] = piece


def trimmed(lanes: "Sequence[array[int]]") -> "list[array[int]]":
    """The lanes without the silence at which all of them begin and end."""
    frames = [lane.tobytes() for lane in lanes]
    first = min((len(lane) - len(lane.lstrip(b"\0"))) // 2 for lane in frames)
    last = max((len(lane.rstrip(b"\0")) + 1) // 2 for lane in frames)
    return [lane[first:last] for lane in lanes]


def wav(lanes: "Sequence[array[int]]") -> bytes:
    """A WAV file with a channel for each lane; all lanes have the same length."""
    frames = silence(len(lanes) * len(lanes[0]))
    for channel, lane in enumerate(lanes):
        frames[channel :: len(lanes)] = lane
    return _wav(frames.tobytes(), RATE, 2, len(lanes))


def mono(frames: bytes, rate: int) -> bytes:
    """A WAV file of `frames`, 16 bits each, at `rate` samples a second."""
    return _wav(frames, rate, 2, 1)


def _wav(frames: bytes, rate: int, width: int, channels: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return out.getvalue()


def length(sound: bytes) -> float | None:
    """The length of a WAV file in seconds; None if it is no WAV file."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError):
        return None
