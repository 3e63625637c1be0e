"""Views to save the filters of the ticket list under a name, and to delete them."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from callcenter.console.forms.forms import NarrowForm
from callcenter.console.people.people import pages_for
from callcenter.console.tickets import ticket_list
from callcenter.privacy import pesel
from callcenter.privacy.visible_text import visible
from models import Role, SavedFilter
from models.session import transaction

LONGEST = 60

pages = pages_for(Role.AGENT, "saved_filters")
pages.url_prefix = "/tickets/filters"


@pages.post("")
def keep() -> ResponseReturnValue:
    """Save the filters of the address for this person; an existing name is replaced."""
    typed = request.form.get("name", "")
    name = pesel.masked(visible(typed))
    narrow = NarrowForm(request.args)
    if not narrow.validate():
        abort(422)
    if fault := _fault(name):
        return ticket_list.page(filter_name=typed, filter_fault=fault), 422
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


def _fault(name: str) -> str | None:
    if not name:
        return str(_("Give the filters a name."))
    if len(name) > LONGEST:
        return str(_("A name has at most %(most)d characters.", most=LONGEST))
    return None


@pages.post("/<int:filter_id>/delete")
def drop(filter_id: int) -> ResponseReturnValue:
    with transaction() as session:
        session.execute(
            delete(SavedFilter).where(
                SavedFilter.id == filter_id, SavedFilter.agent_id == current_user.id
            )
        )
    return redirect(url_for("tickets.index"), 303)
