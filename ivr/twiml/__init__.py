"""Our documents in the carrier's XML. Only this package imports twilio.twiml.

ivr.twiml.building builds the documents of nodes; this module builds those that belong to no node.
Every wait is a Gather with actionOnEmptyResult, so silence is posted as an answer too. Source:
https://www.twilio.com/docs/voice/twiml
"""

from collections.abc import Iterable
from dataclasses import replace

from twilio.twiml.voice_response import VoiceResponse

import words
from ivr.languages import FIRST_LANGUAGE
from ivr.line import Line, address
from ivr.speech import Speech
from ivr.transitions import Position
from ivr.twiml.verbs import HOLD_S, Room, confer, keys_asked, say, speak

WHISPER_S = 7
NOTICE_S = 4
# How long the fallback number rings, in seconds.
FALLBACK_RINGS_S = 25


def dial_fallback(line: Line, at: Position, speech: Speech) -> str:
    """The document that connects the caller to the fallback number instead of a queue."""
    response = VoiceResponse()
    speak(response, line, at.language, speech, speech.prompts)
    response.dial(
        line.fallback_number, action=address(line, at), method="POST", timeout=FALLBACK_RINGS_S
    )
    return str(response)


def static(line: Line, speech: Speech, languages: Iterable[str]) -> str:
    """A document that needs no server of ours: words, then the fallback number or a goodbye."""
    response = VoiceResponse()
    silent = {uid: replace(notice, sounds={}) for uid, notice in speech.notices.items()}
    speak(response, line, FIRST_LANGUAGE, replace(speech, notices=silent), speech.prompts)
    if line.fallback_number:
        response.dial(line.fallback_number, timeout=FALLBACK_RINGS_S)
    else:
        for language in languages:
            say(response, line, language, words.say(language, "goodbye"))
    response.hangup()
    return str(response)


def conference(room: Room, line: Line | None = None, language: str = "", text: str = "") -> str:
    """The document that leads into a conference, after saying `text`."""
    response = VoiceResponse()
    if line and text:
        say(response, line, language, text)
    confer(response, room)
    return str(response)


def whisper(line: Line, text: str, action: str) -> str:
    """The document for a consultant's telephone: a key accepts or declines the call."""
    return _question(line, FIRST_LANGUAGE, text, action, WHISPER_S)


def notice(line: Line, language: str, text: str, action: str) -> str:
    """What a client hears before a conversation: a key agrees to it, silence goes on without."""
    return _question(line, language, text, action, NOTICE_S)


def _question(line: Line, language: str, text: str, action: str, patience_s: int) -> str:
    response = VoiceResponse()
    gather = keys_asked(action, patience_s)
    say(gather, line, language, text)
    response.append(gather)
    return str(response)


def say_and_hang_up(line: Line, language: str, text: str) -> str:
    """Say `text` and hang up."""
    response = VoiceResponse()
    say(response, line, language, text)
    response.hangup()
    return str(response)


def hold(line: Line, language: str, prompt: str) -> str:
    """A waiting round that only says `prompt`."""
    response = VoiceResponse()
    say(response, line, language, words.say(language, prompt))
    response.pause(length=HOLD_S)
    return str(response)


def dial(number: str) -> str:
    """The document that connects to `number` without saying anything."""
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
