"""Views to change several tickets at once, each in its own transaction.

A conflict stops only the ticket concerned. A form that is posted twice counts as one decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.console.forms.forms import DecisionForm
from callcenter.console.layout import labels
from callcenter.console.people.people import pages_for
from callcenter.console.tickets import deciding
from callcenter.console.tickets.deciding import UnfitError
from callcenter.tickets import handling, paging, search, ticket_numbers
from callcenter.tickets.decisions import (
    Conflict,
    Decider,
    DecisionKind,
    Meanwhile,
    NotPossibleError,
    is_done_already,
)
from models import Role, Ticket
from models.session import transaction

MOST = paging.PAGE

pages = pages_for(Role.AGENT, "many")
pages.url_prefix = "/tickets"


class What(StrEnum):
    """What is done to all chosen tickets."""

    ASSIGN = "assign"
    TOPIC = "topic"
    RESOLVE = "resolve"
    DUE = "due"


@dataclass(frozen=True)
class Left:
    """A ticket that was not changed: why, or what others changed `meanwhile`."""

    number: str
    why: str = ""
    meanwhile: Sequence[Meanwhile] = ()


@pages.post("/many")
def decide() -> ResponseReturnValue:
    """Change the chosen tickets; each is posted as `number.version`, as the list showed it.

    422 if the form is wrong; 409 with a page if some of the tickets could not be changed.
    """
    what = request.form.get("what", "")
    chosen = request.form.getlist("ticket")[:MOST]
    form = DecisionForm()
    if what not in set(What):
        abort(422)
    if not _is_fit(form, What(what), chosen):
        return _again(form, chosen), 422
    left = [each for each in (_one(form, What(what), ticket) for ticket in chosen) if each]
    done = len(chosen) - len(left)
    told = ngettext("%(num)d ticket changed.", "%(num)d tickets changed.", done)
    if left:
        page = render_template("tickets/bulk.html", told=told, left=left, back=_back())
        return page, 409
    flash(told)
    return redirect(_back(), 303)


def _back() -> str:
    """The address of the ticket list with its filters."""
    names = ("status", "topic", "kind", "language", "day", "due", "person", "sort", "caller_of")
    here: dict[str, Any] = {
        name: request.args[name] for name in (*names, "words") if request.args.get(name)
    }
    return url_for("tickets.index", **here)


def _is_fit(form: DecisionForm, what: What, chosen: Sequence[str]) -> bool:
    """Whether the form is valid and a ticket is chosen; faults are put at their fields."""
    with transaction() as session:
        form.offer(deciding.people(session))
        if not (chosen and form.validate()):
            return False
        try:
            _action(session, form, what)
        except UnfitError as fault:
            form[fault.field].errors = [str(fault)]
            return False
    return True


def _again(form: DecisionForm, chosen: Sequence[str]) -> str:
    """The form again, with all that was ticked and typed."""
    return render_template(
        "tickets/bulk.html",
        form=form,
        chosen=[each for each in chosen if ticket_numbers.is_number(each.partition(".")[0])],
        nothing_ticked=not chosen,
        left=[],
        back=_back(),
    )


def _one(form: DecisionForm, what: What, chosen: str) -> Left | None:
    number, _dot, version = chosen.partition(".")
    fits = version.isascii() and version.isdigit() and len(version) < 10
    with transaction() as session:
        ticket = search.ticket_by_number(session, number)
        if ticket is None or not fits:
            return Left("", _("There is no ticket with this number."))
        by = Decider(current_user.id, datetime.now(UTC), int(version))
        did, action = _action(session, form, what)
        try:
            action(ticket, by)
        except Conflict as conflict:
            if any(is_done_already(session, ticket, each, by) for each in did):
                return None
            return Left(ticket.number, meanwhile=conflict.meanwhile)
        except NotPossibleError as fault:
            return Left(ticket.number, str(labels.REASONS[fault.reason]))
    return None


Action = Callable[[Ticket, Decider], None]


def _action(
    session: Session, form: DecisionForm, what: What
) -> tuple[Sequence[DecisionKind], Action]:
    """The kinds of decision that `what` makes, and the function that changes a ticket.

    Raises UnfitError if the form lacks what the function needs.
    """
    if what is What.ASSIGN:
        to = deciding.person(session, form)
        return (DecisionKind.ASSIGNED,), lambda ticket, by: handling.assign(session, ticket, by, to)
    if what is What.DUE:
        due = deciding.due_at(form)
        if due is None:
            raise UnfitError("due_on", _("Choose the day."))
        return (DecisionKind.DUE_SET,), lambda ticket, by: handling.set_due(
            session, ticket, by, due
        )
    topic, code = deciding.topic(form), form.resolution.data or ""
    if what is What.TOPIC:
        return (DecisionKind.TOPIC_SET,), lambda ticket, by: handling.set_topic(
            session, ticket, by, topic
        )
    if not code:
        raise UnfitError("resolution", _("Choose a resolution."))
    return (DecisionKind.RESOLVED, DecisionKind.ANSWERED), lambda ticket, by: handling.resolve(
        session, ticket, by, topic, code
    )
