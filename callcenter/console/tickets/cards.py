"""Views of the caller card. The address has a ticket's number, not the telephone number."""

from datetime import UTC, datetime

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from callcenter.callers import caller_cards
from callcenter.callers.caller_cards import Card, CardConflict, Written
from callcenter.console.people.people import pages_for
from callcenter.tickets import search
from models import Role, Ticket
from models.session import transaction

TOO_LONG = _l("This is too long.")

pages = pages_for(Role.AGENT, "cards")
# The address is under the ticket whose caller the card is about.
pages.url_prefix = "/tickets"


class CardForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    name = StringField(_l("Name"), [Length(max=120, message=TOO_LONG)])
    company = StringField(_l("Company"), [Length(max=120, message=TOO_LONG)])
    note = TextAreaField(_l("Note"), [Length(max=2000, message=TOO_LONG)])

    def typed(self) -> Card:
        text = self.version.data or ""
        version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        name, company, note = (each.data or "" for each in (self.name, self.company, self.note))
        return Card(name, company, note, version)


@pages.get("/<number>/card")
def show(number: str) -> ResponseReturnValue:
    with transaction() as session:
        ticket = _ticket(session, number)
        card = caller_cards.card_of(session, ticket.caller)
        return _page(session, ticket, CardForm(formdata=None, obj=card))


@pages.post("/<number>/card")
def save(number: str) -> ResponseReturnValue:
    form = CardForm()
    with transaction() as session:
        ticket = _ticket(session, number)
        if not form.validate():
            return _page(session, ticket, form), 422
        now = datetime.now(UTC)
        try:
            caller_cards.save_card(session, ticket.caller, form.typed(), current_user.id, now)
        except CardConflict as conflict:
            kept = caller_cards.card_of(session, ticket.caller)
            form.version.data = str(kept.version)
            return _page(session, ticket, form, conflict.last), 409
    return redirect(url_for("tickets.show", number=ticket.number), 303)


def _ticket(session: Session, number: str) -> Ticket:
    ticket = search.ticket_by_number(session, number) or abort(404)
    return ticket if caller_cards.can_have_card(ticket.caller) else abort(404)


def _page(session: Session, ticket: Ticket, form: CardForm, conflict: Written | None = None) -> str:
    return render_template(
        "tickets/caller_card.html",
        ticket=ticket,
        form=form,
        conflict=conflict,
        history=caller_cards.history(session, ticket.caller),
    )
