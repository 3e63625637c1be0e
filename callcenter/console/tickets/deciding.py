"""Fills and performs the decision form of the ticket page.

If somebody changed the ticket meanwhile, the form is shown again with all that was typed, and names
the change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import end_of_day
from callcenter.console.forms.forms import DecisionForm
from callcenter.console.layout import labels
from callcenter.privacy.visible_text import visible
from callcenter.queue import current_handlers, merging
from callcenter.tickets import handling, note_drafts, notes, relations, search
from callcenter.tickets.decisions import Conflict, Decider, Meanwhile, NotPossibleError
from models import Agent, Ticket, Topic


class What(StrEnum):
    """The buttons of the form."""

    NOTE = "note"
    RESOLVE = "resolve"
    LEAVE_OPEN = "keep_open"
    REOPEN = "reopen"
    ASSIGN = "assign"
    RELATE = "relate"
    MERGE = "merge"


@dataclass(frozen=True)
class Refused:
    """Nothing was decided: the HTTP `status` to answer, and what others changed `meanwhile`.

    The faults of fields are in the form.
    """

    status: int
    meanwhile: Sequence[Meanwhile] = ()


def people(session: Session) -> list[tuple[int, str]]:
    """The (id, name) of each person to whom a ticket can be assigned, by name."""
    active = select(Agent.id, Agent.name).where(Agent.active).order_by(Agent.name)
    return [(id_, name) for id_, name in session.execute(active)]


# The desk's form has other names for these fields; drafts keep the desk's names.
NAMED = {"to": "assigned_to", "due": "due_on"}


def blank(session: Session, ticket: Ticket, agent_id: int) -> DecisionForm:
    """The form when the page opens: the values of this person's draft, else those of the ticket.

    The due date of a draft is not taken over.
    """
    draft = note_drafts.draft_of(session, ticket.id, agent_id)
    now = {
        "topic": ticket.topic.value if ticket.topic else "",
        "resolution": ticket.resolution or "",
        "assigned_to": str(ticket.assigned_to_id or ""),
    }
    kept = {NAMED.get(name, name): typed for name, typed in draft.form.items()} if draft else {}
    kept = {name: typed for name, typed in kept.items() if typed and name != "due_on"}
    form = DecisionForm(formdata=None, data=now | kept)
    form.version.data = str(draft.version if draft else ticket.version)
    form.offer(people(session))
    return form


def decide(
    session: Session, ticket: Ticket, form: DecisionForm, what: What, agent_id: int, now: datetime
) -> Refused | None:
    """Make the decision `what`; return None, or why it was refused (faults are in the form)."""
    form.offer(people(session))
    if not form.validate():
        return Refused(422)
    by = Decider(agent_id, now, _version(form), form.text.data or "")
    names = ", ".join(current_handlers.of_others(session, ticket, agent_id))
    if names and what is not What.NOTE and form.over.data != names:
        form[_field_of(what)].errors = [str(labels.IN_HAND) % {"who": names}]
        return Refused(409)
    if form.ticket.data and form.ticket.data != ticket.number:
        form.text.errors = [_("This form is of another ticket: nothing was decided.")]
        return Refused(409)
    try:
        ACTIONS[what](session, ticket, form, by)
    except Conflict as conflict:
        form.version.data = str(conflict.version)
        return Refused(409, conflict.meanwhile)
    except NotPossibleError as fault:
        form[_field_of(what)].errors = [labels.REASONS[fault.reason]]
        return Refused(422)
    except UnfitError as fault:
        form[fault.field].errors = [fault.sentence]
        return Refused(422)
    note_drafts.drop_draft(session, ticket.id, agent_id)
    return None


class UnfitError(ValueError):
    """The value of the form's `field` is refused; `sentence` says why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


def _field_of(what: What) -> str:
    if what in (What.RELATE, What.MERGE):
        return "other"
    return "resolution" if what in (What.RESOLVE, What.LEAVE_OPEN) else "text"


def _note(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    if not visible(by.note):
        raise UnfitError("text", _("Type the note first."))
    notes.add_note(session, ticket, by.agent_id, by.note, by.at)


def _resolve(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    wanted = form.text_wanted.data
    handling.resolve(session, ticket, by, topic(form), form.resolution.data, text_wanted=wanted)


def _leave_open(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    handling.leave_open(
        session,
        ticket,
        by,
        topic(form),
        form.resolution.data,
        due_at=due_at(form),
        assigned_to_id=person(session, form),
    )


def _reopen(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    handling.reopen(session, ticket, by, due_at=due_at(form))


def _assign(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    handling.assign(session, ticket, by, person(session, form))


def _relate(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    to = _other(session, form) if form.other.data else None
    relations.relate(session, ticket, by, to)


def _merge(session: Session, ticket: Ticket, form: DecisionForm, by: Decider) -> None:
    merging.merge(session, ticket, by, _other(session, form))


ACTIONS: dict[What, Callable[[Session, Ticket, DecisionForm, Decider], None]] = {
    What.NOTE: _note,
    What.RESOLVE: _resolve,
    What.LEAVE_OPEN: _leave_open,
    What.REOPEN: _reopen,
    What.ASSIGN: _assign,
    What.RELATE: _relate,
    What.MERGE: _merge,
}


def topic(form: DecisionForm) -> Topic:
    try:
        return Topic(form.topic.data)
    except ValueError:
        raise UnfitError("topic", _("Choose a topic.")) from None


def _version(form: DecisionForm) -> int:
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def due_at(form: DecisionForm) -> datetime | None:
    return end_of_day(form.due_on.data) if form.due_on.data else None


def person(session: Session, form: DecisionForm) -> int | None:
    if not form.assigned_to.data:
        return None
    known = {str(id_): id_ for id_, _name in people(session)}
    if form.assigned_to.data not in known:
        raise UnfitError("assigned_to", _("Choose somebody of the desk."))
    return known[form.assigned_to.data]


def _other(session: Session, form: DecisionForm) -> Ticket:
    other = search.ticket_by_number(session, form.other.data or "")
    if other is None:
        raise UnfitError("other", _("There is no ticket with this number."))
    return other
