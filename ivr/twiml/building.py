"""Builds the document of a node."""

from twilio.twiml.voice_response import Gather, VoiceResponse

import words
from ivr.languages import offered_languages
from ivr.line import Line, address, waiting_at
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
from ivr.speech import Speech
from ivr.transitions import Position
from ivr.twiml.verbs import HOLD_S, Room, confer, keys_asked, say, speak

DIGITS_S = 8
BREATH_S = 1
RECORDING_SILENCE_S = 8
EVERY_KEY = "0123456789*#"


def build(script: Script, line: Line, at: Position, speech: Speech, sid: str = "") -> str:
    """The XML of the document `at` of the call `sid`: it says `speech` and performs the node."""
    node = script.node(at.place)
    response = VoiceResponse()
    if isinstance(node, Menu | Ask | Say | Wait):
        gather = _gather(line, at, node)
        closing = node.closing.split() if isinstance(node, Menu) else []
        speak(gather, line, at.language, speech, [p for p in speech.prompts if p not in closing])
        _offer_languages(gather, line, at.language, node)
        speak(gather, line, at.language, speech, [p for p in speech.prompts if p in closing])
        if isinstance(node, Wait):
            gather.pause(length=HOLD_S)
        response.append(gather)
    else:
        speak(response, line, at.language, speech, speech.prompts)
        _act(response, script, line, at, node, sid)
    return str(response)


def _gather(line: Line, at: Position, node: Node) -> Gather:
    there, patience = address(line, at), patience_s(node)
    # In a menu # is an ordinary key; where digits are typed it ends the typing.
    if isinstance(node, Ask):
        return keys_asked(there, patience, node.digits, ended_by="#")
    return keys_asked(there, patience)


def patience_s(node: Node) -> int:
    """How long to wait for an answer to `node` after everything is said, in seconds."""
    if isinstance(node, Menu):
        return node.patience_s
    return DIGITS_S if isinstance(node, Ask) else BREATH_S


def _offer_languages(gather: Gather, line: Line, language: str, node: Node) -> None:
    if isinstance(node, Menu) and node.languages:
        for key, other in offered_languages(language):
            say(gather, line, other, words.say(other, "language-offer", key=int(key)))


def _act(
    response: VoiceResponse, script: Script, line: Line, at: Position, node: Node, sid: str
) -> None:
    match node:
        case Record():
            _record(response, line, at, node)
        case Transfer():
            _enqueue(response, script, line, at, node)
        case Talk():
            # The conference is named after the transfer's step, two before this one (legs.room_of).
            confer(response, Room(f"{sid}-{at.step - 2}", address(line, at), ends=True))
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
    # Without any sound the carrier requests no action, but silence is an answer here too.
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
