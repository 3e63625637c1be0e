"""A node as the carrier's XML: the only importer of twilio.twiml.

Every wait is a Gather whose silence is an answer too (actionOnEmptyResult), so that nothing falls
through. Source: https://www.twilio.com/docs/voice/twiml
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twilio.twiml.voice_response import Gather, VoiceResponse

import words
from callcenter import sounds
from callcenter.board import Notice
from ivr.languages import FIRST_LANGUAGE, offered_languages
from ivr.moves import Position
from ivr.script import (
    Ask,
    End,
    Menu,
    Node,
    Record,
    Say,
    Script,
    Talk,
    Transfer,
    Wait,
)

DIGITS_S = 8
BREATH_S = 1
HOLD_S = 15
WHISPER_S = 7
NOTICE_S = 3
RECORDING_SILENCE_S = 8
EVERY_KEY = "0123456789*#"
ANNOUNCEMENT = "announcement:"
SOUND = "sound:"
SPEECH_LANGUAGE = {"pl": "pl-PL", "en": "en-GB", "uk": "uk-UA"}


@dataclass(frozen=True)
class Line:
    """What documents need to know of the line: a voice a language, the path before /voice, and
    where callers are led when no consultant can be found (E.164)."""

    voices: Mapping[str, str]
    prefix: str = ""
    fallback_number: str | None = None
    templates: dict[tuple[Any, ...], str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Speech:
    """What a document says: names of prompts in order, and the variables that fill them.

    A prompt may bear a language of its own ("uk:outage-channels"); "announcement:UID" is one of
    the `notices`, by their uid, and "sound:NAME" a recording.
    """

    prompts: tuple[str, ...]
    variables: Mapping[str, Any]
    notices: Mapping[str, Notice] = field(default_factory=dict)


def build(script: Script, line: Line, at: Position, speech: Speech, sid: str = "") -> str:
    """The XML of the document `at` of the call `sid`, saying `speech` and doing its node's work."""
    node = script.node(at.place)
    response = VoiceResponse()
    if isinstance(node, Menu | Ask | Say | Wait):
        gather = _gather(line, at, node)
        closing = node.closing.split() if isinstance(node, Menu) else []
        _speak(gather, line, at.language, speech, [p for p in speech.prompts if p not in closing])
        _offer_languages(gather, line, at.language, node)
        _speak(gather, line, at.language, speech, [p for p in speech.prompts if p in closing])
        if isinstance(node, Wait):
            gather.pause(length=HOLD_S)
        response.append(gather)
    else:
        _speak(response, line, at.language, speech, speech.prompts)
        _act(response, script, line, at, node, sid)
    return str(response)


def _gather(line: Line, at: Position, node: Node) -> Gather:
    return Gather(
        input="dtmf",
        num_digits=node.digits if isinstance(node, Ask) else 1,
        timeout=patience_s(node),
        # In a menu # is a key like any other; where digits are typed it ends them early.
        finish_on_key="#" if isinstance(node, Ask) else "",
        action_on_empty_result=True,
        action=address(line, at),
        method="POST",
    )


def patience_s(node: Node) -> int:
    """How long an answer to `node` is waited for once everything is said, in seconds."""
    if isinstance(node, Menu):
        return node.patience_s
    return DIGITS_S if isinstance(node, Ask) else BREATH_S


def _speak(
    verb: Gather | VoiceResponse,
    line: Line,
    language: str,
    speech: Speech,
    prompts: Iterable[str],
) -> None:
    for prompt in prompts:
        spoken_in, name = split(prompt, language)
        if name.startswith(ANNOUNCEMENT):
            _announce(verb, line, spoken_in, speech.notices.get(name.removeprefix(ANNOUNCEMENT)))
        elif name.startswith(SOUND):
            _play(verb, line, name.removeprefix(SOUND))
        elif text := words.say(spoken_in, name, **speech.variables):
            _say(verb, line, spoken_in, text)


def split(prompt: str, language: str) -> tuple[str, str]:
    """The language a prompt is spoken in (`language` unless it bears its own), and its name."""
    own, mark, name = prompt.partition(":")
    return (own, name) if mark and own in words.LANGUAGES else (language, prompt)


def is_played(prompt: str) -> bool:
    """Whether the prompt is no message of the words, but an announcement or a recording."""
    return prompt.startswith((ANNOUNCEMENT, SOUND))


def _announce(
    verb: Gather | VoiceResponse, line: Line, language: str, notice: Notice | None
) -> None:
    """The announcement's own recording, else its words; Polish where a language has neither."""
    if notice is None or _play(verb, line, notice.sounds.get(language, "")):
        return
    if text := notice.text.get(language):
        _say(verb, line, language, text)
    else:
        _say(verb, line, FIRST_LANGUAGE, notice.text[FIRST_LANGUAGE])


def _play(verb: Gather | VoiceResponse, line: Line, sound: str) -> bool:
    """Play the recording, if it is there: the carrier would be silent where it is missing."""
    if not sounds.is_kept(sound):
        return False
    verb.play(f"{line.prefix}/sounds/{sound}.wav")
    return True


def _say(verb: Gather | VoiceResponse, line: Line, language: str, text: str) -> None:
    verb.say(text, voice=line.voices[language], language=SPEECH_LANGUAGE[language])


def _offer_languages(gather: Gather, line: Line, language: str, node: Node) -> None:
    if isinstance(node, Menu) and node.languages:
        for key, other in offered_languages(language):
            _say(gather, line, other, words.say(other, "language-offer", key=int(key)))


