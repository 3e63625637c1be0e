"""The verbs of our documents: speech, asking for keys, and conferences."""

from collections.abc import Iterable
from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, VoiceResponse

import words
from callcenter.announcements.notices import Notice
from callcenter.recordings import sounds
from ivr.languages import FIRST_LANGUAGE
from ivr.line import Line
from ivr.speech import ANNOUNCEMENT, SOUND, Speech, split
from ivr.twiml.lengths import pieces

HOLD_S = 15
SPEECH_LANGUAGE = {"pl": "pl-PL", "en": "en-GB", "uk": "uk-UA"}


def keys_asked(action: str, patience_s: int, digits: int = 1, ended_by: str = "") -> Gather:
    """A Gather for `digits` keys; silence is posted to `action` too.

    It waits `patience_s` seconds after everything in it is said. The key `ended_by` ends the typing
    early.
    """
    return Gather(
        input="dtmf",
        num_digits=digits,
        timeout=patience_s,
        finish_on_key=ended_by,
        action_on_empty_result=True,
        action=action,
        method="POST",
    )


def speak(
    verb: Gather | VoiceResponse,
    line: Line,
    language: str,
    speech: Speech,
    prompts: Iterable[str],
) -> None:
    """Say or play each of the `prompts` of `speech`, in `language` or in its own language.

    Raises WordsError if a variable of a prompt is missing.
    """
    for prompt in prompts:
        spoken_in, name = split(prompt, language)
        if name.startswith(ANNOUNCEMENT):
            _announce(verb, line, spoken_in, speech.notices.get(name.removeprefix(ANNOUNCEMENT)))
        elif name.startswith(SOUND):
            _play(verb, line, name.removeprefix(SOUND))
        elif text := words.say(spoken_in, name, **speech.variables):
            say(verb, line, spoken_in, text)


def _announce(
    verb: Gather | VoiceResponse, line: Line, language: str, notice: Notice | None
) -> None:
    """Play the announcement's recording, else say its words; Polish if a language has neither."""
    if notice is None or _play(verb, line, notice.sounds.get(language, "")):
        return
    if text := notice.text.get(language):
        say(verb, line, language, text)
    else:
        say(verb, line, FIRST_LANGUAGE, notice.text[FIRST_LANGUAGE])


def _play(verb: Gather | VoiceResponse, line: Line, sound: str) -> bool:
    """Play the recording if it exists; for a missing file callers would hear silence."""
    if not sounds.is_kept(sound):
        return False
    verb.play(f"{line.prefix}/sounds/{sound}.wav")
    return True


def say(verb: Gather | VoiceResponse, line: Line, language: str, text: str) -> None:
    """Say `text` with the line's voice of the language, in as many pieces as needed."""
    voice = line.voices[language]
    for piece in pieces(text, voice):
        verb.say(piece, voice=voice, language=SPEECH_LANGUAGE[language])


@dataclass(frozen=True)
class Room:
    """A conference, the role of a leg in it, and the address that follows.

    It `ends` when the caller leaves. A listening supervisor is `muted`; a whispering one speaks to
    `coach` (a CallSid).
    """

    name: str
    action: str
    ends: bool = False
    label: str = ""
    muted: bool = False
    coach: str = ""


def confer(response: VoiceResponse, room: Room) -> None:
    """Lead the call into the conference, which begins with the first participant."""
    dial = response.dial(action=room.action, method="POST")
    more = {"participant_label": room.label} if room.label else {}
    more |= {"coach": room.coach} if room.coach else {}
    dial.conference(
        room.name,
        beep="false",
        muted=room.muted,
        start_conference_on_enter=True,
        end_conference_on_exit=room.ends,
        **more,
    )
