"""Views of the desk's form: topic, resolution and note; saved as a draft, then decided.

Live updates never replace the form. The page saves a draft at least every two seconds while a
person types (`/draft`). The draft fills the form after a reload, or in another browser.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import end_of_day
from callcenter.console.desk import decision_fields, desk_live
from callcenter.console.desk.desk_form import filled_in, is_decided
from callcenter.console.forms import forms_once
from callcenter.console.layout import shown
from callcenter.console.layout.labels import IN_HAND
from callcenter.console.people.people import pages_for
from callcenter.privacy.visible_text import normal_newlines, visible
from callcenter.queue import current_handlers, presence, voicemail
from callcenter.tickets import handling, note_drafts, notes, relations, search
from callcenter.tickets.decisions import Conflict, Decider, NotPossibleError
from callcenter.tickets.note_drafts import Draft
from models import Role, State, Ticket, Topic
from models.session import transaction

pages = pages_for(Role.AGENT, "desk_work")
pages.url_prefix = "/desk/work"
# With these statuses the page replaces only the faults, and keeps what was typed.
CONFLICT, WRONG = 409, 422


@pages.get("/<number>")
def show(number: str) -> ResponseReturnValue:
    """Only the form, for a page on which a call has just begun."""
    with transaction() as session:
        form = filled_in(session, _ticket(session, number), datetime.now(UTC))
        return render_template("desk/parts/work.html", form=form)


@pages.before_request
def one_ticket() -> ResponseReturnValue | None:
    """Refuse a form whose ticket is not the one of the call or the address; keep it as a draft."""
    number, shown_ = (request.view_args or {}).get("number"), request.form.get("ticket")
    if request.method != "POST" or shown_ is None:
        return None
    now = datetime.now(UTC)
    with transaction() as session:
        conversation_of = current_handlers.in_conversation(session, current_user.id)
        ticket = _ticket(session, shown_)
        other = conversation_of if conversation_of and conversation_of.id != ticket.id else None
        if shown_ != number:
            other = _ticket(session, number or "")
        is_draft = request.endpoint == "desk_work.keep"
        if other is None or other.id == ticket.merged_into_id or (is_draft and shown_ == number):
            return None
        note_drafts.save_draft(
            session, ticket, current_user.id, decision_fields.typed(), ticket.version, now
        )
        told = {"mine": shown.number(shown_), "other": shown.number(other.number)}
    sentence = _(
        "This form is of the ticket %(mine)s, and the call or the address of %(other)s: nothing"
        " was decided. What you typed is kept with the ticket %(mine)s.",
        **told,
    )
    return _refused(shown_, {"ticket": _plain(sentence)}, CONFLICT)


def _ticket(session: Session, number: str) -> Ticket:
    return search.ticket_by_number(session, number) or abort(404)


@pages.post("/<number>/draft")
def keep(number: str) -> ResponseReturnValue:
    """Save the draft. Answer 409 with the other text if another tab saved one meanwhile."""
    now = datetime.now(UTC)
    with transaction() as session:
        ticket = _ticket(session, number)
        kept = note_drafts.draft_of(session, ticket.id, current_user.id)
        if kept and _another_tab(kept):
            beside = {**kept.form, "beside": decision_fields.typed()["text"]}
            note_drafts.save_draft(
                session, ticket, current_user.id, beside, kept.version, kept.saved_at
            )
            clock = shown.moment(kept.saved_at, "clock")
            sentence = _("Another tab of yours changed this note at %(clock)s.", clock=clock)
            told = {"text": kept.form.get("text", ""), "saved": _stamp(kept.saved_at)}
            told["clock"] = _plain(shown.moment(now, "clock"))
            return jsonify(told | {"sentence": _plain(sentence)}), 409
        version = request.form.get("version", ticket.version, int)
        typed = decision_fields.typed() | _undecided(kept)
        note_drafts.save_draft(session, ticket, current_user.id, typed, version, now)
    return jsonify(saved=_stamp(now), clock=_plain(shown.moment(now, "clock")))


def _undecided(kept: Draft | None) -> dict[str, str]:
    """The different text of another tab, until the person has chosen one of the two."""
    beside = kept.form.get("beside", "") if kept else ""
    return {"beside": beside} if beside and not request.form.get("taken") else {}


def _another_tab(kept: Draft) -> bool:
    """Whether another tab has saved a different text since this tab saved last."""
    mine = request.form.get("saved", "")
    return (
        mine != _stamp(kept.saved_at)
        and kept.form.get("text", "") != decision_fields.typed()["text"]
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _plain(text: Any) -> str:
    return Markup(text).striptags()  # noqa: S704 - only to remove its markup


@pages.post("/<number>/topic")
def pick_topic(number: str) -> ResponseReturnValue:
    """Offer the resolutions of another topic to a browser without scripts; what is typed stays."""
    now = datetime.now(UTC)
    with transaction() as session:
        ticket = _ticket(session, number)
        version = request.form.get("version", ticket.version, int)
        note_drafts.save_draft(
            session, ticket, current_user.id, decision_fields.typed(), version, now
        )
    back = url_for("desk.overview", ticket=number, _anchor="work-resolution")
    return redirect(back, 303)


@pages.post("/<number>/resolve")
def resolve(number: str) -> ResponseReturnValue:
    return _decided(number, handling.resolve)


@pages.post("/<number>/leave-open")
def leave_open(number: str) -> ResponseReturnValue:
    return _decided(number, _leave_open, with_day=True)


def _leave_open(
    session: Session, ticket: Ticket, by: Decider, topic: Topic, resolution: str
) -> None:
    due_at = end_of_day(date.fromisoformat(request.form["due"]))
    to = decision_fields.person(session, request.form.get("to", ""))
    handling.leave_open(session, ticket, by, topic, resolution, due_at=due_at, assigned_to_id=to)


@pages.post("/<number>/nobody-reached")
def nobody_reached(number: str) -> ResponseReturnValue:
    """Record that a callback reached nobody, and plan the next attempt if any is left.

    Topic and resolution need not be chosen, because nothing was finished.
    """
    now = datetime.now(UTC)
    typed = decision_fields.typed()["text"]
    if decision_fields.is_too_long():
        return _refused(number, {"text": _("A note has at most 10,000 characters.")})
    try:
        with transaction() as session:
            ticket = _ticket(session, number)
            if not forms_once.is_first(session):
                return _saved(number)
            callback = voicemail.nobody_reached(session, ticket, current_user.id, typed, now)
            note_drafts.drop_draft(session, ticket.id, current_user.id)
    except NotPossibleError as why:
        return _refused(number, {"ticket": decision_fields.sentence(why)})
    if callback.next_try_at is None:
        return _answer(
            number,
            _("Nobody was reached, %(n)s times: call when you see fit.", n=callback.attempts),
        )
    clock = _plain(shown.moment(callback.next_try_at, "clock"))
    return _answer(number, _("Nobody was reached: called again at %(clock)s.", clock=clock))


@pages.post("/<number>/note")
def add_note(number: str) -> ResponseReturnValue:
    """Add a note without a decision. If the ticket is already decided, this ends the wrap-up.

    In that wrap-up the note may be empty, because there may be nothing to add.
    """
    now, text = datetime.now(UTC), visible(decision_fields.typed()["text"])
    if decision_fields.is_too_long():
        return _refused(number, {"text": _("A note has at most 10,000 characters.")})
    with transaction() as session:
        ticket = _ticket(session, number)
        if text and not forms_once.is_first(session):
            return _answer(number, _("The note is on the ticket."), stays=True)
        if text:
            notes.add_note(session, ticket, current_user.id, text, now)
        elif not (is_decided(ticket) and _wraps_up(session, ticket)):
            return _refused(number, {"text": _("Type the note first.")})
        rest = decision_fields.typed() | {"text": ""}
        version = request.form.get("version", ticket.version, int)
        note_drafts.save_draft(session, ticket, current_user.id, rest, version, now)
        is_done = is_decided(ticket) and _finish(session, ticket, now)
        if is_done:
            note_drafts.drop_draft(session, ticket.id, current_user.id)
    return _answer(number, _("The note is on the ticket."), stays=not is_done)


@pages.post("/<number>/relate/<other>")
def relate(number: str, other: str) -> ResponseReturnValue:
    """Relate the ticket to an existing one that the call is about."""
    now = datetime.now(UTC)
    with transaction() as session:
        ticket, to = _ticket(session, number), _ticket(session, other)
        try:
            relations.relate(session, ticket, Decider(current_user.id, now), to)
        except (NotPossibleError, Conflict) as why:
            return _answer(number, decision_fields.sentence(why), stays=True)
    about = shown.number(other)
    return _answer(number, _("Tied to the ticket %(number)s.", number=about), stays=True)


Decide = Callable[[Session, Ticket, Decider, Topic, str], None]


def _decided(number: str, decide: Decide, *, with_day: bool = False) -> ResponseReturnValue:
    """Record the decision on the ticket and end the wrap-up."""
    now, stays = datetime.now(UTC), False
    faults = decision_fields.faults(now, with_day=with_day) or _unseen(number)
    if not faults:
        form = request.form
        by = Decider(
            current_user.id, now, form.get("version", type=int), normal_newlines(form.get("text"))
        )
        try:
            with transaction() as session:
                ticket = _ticket(session, number)
                if not forms_once.is_first(session):
                    return _saved(number)
                decide(session, ticket, by, Topic(form["topic"]), form["resolution"])
                note_drafts.drop_draft(session, ticket.id, current_user.id)
                _finish(session, ticket, now)
                conversation_of = current_handlers.in_conversation(session, current_user.id)
                stays = conversation_of is not None and conversation_of.id == ticket.id
        except Conflict as conflict:
            faults = {"version": decision_fields.sentence(conflict)}
        except NotPossibleError as why:
            faults = {"ticket": decision_fields.sentence(why)}
    if faults:
        return _refused(number, faults)
    return _saved(number, stays)


def _saved(number: str, stays: bool = False) -> ResponseReturnValue:
    told = _("Saved: ticket %(number)s.", number=shown.number(number))
    return _answer(number, told, stays=stays, again=number if stays else "")


def _unseen(number: str) -> dict[str, str]:
    """A fault that names other handlers of the ticket, unless the page has already shown it."""
    with transaction() as session:
        names = ", ".join(
            current_handlers.of_others(session, _ticket(session, number), current_user.id)
        )
    if not names or request.form.get("over") == names:
        return {}
    return {"ticket": str(IN_HAND) % {"who": names}}


def _finish(session: Session, ticket: Ticket, now: datetime) -> bool:
    """End this person's wrap-up of the ticket. Returns whether there was one."""
    if is_mine := _wraps_up(session, ticket):
        presence.finished(session, current_user.id, now)
    return is_mine


def _wraps_up(session: Session, ticket: Ticket) -> bool:
    mine = presence.of(session, current_user.id)
    return (mine.state, mine.ticket_id) == (State.WRAPPING_UP, ticket.id)


def _refused(number: str, faults: Mapping[str, str], status: int = WRONG) -> ResponseReturnValue:
    """Answer with the faults only; the form on the page keeps what was typed in it."""
    now = datetime.now(UTC)
    with transaction() as session:
        ticket = _ticket(session, number)
        form = filled_in(session, ticket, now, decision_fields.typed(), faults)
        if "HX-Request" in request.headers:
            return render_template("desk/parts/faults.html", form=form, oob=True), status
        return render_template("desk/desk_form.html", form=form), status


def _answer(number: str, told: str, *, stays: bool = False, again: str = "") -> ResponseReturnValue:
    """Answer with the live parts and `told`; the form `stays`, is rendered `again`, or goes."""
    if stays and "HX-Request" not in request.headers:
        flash(told)
        return redirect(url_for("desk.overview", ticket=number), 303)
    return desk_live.answer(told, saved="" if stays else number, renewed=stays, again=again)
