"""The list of calls, newest first, and what narrows it; each with the ticket it became."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import DateField, Form, SelectField, ValidationError
from wtforms.validators import Optional

from callcenter.calls import call_list
from callcenter.calls.call_list import WantedCalls
from callcenter.console.forms.forms import choices
from callcenter.console.layout import labels
from callcenter.console.people.people import pages_for
from callcenter.console.tickets import deciding
from callcenter.tickets import search
from callcenter.tickets.paging import Page, Place
from models import Call, CallStatus, Outcome, Role
from models.session import transaction

WAITED = {"20": "20 s", "60": "1 min", "180": "3 min", "600": "10 min"}
DIRECTIONS = {"in": _l("from callers"), "out": _l("placed by the line")}
FIELDS = ("first", "last", "language", "status", "outcome", "agent", "waited", "direction")

pages = pages_for(Role.AGENT, "calls")


class CallsForm(Form):  # type: ignore[misc]
    """The filters as they stand in the address: nothing of them names a caller."""

    first = DateField(_l("From day"), [Optional()], format="%Y-%m-%d")
    last = DateField(_l("To day"), [Optional()], format="%Y-%m-%d")
    language = SelectField(_l("Language"), choices=choices(labels.LANGUAGES), default="")
    status = SelectField(_l("Call"), choices=choices(labels.CALL_STATUSES), default="")
    outcome = SelectField(_l("Outcome"), choices=choices(labels.OUTCOMES), default="")
    agent = SelectField(_l("Consultant"), choices=[], validate_choice=False, default="")
    waited = SelectField(_l("Waited longer than"), choices=choices(WAITED), default="")
    direction = SelectField(_l("Direction"), choices=choices(DIRECTIONS), default="")

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        self.agent.choices = choices(dict(people))

    def validate_first(self, field: DateField) -> None:
        if field.data and not 2000 <= field.data.year <= 2199:
            raise ValidationError(_l("This day is too far away."))

    def validate_last(self, field: DateField) -> None:
        self.validate_first(field)
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_l("The last day is before the first."))

    def validate_agent(self, field: SelectField) -> None:
        if field.data and not re.fullmatch("[0-9]{1,18}", field.data):
            raise ValidationError(_l("Choose somebody of the desk."))

    def wanted(self) -> WantedCalls:
        return WantedCalls(
            first=self.first.data,
            last=self.last.data,
            language=self.language.data or None,
            status=CallStatus(self.status.data) if self.status.data else None,
            outcome=Outcome(self.outcome.data) if self.outcome.data else None,
            agent=int(self.agent.data) if self.agent.data else None,
            waited_s=int(self.waited.data) if self.waited.data else None,
            ours=self.direction.data == "out" if self.direction.data else None,
        )

    def address(self) -> dict[str, str]:
        """The filters in use, as they stand in an address."""
        return {name: str(self[name].data) for name in FIELDS if self[name].data}


@pages.get("")
def index() -> ResponseReturnValue:
    after, now = place(request.args.get("after")), datetime.now(UTC)
    form = CallsForm(request.args)
    fits = form.validate()
    with transaction() as session:
        page = call_list.find(session, form.wanted(), now, after) if fits else Page[Call]([], None)
        form.offer(deciding.people(session))
        shown = render_template(
            "calls/calls.html",
            form=form,
            here=form.address() if fits else {},
            page=page,
            after=after,
            tickets=search.tickets_of(session, page.items),
            waits=call_list.waits_of(session, page.items, now),
            consultants=call_list.consultants_of(session, page.items),
            whole=current_user.role is Role.SUPERVISOR,
        )
    return shown, 200 if fits else 422


def place(text: str | None) -> Place | None:
    """Where the page before ended. An address that none of our pages wrote is answered with 404."""
    try:
        return Place.read(text) if text else None
    except ValueError:
        abort(404)
