"""Views of one ticket: its page, decisions, notes and recordings."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from callcenter.callers import caller_cards
from callcenter.console.forms import forms_once
from callcenter.console.forms.forms import DecisionForm
from callcenter.console.tickets import deciding
from callcenter.console.tickets.deciding import What
from callcenter.console.tickets.ticket_list import pages
from callcenter.console.tickets.transcript import transcript
from callcenter.outbound.dial_policy import may_text
from callcenter.queue import current_handlers
from callcenter.recordings import conversation_recordings, store
from callcenter.tickets import note_drafts, notes, prepared_pesel, search
from callcenter.tickets.decisions import Meanwhile
from callcenter.tickets.search import Wanted
from models import (
    Agent,
    Callback,
    Conversation,
    Recording,
    TextMessage,
    Ticket,
    TicketNote,
    Waiting,
)
from models.session import transaction

OTHERS = 6


@pages.get("/<number>")
def show(number: str) -> ResponseReturnValue:
    with transaction() as session:
        ticket = _ticket(session, number)
        if number != ticket.number:  # pasted as people write it
            return redirect(url_for(".show", number=ticket.number), 303)
        return _page(session, ticket, deciding.blank(session, ticket, current_user.id))


@pages.post("/<number>/notes")
def add_note(number: str) -> ResponseReturnValue:
    return _decide(number, What.NOTE)


@pages.post("/<number>")
def decide(number: str) -> ResponseReturnValue:
    """The form of the page has one button for each decision; `what` is the pressed one."""
    chosen = request.form.get("what", "")
    return _decide(number, What(chosen) if chosen in set(What) else abort(422))


def _decide(number: str, what: What) -> ResponseReturnValue:
    form = DecisionForm()
    with transaction() as session:
        ticket = _ticket(session, number)
        if not forms_once.is_first(session):
            return redirect(url_for(".show", number=ticket.number, _anchor="notes"), 303)
        refused = deciding.decide(session, ticket, form, what, current_user.id, datetime.now(UTC))
        if refused:
            forms_once.was_refused(session)
            return _page(session, ticket, form, refused.meanwhile), refused.status
        last = session.scalar(
            select(func.max(TicketNote.id)).where(TicketNote.ticket_id == ticket.id)
        )
    return redirect(url_for(".show", number=ticket.number, _anchor=f"note-{last}"), 303)


@pages.get("/<number>/recordings/<int:recording_id>.wav")
def listen(number: str, recording_id: int) -> ResponseReturnValue:
    """The sound of a recording. Everybody who may read the ticket hears messages.

    A recorded conversation is for those whom `may_hear` allows, and the listening is noted.
    """
    with transaction() as session:
        ticket = _ticket(session, number)
        recording = session.get(Recording, recording_id) or abort(404)
        if recording.talk_id:
            _may_hear(session, ticket, recording)
        elif recording.call_id != ticket.call_id:
            abort(404)
        sound = store.sound_of(recording) or abort(404)
        if recording.talk_id:
            conversation_recordings.heard(
                session, ticket, recording, current_user.id, datetime.now(UTC)
            )
    return Response(sound, mimetype="audio/wav", headers={"Cache-Control": "private, no-store"})


def _may_hear(session: Session, ticket: Ticket, recording: Recording) -> None:
    if session.get_one(Conversation, recording.talk_id).ticket_id != ticket.id:
        abort(404)
    if not conversation_recordings.may_hear(session, current_user, recording):
        abort(403)


def _ticket(session: Session, number: str) -> Ticket:
    return search.ticket_by_number(session, number) or abort(404)


def _page(
    session: Session, ticket: Ticket, form: DecisionForm, meanwhile: Sequence[Meanwhile] = ()
) -> str:
    others = current_handlers.of_others(session, ticket, current_user.id)
    return render_template(
        "tickets/ticket.html",
        draft=note_drafts.draft_of(session, ticket.id, current_user.id),
        in_hand=others,
        over=", ".join(others) if form.errors else "",
        ticket=ticket,
        form=form,
        meanwhile=meanwhile,
        card=caller_cards.card_of(session, ticket.caller),
        names={str(id_): name for id_, name in session.execute(select(Agent.id, Agent.name))},
        can_text=may_text(ticket.caller),
        may_see_pesel=prepared_pesel.may_see(session, ticket, current_user.id),
        merged=_of(session, Ticket, Ticket.merged_into_id == ticket.id),
        lines=transcript(session, ticket.call),
        notes=notes.notes_of(session, ticket),
        about=notes.notes_of(session, ticket.related_to) if ticket.related_to else [],
        others=_others(session, ticket),
        follow_ups=_of(session, Ticket, Ticket.related_to_id == ticket.id),
        callbacks=_of(session, Callback, Callback.ticket_id == ticket.id),
        messages=_of(session, TextMessage, TextMessage.ticket_id == ticket.id),
        recordings=_of(
            session,
            Recording,
            (Recording.call_id == ticket.call_id) & Recording.talk_id.is_(None),
        ),
        conversations=[
            (recording, conversation_recordings.may_hear(session, current_user, recording))
            for recording in conversation_recordings.of_ticket(session, ticket)
        ],
        waits=_of(session, Waiting, Waiting.call_id == ticket.call_id),
    )


Row = TypeVar("Row", Callback, Recording, TextMessage, Ticket, Waiting)


def _of(session: Session, table: type[Row], whose: ColumnElement[bool]) -> Sequence[Row]:
    return session.scalars(select(table).where(whose).order_by(table.id)).all()


def _others(session: Session, ticket: Ticket) -> list[Ticket]:
    """The caller's newest other tickets; none for a caller without a number."""
    if ticket.caller in ("withheld", "unusable"):
        return []
    found = search.find_tickets(session, Wanted(caller=ticket.caller), size=OTHERS + 1).items
    return [other for other in found if other.id != ticket.id][:OTHERS]
