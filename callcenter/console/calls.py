"""The list of calls, newest first, each with the ticket it became."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from callcenter import search
from callcenter.console.people import pages_for
from callcenter.search import Place
from models import Role
from models.session import transaction

pages = pages_for(Role.AGENT, "calls")


@pages.get("")
def index() -> ResponseReturnValue:
    after = place(request.args.get("after"))
    with transaction() as session:
        page = search.find_calls(session, after)
        return render_template(
            "console/calls.html",
            page=page,
            after=after,
            tickets=search.tickets_of(session, page.items),
        )


def place(text: str | None) -> Place | None:
    """Where the page before ended; an address that no page of ours wrote is nowhere (404)."""
    try:
        return Place.read(text) if text else None
    except ValueError:
        abort(404)
