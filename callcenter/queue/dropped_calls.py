"""Conversations that the carrier dropped: the consultant is gone, and the caller is still there.

In a browser people hang up with the desk's button. If their call ends otherwise, it was dropped:
the page was closed or the network failed. At a desk telephone hanging up ends the conversation, so
it counts as dropped only if it was too short for words.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.queue import legs, presence
from callcenter.tickets import notes, relations
from callcenter.tickets.decisions import decided_since
from models import Agent, Away, Callback, Conversation, Device, Ended, Leg, Status

NO_TIME_FOR_WORDS = timedelta(seconds=8)
# By then the client has heard that we will call again, and has hung up.
CALL_AGAIN_AFTER = timedelta(seconds=15)


def requeue(session: Session, conversation: Conversation, now: datetime) -> bool:
    """Handle a dropped conversation with a waiting caller; return whether it was dropped.

    If so, its consultant is set away without wrap-up. The script puts the caller back.

    The call must be locked.
    """
    lost = _lost_by(session, legs.lock(session, conversation.id))
    if lost:
        presence.lost_call(session, lost.id, conversation.ticket_id, _away(lost), now)
    return lost is not None


def call_again(session: Session, conversation: Conversation, now: datetime) -> bool:
    """Handle a dropped conversation of a callback: the callback becomes due again.

    Return whether the conversation was dropped and its ticket (or the one it was merged into) is
    open. A callback that is already due again is not changed.
    """
    conversation, matter = (
        legs.lock(session, conversation.id),
        relations.head_of(conversation.ticket),
    )
    lost = _lost_by(session, conversation)
    if lost is None or conversation.ended_at is None or matter.status is not Status.OPEN:
        return False
    callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
    if callback.done_at and callback.done_at <= conversation.ended_at:
        callback.done_at = None
        callback.attempts = max(0, callback.attempts - 1)
        callback.next_try_at = now + CALL_AGAIN_AFTER
        presence.lost_call(session, lost.id, conversation.ticket_id, _away(lost), now)
        notes.add_note(session, matter, None, "", now, {"call_back": "lost"})
        signal_dispatch(session)
    return True


def _lost_by(session: Session, conversation: Conversation) -> Agent | None:
    """The person whose leg was dropped; None if the conversation ended in another way.

    It was not dropped if the person had already made a final decision about the ticket.
    """
    last = _last_in_it(conversation)
    if last is None or last.how is not Ended.FAILED:
        return None
    for ticket in {conversation.ticket, relations.head_of(conversation.ticket)}:
        if decided_since(session, ticket.id, last.agent_id, last.joined_at):
            return None
    agent = session.get_one(Agent, last.agent_id)
    return agent if agent.device is Device.BROWSER or _was_short(last) else None


def _last_in_it(conversation: Conversation) -> Leg | None:
    """The joined leg of a person of the desk, not a listener, that ended last.

    None while the conversation lasts.
    """
    over_at = conversation.ended_at
    if over_at is None:
        return None
    were_in = [leg for leg in conversation.legs if leg.joined_at and leg.agent_id]
    talked = [leg for leg in were_in if leg.purpose not in legs.LISTENING]
    return max(talked, key=lambda leg: leg.ended_at or over_at, default=None)


def _was_short(leg: Leg) -> bool:
    if leg.ended_at is None or leg.joined_at is None:
        return False
    return leg.ended_at - leg.joined_at < NO_TIME_FOR_WORDS


def _away(lost: Agent) -> Away:
    return Away.GONE if lost.device is Device.BROWSER else Away.DECLINED
