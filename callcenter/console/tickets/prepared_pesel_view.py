"""Shows each handler of a ticket, once, the PESEL that its caller typed.

It is requested by POST and has a page of its own, so it is in no address, list or cache. A reload
does not show it again.
"""

from datetime import UTC, datetime

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from callcenter.console.people.people import pages_for
from callcenter.tickets import prepared_pesel, search
from models import Role
from models.session import transaction

pages = pages_for(Role.AGENT, "prepared")
pages.url_prefix = "/tickets"


@pages.post("/<number>/pesel")
def show(number: str) -> ResponseReturnValue:
    with transaction() as session:
        ticket = search.ticket_by_number(session, number) or abort(404)
        pesel = prepared_pesel.show(session, ticket, current_user.id, datetime.now(UTC))
    page = render_template("tickets/pesel.html", number=ticket.number, pesel=pesel)
    return page, 200 if pesel else 403
