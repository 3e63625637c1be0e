"""Filters of the list of tickets that somebody keeps by a name: used, renewed, deleted."""

from collections.abc import Sequence

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.console.forms.forms import NarrowForm
from callcenter.console.people.people import pages_for
from callcenter.privacy import pesel
from callcenter.privacy.visible_text import visible
from models import Role, SavedFilter
from models.session import transaction

LONGEST = 60
MOST = 30

pages = pages_for(Role.AGENT, "saved_filters")
pages.url_prefix = "/tickets/filters"


def of(session: Session, agent_id: int) -> Sequence[SavedFilter]:
    """The filters of one person, by name."""
    mine = select(SavedFilter).where(SavedFilter.agent_id == agent_id)
    return session.scalars(mine.order_by(SavedFilter.name).limit(MOST)).all()


@pages.post("")
def keep() -> ResponseReturnValue:
    """Keep the filters of the address; the same name again replaces what it stood for."""
    name = pesel.masked(visible(request.form.get("name", "")))[:LONGEST]
    narrow = NarrowForm(request.args)
    if not name or not narrow.validate():
        abort(422)
    more = {key: request.args[key] for key in ("caller_of", "words") if request.args.get(key)}
    row = {"agent_id": current_user.id, "name": name, "address": narrow.address() | more}
    kept = insert(SavedFilter).values(row)
    with transaction() as session:
        session.execute(
            kept.on_conflict_do_update(
                index_elements=["agent_id", "name"], set_={"address": row["address"]}
            )
        )
    return redirect(url_for("tickets.index", **row["address"]), 303)


@pages.post("/<int:filter_id>/delete")
def drop(filter_id: int) -> ResponseReturnValue:
    with transaction() as session:
        session.execute(
            delete(SavedFilter).where(
                SavedFilter.id == filter_id, SavedFilter.agent_id == current_user.id
            )
        )
    return redirect(url_for("tickets.index"), 303)
