"""Tokens of other programs, for supervisors: what exists, a new one shown once, the end of one."""

from datetime import UTC, datetime, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import (
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)

from callcenter.console.layout import labels
from callcenter.console.people.people import pages_for
from callcenter.people import attempts, tokens
from callcenter.people.attempts import Guess
from callcenter.people.tokens import State, TokenError
from models import Agent, Role, TokenScope
from models.session import transaction

SCOPES: labels.Words = {
    TokenScope.READ: _l("read tickets and calls"),
    TokenScope.ANNOTATE: _l("write notes"),
    TokenScope.ANNOUNCE: _l("switch announcements"),
    TokenScope.SCRIPT: _l("change the phone script"),
    TokenScope.ADMIN: _l("administer"),
}
STATES: labels.Words = {
    State.VALID: _l("valid"),
    State.EXPIRED: _l("expired"),
    State.REVOKED: _l("revoked"),
}
UNFIT: labels.Words = {
    "name": _l("A name has 1 to 120 characters."),
    "scopes": _l("This scope is not known."),
    "days": _l("A token lives for 1 to 3650 days."),
}

pages = pages_for(Role.SUPERVISOR, "tokens")


def _choices(named: labels.Words) -> list[SelectChoice]:
    return [SelectChoice(str(code), label) for code, label in named.items()]


class TokenForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Name of the program"))
    role = SelectField(_l("Role"), choices=_choices(labels.ROLES))
    scopes = SelectMultipleField(
        _l("What it may do (nothing chosen: what the role may)"),
        choices=_choices(SCOPES),
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        invalid_choice_message=UNFIT["scopes"],
    )
    days = IntegerField(_l("Days until it expires"), default=tokens.DAYS)


@pages.get("")
def index() -> ResponseReturnValue:
    return _page(TokenForm())


@pages.post("")
def create() -> ResponseReturnValue:
    """The token is in this answer alone."""
    form = TokenForm()
    if not form.validate():
        return _page(form, status=422)
    days = form.days.data or 0
    if not 1 <= days <= tokens.MOST_DAYS:
        form.days.errors = [UNFIT["days"]]
        return _page(form, status=422)
    try:
        with transaction() as rows:
            made = tokens.create_token(
                rows,
                form.name.data or "",
                Role(form.role.data),
                form.scopes.data or (),
                datetime.now(UTC) + timedelta(days=days),
                current_user.id,
            )
    except TokenError as fault:
        form[fault.field].errors = [UNFIT[fault.field]]
        return _page(form, status=422)
    return _page(TokenForm(formdata=None), made=made, status=201)


def _page(form: TokenForm, made: str | None = None, status: int = 200) -> ResponseReturnValue:
    now = datetime.now(UTC)
    with transaction() as rows:
        found = [(row, tokens.state_of(row, now)) for row in tokens.all_of(rows)]
        names = {person.id: person.name for person in rows.scalars(select(Agent))}
        unknown = attempts.failures_of(rows, Guess.TOKEN)
    page = render_template(
        "people/tokens.html",
        form=form,
        found=found,
        names=names,
        made=made,
        unknown=unknown,
        scopes=SCOPES,
        states=STATES,
    )
    return page, status


@pages.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    with transaction() as rows:
        row = tokens.revoke(rows, token_id, datetime.now(UTC)) or abort(404)
        flash(_("The token %(name)s opens nothing any more.", name=row.name))
    return redirect(url_for(".index"), 303)
