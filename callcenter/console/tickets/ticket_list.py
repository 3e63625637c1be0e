"""Views of the ticket list: filters, search, and export as a file."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from callcenter.callers import caller_cards
from callcenter.console.calls.calls import place
from callcenter.console.forms.forms import DecisionForm, FindForm, NarrowForm
from callcenter.console.layout import file_labels, shown
from callcenter.console.people.people import pages_for
from callcenter.console.tickets import deciding, search_results
from callcenter.tickets import export as exports
from callcenter.tickets import full_text, search
from callcenter.tickets.paging import Page
from callcenter.tickets.relations import head_of
from callcenter.tickets.search import Wanted
from models import (
    Role,
    SavedFilter,
    Ticket,
)
from models.session import transaction

log = logging.getLogger(__name__)

pages = pages_for(Role.AGENT, "tickets")

LONGEST_TYPED = 200
MOST_FILTERS = 30


# The time limit of an export, because a list may be long and its reader slow.
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


@pages.get("")
def index() -> ResponseReturnValue:
    return page(), 200 if NarrowForm(request.args).validate() else 422


def page(filter_name: str = "", filter_fault: str = "") -> str:
    """The list with the filters of the address.

    `filter_name` and `filter_fault` are a refused name for saved filters, and the reason.
    """
    narrow = NarrowForm(request.args)
    narrowed = narrow.validate()
    after = place(request.args.get("after"))
    with transaction() as session:
        caller = _caller(session)
        words = _words()
        wanted = narrow.wanted(caller, words, datetime.now(UTC)) if narrowed else Wanted()
        found = search.find_tickets(session, wanted, after) if narrowed else Page[Ticket]([], None)
        typed = {"caller": shown.caller(caller or ""), "words": words or ""}
        form = FindForm(formdata=None, data=narrow.data | typed)
        return _list(
            session, form, found, narrow, filter_name=filter_name, filter_fault=filter_fault
        )


def _caller(session: Session) -> str | None:
    """The caller to filter by. The address has the number of one of the caller's tickets."""
    number = request.args.get("caller_of")
    if not number:
        return None
    ticket = search.ticket_by_number(session, number)
    return ticket.caller if ticket else abort(404)


def _words() -> str | None:
    """The words to search for. They may name people, so the address has them encrypted."""
    given = request.args.get("words")
    if not given:
        return None
    try:
        return full_text.unsealed(given)
    except ValueError:
        abort(404)


@pages.get("/export.<kind>")
def export(kind: str) -> ResponseReturnValue:
    """The filtered list as a file, sent while its rows are read."""
    narrow = NarrowForm(request.args)
    if kind not in EXPORTS or not narrow.validate():
        abort(404)
    with transaction() as session:
        wanted = narrow.wanted(_caller(session), _words(), datetime.now(UTC))
    whole = current_user.role is Role.SUPERVISOR
    filters = sorted(request.args.keys() & KEPT_FILTERS)
    log.info("tickets exported as %s by %s, narrowed by %s", kind, current_user.login, filters)
    mimetype, write = EXPORTS[kind]
    head = [str(file_labels.COLUMNS[name]) for name in exports.COLUMNS]
    say, title = file_labels.said_in_files(), _("Tickets")

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
    **more: str,
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
        saved=_saved_filters(session),
        order=here.get("sort") or ("due" if here.get("due") else "-opened"),
        now=datetime.now(UTC),
        after=request.args.get("after"),
        **_whose(session, here.get("caller_of")),
        **more,
    )


def _saved_filters(session: Session) -> Sequence[SavedFilter]:
    """The filters of this person, by name."""
    mine = select(SavedFilter).where(SavedFilter.agent_id == current_user.id)
    return session.scalars(mine.order_by(SavedFilter.name).limit(MOST_FILTERS)).all()


def _whose(session: Session, number: str | None) -> dict[str, Any]:
    """The card of the caller to filter by, and the ticket with `number` that names the caller."""
    of = search.ticket_by_number(session, number) if number else None
    return {"caller_ticket": of, "card": caller_cards.card_of(session, of.caller) if of else None}


@pages.post("/find")
def find() -> ResponseReturnValue:
    """Search, by POST because a caller's number must not be in an address; then redirect."""
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
    """Add blank words if the search box was posted, so that an empty box is refused.

    Without them, it would list all tickets.
    """
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
