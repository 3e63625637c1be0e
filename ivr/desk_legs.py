"""What consultants' telephones hear, and the telephones of clients whom the desk calls back.

Consultants are told topic and language in Polish; clients hear their own language. Every document
is made from the current rows, so a repeated request gets the same document.
"""

from datetime import datetime

from sqlalchemy.orm import Session

import words
from callcenter.actions import Case
from callcenter.calls import call_log
from callcenter.calls.call_log import StatusEvent
from callcenter.queue import caller_leg, dropped_calls, legs
from callcenter.recordings import consent
from callcenter.tickets import caller_actions, relations
from ivr import twiml
from ivr.line import Line
from ivr.twiml.verbs import Room
from models import Agent, Call, CallStatus, Consent, Conversation, Device, Ended, Leg, Purpose

_HOW = {
    CallStatus.BUSY: Ended.DECLINED,
    CallStatus.NO_ANSWER: Ended.UNANSWERED,
    CallStatus.FAILED: Ended.FAILED,
    CallStatus.CANCELED: Ended.WITHDRAWN,
    CallStatus.COMPLETED: Ended.DECLINED,
}


def answered(session: Session, line: Line, leg_id: int, sid: str, now: datetime) -> str:
    """The document for a consultant's telephone that was answered.

    Answering in a browser accepts the call. At a telephone a key must accept it, because a voice
    mailbox may have answered.
    """
    leg = legs.locked(session, leg_id)
    if leg is None or leg.ended_at:
        return twiml.hang_up()
    if leg.agent_id and session.get_one(Agent, leg.agent_id).device is not Device.BROWSER:
        leg.answered_at = leg.answered_at or now
        leg.call_sid = leg.call_sid or sid
        session.flush()
        return twiml.whisper(line, _words_for(leg), f"{line.prefix}/voice/desk/{leg.id}/choice")
    return _joined(session, line, leg, sid, now)


def _words_for(leg: Leg) -> str:
    ticket = leg.conversation.ticket
    topic = f"{words.topic('pl', ticket.topic)}." if ticket.topic else ""
    return words.say(
        "pl",
        "desk-whisper",
        has_topic=bool(topic),
        topic=topic,
        caller_speaks=ticket.language,
    )


def choice(session: Session, line: Line, leg_id: int, sid: str, digits: str, now: datetime) -> str:
    """Key 1 accepts the call; any other key, or silence, declines it."""
    leg = legs.locked(session, leg_id)
    if leg is None:
        return twiml.hang_up()
    if digits == "1" or leg.joined_at:
        return _joined(session, line, leg, sid, now)
    legs.missed(session, leg, Ended.DECLINED, now)
    return twiml.hang_up()


def _joined(session: Session, line: Line, leg: Leg, sid: str, now: datetime) -> str:
    if not legs.accepted(session, leg, sid, now):
        return twiml.hang_up()
    room = Room(
        leg.conversation.room,
        action=f"{line.prefix}/voice/desk/{leg.id}/over",
        label=f"leg-{leg.id}",
        muted=leg.purpose is Purpose.LISTEN,
        coach=_coached(leg) if leg.purpose is Purpose.WHISPER else "",
    )
    return twiml.conference(room)


def _coached(leg: Leg) -> str:
    """The CallSid of the consultant to whom a supervisor whispers."""
    return next((one.call_sid or "" for one in legs.in_it(leg.conversation) if one.agent_id), "")


def over(session: Session, leg_id: int, call_is_over: bool, now: datetime) -> str:
    """Note that the leg left the conference, or that its call ended."""
    if leg := legs.locked(session, leg_id):
        joined = Ended.FAILED if call_is_over else Ended.LEFT
        legs.over(session, leg, Ended.LEFT, now, joined=joined)
    return twiml.hang_up()


def status(session: Session, leg_id: int, sid: str, said: CallStatus, now: datetime) -> None:
    """Apply a final status of the leg's call: it says how a leg ended that we did not end."""
    leg = legs.locked(session, leg_id)
    if leg is None or not said.is_final or leg.call_sid not in (None, sid):
        return
    leg.call_sid = sid
    legs.over(session, leg, _HOW[said], now, joined=Ended.FAILED)


def client_greeting(session: Session, line: Line, talk_id: int, sid: str, now: datetime) -> str:
    """Greet a client who answered our callback, and lead the client into the conversation."""
    conversation = legs.lock(session, talk_id)
    call = caller_leg.client_call(session, conversation, sid, now)
    if conversation.ended_at or call is None or call.status.is_final:
        return twiml.hang_up()
    caller_leg.client_came(session, conversation, call, now)
    greeting = words.say(call.language, "desk-client-greeting")
    if not consent.must_ask(call) and call.recording is not Consent.ASKED:
        return _client_joins(line, conversation, call, greeting)
    consent.ask(call)
    notice = words.say(call.language, "talk-recording-notice")
    answer = f"{_client(line, conversation.id, 'consent')}?room={conversation.room}"
    return twiml.notice(line, call.language, f"{greeting} {notice}", answer)


def client_consents(session: Session, line: Line, talk_id: int, digits: str, now: datetime) -> str:
    """Note the client's answer about recording, and lead the client into the conversation."""
    conversation = legs.lock(session, talk_id)
    call = conversation.call
    if conversation.ended_at or call is None or call.status.is_final:
        return twiml.hang_up()
    consent.answered(call, digits)
    legs.record(session, conversation, now)
    session.flush()
    refused = call.recording is Consent.REFUSED
    told = words.say(call.language, "talk-not-recorded") if refused else ""
    return _client_joins(line, conversation, call, told)


def _client_joins(line: Line, conversation: Conversation, call: Call, text: str) -> str:
    room = Room(conversation.room, action=_client(line, conversation.id, "after"), ends=True)
    return twiml.conference(room, line, call.language, text)


def client_joins_unlogged(line: Line, talk_id: int, room: str) -> str:
    """Lead the client into the conversation, unrecorded, while the database is away.

    The client was promised a consultant, so the call goes on without its rows.
    """
    return twiml.conference(Room(room, action=_client(line, talk_id, "after"), ends=True))


def _client(line: Line, talk_id: int, what: str) -> str:
    return f"{line.prefix}/voice/desk/client/{talk_id}/{what}"


def client_after(session: Session, line: Line, talk_id: int, now: datetime) -> str:
    """The document after the conversation: a goodbye, and the number of a ticket that stays open.

    If the carrier dropped the conversation, the client hears that we will call again.
    """
    conversation = session.get_one(Conversation, talk_id)
    if conversation.call is None:
        return twiml.hang_up()
    language, matter = conversation.call.language, relations.head_of(conversation.ticket)
    if dropped_calls.call_again(session, conversation, now):
        return twiml.say_and_hang_up(line, language, words.say(language, "desk-client-lost"))
    if relations.is_settled(matter):
        return twiml.say_and_hang_up(line, language, words.say(language, "goodbye-solved"))
    kept = caller_actions.keep_open(session, Case(conversation.call, matter, {}, now))
    told = words.say(language, "kept-number", **kept.says)
    return twiml.say_and_hang_up(line, language, f"{told} {words.say(language, 'goodbye-kept')}")


def client_status(
    session: Session, talk_id: int, sid: str, event: StatusEvent, now: datetime
) -> None:
    """Apply the carrier's status to the client's call."""
    call = caller_leg.client_call(session, legs.lock(session, talk_id), sid, now)
    if call is not None:
        call_log.apply_status(session, call, event)