def _act(
    response: VoiceResponse, script: Script, line: Line, at: Position, node: Node, sid: str
) -> None:
    match node:
        case Record():
            _record(response, line, at, node)
        case Transfer():
            _enqueue(response, script, line, at, node)
        case Talk():
            # Two steps back is the transfer, after whose step the room is named (legs.room_of).
            _confer(response, Room(f"{sid}-{at.step - 2}", address(line, at), ends=True))
        case End():
            response.hangup()
        case _:
            raise TypeError(f"{at.place} has no document")


def _record(response: VoiceResponse, line: Line, at: Position, node: Record) -> None:
    response.record(
        action=address(line, at),
        method="POST",
        max_length=node.longest_s,
        timeout=RECORDING_SILENCE_S,
        finish_on_key=EVERY_KEY,
        play_beep=True,
        recording_status_callback=f"{line.prefix}/voice/recording",
        recording_status_callback_event="in-progress completed absent",
    )
    # The carrier asks for no action when it heard nothing: silence is an answer here too.
    response.redirect(address(line, at), method="POST")


def _enqueue(
    response: VoiceResponse, script: Script, line: Line, at: Position, node: Transfer
) -> None:
    response.enqueue(
        node.queue,
        action=address(line, at),
        method="POST",
        wait_url=address(line, waiting_at(script, at, node)),
        wait_url_method="POST",
    )


def waiting_at(script: Script, at: Position, node: Transfer) -> Position:
    """Where a caller stands who waits in the queue of the transfer `node`."""
    return replace(round_after(at), place=script.resolve(node.wait, at.place.flow))


def round_after(at: Position) -> Position:
    """The round of waiting that follows the document `at`."""
    return replace(at, step=at.step + 1, tries=0)


def address(line: Line, at: Position) -> str:
    """Where the answer to the document `at` is posted; nothing personal is in it."""
    place = f"{at.language}/{at.place.flow}/{at.place.node}"
    return f"{line.prefix}/voice/{place}?{numbers(at)}"


def numbers(at: Position) -> str:
    """What of an address is its call's own."""
    # Hexadecimal: a second since the epoch has as many digits as a telephone number.
    return f"try={at.tries}&step={at.step}&since={at.since:x}"


def dial_fallback(line: Line, at: Position, speech: Speech) -> str:
    """The document that connects the caller to the fallback number instead of a queue."""
    response = VoiceResponse()
    _speak(response, line, at.language, speech, speech.prompts)
    response.dial(line.fallback_number, action=address(line, at), method="POST", timeout=25)
    return str(response)


def static(line: Line, speech: Speech, languages: Iterable[str]) -> str:
    """A document that needs nothing of ours: words, then the fallback number or a goodbye."""
    response = VoiceResponse()
    silent = {uid: replace(notice, sounds={}) for uid, notice in speech.notices.items()}
    _speak(response, line, FIRST_LANGUAGE, replace(speech, notices=silent), speech.prompts)
    if line.fallback_number:
        response.dial(line.fallback_number, timeout=25)
    else:
        for language in languages:
            _say(response, line, language, words.say(language, "goodbye"))
    response.hangup()
    return str(response)


@dataclass(frozen=True)
class Room:
    """A conference, how a leg is in it, and where its part in it is over.

    It `ends` with the caller; a supervisor hears and is `muted`, or speaks to `coach` (a CallSid).
    """

    name: str
    action: str
    ends: bool = False
    label: str = ""
    muted: bool = False
    coach: str = ""


def _confer(response: VoiceResponse, room: Room) -> None:
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


def conference(room: Room, line: Line | None = None, language: str = "", text: str = "") -> str:
    """The document that leads into a conference, after saying `text`."""
    response = VoiceResponse()
    if line and text:
        _say(response, line, language, text)
    _confer(response, room)
    return str(response)


def whisper(line: Line, text: str, action: str) -> str:
    """What somebody of the desk hears at a telephone: a key says whether the call is taken."""
    return _question(line, FIRST_LANGUAGE, text, action, WHISPER_S)


def notice(line: Line, language: str, text: str, action: str) -> str:
    """What a client is told before a talk: a key may say no to it, silence leads on."""
    return _question(line, language, text, action, NOTICE_S)


def _question(line: Line, language: str, text: str, action: str, patience: int) -> str:
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=patience, finish_on_key="",
        action_on_empty_result=True, action=action, method="POST",
    )  # fmt: skip
    _say(gather, line, language, text)
    response.append(gather)
    return str(response)


def say_and_hang_up(line: Line, language: str, text: str) -> str:
    """Last words."""
    response = VoiceResponse()
    _say(response, line, language, text)
    response.hangup()
    return str(response)


def hold(line: Line, language: str, prompt: str) -> str:
    """A round of the waiting loop that only says `prompt`."""
    response = VoiceResponse()
    _say(response, line, language, words.say(language, prompt))
    response.pause(length=HOLD_S)
    return str(response)


def dial(number: str) -> str:
    """The document that connects to the number, and says nothing."""
    response = VoiceResponse()
    response.dial(number)
    return str(response)


def leave() -> str:
    """The document that takes a waiting caller out of the queue."""
    response = VoiceResponse()
    response.leave()
    return str(response)


def hang_up() -> str:
    """The document for a call that is over."""
    response = VoiceResponse()
    response.hangup()
    return str(response)
