"""Tickets: the list and what narrows it, one ticket with its call, and notes written on it."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from callcenter.callers import caller_cards
from callcenter.console.calls.calls import place
from callcenter.console.forms import forms_once
from callcenter.console.forms.forms import DecisionForm, FindForm, NarrowForm
from callcenter.console.layout import labels, shown
from callcenter.console.people.people import pages_for
from callcenter.console.tickets import deciding, saved_filters, search_results
from callcenter.console.tickets.deciding import What
from callcenter.console.tickets.transcript import transcript
from callcenter.outbound.dial_policy import may_text
from callcenter.queue import current_handlers
from callcenter.recordings import conversation_recordings, store
from callcenter.tickets import export as exports
from callcenter.tickets import full_text, note_drafts, notes, prepared_pesel, search
from callcenter.tickets.decisions import Meanwhile
from callcenter.tickets.relations import head_of
from callcenter.tickets.search import Page, Wanted
from models import (
    Agent,
    Callback,
    Conversation,
    Recording,
    Role,
    TextMessage,
    Ticket,
    TicketNote,
    Waiting,
)
from models.session import transaction

OTHERS = 6
LONGEST_TYPED = 200
# A list may be long, and its reader slow.
EXPORT_S = 600.0
EXPORTS = {
    "csv": ("text/csv; charset=utf-8", exports.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", exports.as_xlsx),
}
KEPT_FILTERS = {
    "status",
    "topic",
    "kind",
    "language",
    "day",
    "due",
    "person",
    "caller_of",
    "words",
    "sort",
}

log = logging.getLogger(__name__)

pages = pages_for(Role.AGENT, "tickets")


@pages.get("")
def index() -> ResponseReturnValue:
    narrow = NarrowForm(request.args)
    narrowed = narrow.validate()
    after = place(request.args.get("after"))
    with transaction() as session:
        caller = _caller(session)
        words = _words()
        wanted = narrow.wanted(caller, words, datetime.now(UTC)) if narrowed else Wanted()
        page = search.find_tickets(session, wanted, after) if narrowed else Page[Ticket]([], None)
        typed = {"caller": shown.caller(caller or ""), "words": words or ""}
        form = FindForm(formdata=None, data=narrow.data | typed)
        return _list(session, form, page, narrow), 200 if narrowed else 422


def _caller(session: Session) -> str | None:
    """The caller whose tickets are asked for: the address names one of the tickets instead."""
    number = request.args.get("caller_of")
    if not number:
        return None
    ticket = search.ticket_by_number(session, number)
    return ticket.caller if ticket else abort(404)


def _words() -> str | None:
    """The words searched for. They may name people, so the address has them sealed."""
    given = request.args.get("words")
    if not given:
        return None
    try:
        return full_text.unsealed(given)
    except ValueError:
        abort(404)


@pages.get("/export.<kind>")
def export(kind: str) -> ResponseReturnValue:
    """The list as it is narrowed, as a file, sent while it is read."""
    narrow = NarrowForm(request.args)
    if kind not in EXPORTS or not narrow.validate():
        abort(404)
    with transaction() as session:
        wanted = narrow.wanted(_caller(session), _words(), datetime.now(UTC))
    whole = current_user.role is Role.SUPERVISOR
    filters = sorted(request.args.keys() & KEPT_FILTERS)
    log.info("tickets exported as %s by %s, narrowed by %s", kind, current_user.login, filters)
    mimetype, write = EXPORTS[kind]
    head = [str(labels.COLUMNS[name]) for name in exports.COLUMNS]
    say, title = labels.said_in_files(), _("Tickets")

    def pieces() -> Iterator[bytes]:
        with transaction(EXPORT_S) as session:
            yield from write(head, exports.rows(session, wanted, whole, say), title)

    named = {"Content-Disposition": f"attachment; filename=tickets.{kind}"}
    return Response(pieces(), mimetype=mimetype, headers=named)


def _list(
    session: Session,
    form: FindForm,
    page: Page[Ticket],
    narrow: NarrowForm,
    stranger: str = "",
) -> str:
    people = deciding.people(session)
    form.offer(people)
    many = DecisionForm(formdata=None, prefix="")
    for field in many:
        field.id = f"many-{field.name}"
    many.offer(people)
    errors = narrow.errors | form.errors
    here = narrow.address() | {
        name: request.args[name] for name in ("caller_of", "words") if request.args.get(name)
    }
    return render_template(
        "tickets/tickets.html",
        form=form,
        page=page,
        errors=errors,
        here=here,
        stranger=stranger,
        many=many,
        saved=saved_filters.of(session, current_user.id),
        order=here.get("sort") or ("due" if here.get("due") else "-opened"),
        now=datetime.now(UTC),
        after=request.args.get("after"),
        **_whose(session, here.get("caller_of")),
    )


def _whose(session: Session, number: str | None) -> dict[str, Any]:
    """The card of the caller whose page this is, and the ticket that names the caller."""
    of = search.ticket_by_number(session, number) if number else None
    return {"caller_ticket": of, "card": caller_cards.card_of(session, of.caller) if of else None}


@pages.post("/find")
def find() -> ResponseReturnValue:
    """A search, posted because a caller's number may not stand in an address."""
    typed = " ".join(request.form.get("anything", "")[:LONGEST_TYPED].split())
    if full_text.words_in(typed):
        with transaction() as session:
            return redirect(search_results.where(session, typed), 303)
    form = FindForm(_with_words(request.form))
    nothing = Page[Ticket]([], None)
    with transaction() as session:
        if not form.validate():
            return _list(session, form, nothing, form), 422
        if form.number.data:
            return _to_number(session, form)
        if not form.caller.data:
            return _to_list(form)
        caller = search.caller_written(form.caller.data) or ""
        latest = search.latest_of_caller(session, caller)
        if latest is None:
            return _list(session, form, nothing, form, stranger=caller)
    return _to_list(form, latest)


def _with_words(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """An empty search box is no wish for all tickets: it is refused as words are."""
    is_empty = "anything" in given
    return MultiDict([*given.items(multi=True), ("words", " ")]) if is_empty else given


def _to_list(form: FindForm, of_caller: Ticket | None = None) -> ResponseReturnValue:
    filters: dict[str, Any] = {**form.address()}
    if form.words.data:
        filters["words"] = full_text.sealed(form.words.data)
    if of_caller:
        filters["caller_of"] = of_caller.number
    return redirect(url_for(".index", **filters), 303)


def _to_number(session: Session, form: FindForm) -> ResponseReturnValue:
    if ticket := search.ticket_by_number(session, form.number.data):
        return redirect(url_for(".show", number=head_of(ticket).number), 303)
    form.number.errors = [_("There is no ticket with this number.")]
    return _list(session, form, Page[Ticket]([], None), form), 422


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
    """One form, a button a decision."""
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
    """What the caller said after the tone, to those who may read the ticket; a conversation to
    fewer.
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
    """The last other tickets of this caller; callers without a number have none in common."""
    if ticket.caller in ("withheld", "unusable"):
        return []
    found = search.find_tickets(session, Wanted(caller=ticket.caller), size=OTHERS + 1).items
    return [other for other in found if other.id != ticket.id][:OTHERS]
