"""A voice for browsers that have none: eSpeak NG, from the wheel of the extra `demo`.

Only the demo's network loads it, in its own process (docs/adr/0076-a-voice-for-the-demo.md). The
interface is that of espeak-ng/speak_lib.h.
"""

import ctypes
import threading
from functools import cache
from typing import Any, Final

from carrier.sound import mono

SYNCHRONOUS: Final = 2
UTF_8: Final = 1
LONGEST_TEXT: Final = 5000
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
# The library has one voice and one utterance at a time.
_speaking = threading.Lock()


def speak(language: str, text: str) -> bytes | None:
    """`text` as a WAV file in a language such as "pl-PL"; None if there is no such voice."""
    if (loaded := _library()) is None:
        return None
    library, rate = loaded
    frames = bytearray()

    def take(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            frames.extend(ctypes.string_at(samples, 2 * count))
        return 0

    spoken = text[:LONGEST_TEXT].encode()
    callback = _Callback(take)
    with _speaking:
        if library.espeak_SetVoiceByName(language[:2].encode()) != 0:
            return None
        library.espeak_SetSynthCallback(callback)
        library.espeak_Synth(spoken, len(spoken) + 1, 0, 0, 0, UTF_8, None, None)
        library.espeak_Synchronize()
    return mono(bytes(frames), rate)


@cache
def _library() -> tuple[ctypes.CDLL, int] | None:
    """The library and its sample rate; None if the wheel is not installed."""
    try:
        import espeakng_loader
    except ImportError:
        return None
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    return (library, rate) if rate > 0 else None
