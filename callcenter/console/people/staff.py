"""People of the desk: supervisors add and change them, everybody has settings of one's own."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    PasswordField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)

import words
from callcenter.console.forms import forms_once
from callcenter.console.layout import labels
from callcenter.console.people.people import SignedIn, insist, pages_for
from callcenter.console.sign_in import guessing
from callcenter.console.sign_in.guessing import WaitError
from callcenter.people import agents
from callcenter.people.agents import Unfit, UnfitError, Work
from callcenter.queue import presence
from models import Agent, Away, Device, Ring, Role
from models.session import transaction

# At which field of a form each fault stands.
FIELDS = {
    Unfit.TAKEN: "login",
    Unfit.NUMBER: "address",
    Unfit.SIP: "address",
    Unfit.NOT_DIALLED: "address",
    Unfit.PERSONAL_LOGIN: "login",
    Unfit.PERSONAL_NAME: "name",
    Unfit.PERSONAL_ADDRESS: "address",
    Unfit.GUESSABLE: "password",
}
UNFIT: labels.Words = {
    Unfit.LOGIN: _l("A login is 1 to 64 letters (a-z), digits, dots, hyphens, underscores or @."),
    Unfit.TAKEN: _l("This login is taken."),
    Unfit.NAME: _l("A name has 1 to 120 characters, all of which can be seen, on one line."),
    Unfit.PERSONAL_LOGIN: _l("A login is no PESEL."),
    Unfit.PERSONAL_NAME: _l("A name has no PESEL in it."),
    Unfit.PERSONAL_ADDRESS: _l("The address of a telephone has no PESEL in it."),
    Unfit.PASSWORD: _l("A password needs at least 10 characters."),
    Unfit.GUESSABLE: _l("This password is easily guessed. Take several unrelated words."),
    Unfit.LANGUAGES: _l("Choose at least one language."),
    Unfit.TOPICS: _l("This topic is not known."),
    Unfit.NUMBER: _l("Type the telephone's number, such as 22 123 45 67."),
    Unfit.NOT_DIALLED: _l(
        "This number is not called: it must be an ordinary number of a country that the line calls."
    ),
    Unfit.SIP: _l("Type the telephone's address, such as sip:ania@example.org."),
}

pages = pages_for(Role.AGENT, "people")


def _choices(named: labels.Words) -> list[SelectChoice]:
    return [SelectChoice(str(code), label) for code, label in named.items()]


class Several(SelectMultipleField):  # type: ignore[misc]
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """Where somebody takes calls, and how the desk is used."""

    device = SelectField(_l("Where calls ring"), choices=_choices(labels.DEVICES))
    address = StringField(_l("Number or SIP address"))

    def refuse(self, fault: UnfitError) -> None:
        name = FIELDS.get(fault.what, fault.what.value)
        self[name].errors = [UNFIT[fault.what]]


class MineForm(PlaceForm):
    ring = SelectField(
        _l("How calls ring here"), choices=_choices(labels.RINGS), default=Ring.DOUBLE.value
    )
    shortcuts = BooleanField(_l("Single letters are keys of the desk"))
    current = PasswordField(_l("Password now"))
    password = PasswordField(_l("New password"))


class PersonForm(PlaceForm):
    name = StringField(_l("Name"))
    role = SelectField(_l("Role"), choices=_choices(labels.ROLES))
    languages = Several(
        _l("Languages"),
        choices=_choices(labels.LANGUAGES),
        invalid_choice_message=UNFIT[Unfit.LANGUAGES],
    )
    topics = Several(
        _l("Topics (none chosen: all)"),
        choices=_choices(labels.TOPICS),
        invalid_choice_message=UNFIT[Unfit.TOPICS],
    )
    active = BooleanField(_l("May sign in"))
    password = PasswordField(_l("New password"))

    def work(self) -> Work:
        device = Device(self.device.data)
        return Work(self.languages.data, self.topics.data, device, self.address.data)


class NewPersonForm(PersonForm):
    login = StringField(_l("Login"))


@pages.get("")
def index() -> ResponseReturnValue:
    insist(Role.SUPERVISOR)
    with transaction() as session:
        found = session.scalars(select(Agent).order_by(Agent.active.desc(), Agent.name)).all()
        return render_template("people/people.html", people=found)


@pages.route("/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    insist(Role.SUPERVISOR)
    form = NewPersonForm(languages=list(words.LANGUAGES[:1]), active=True)
    if not form.validate_on_submit():
        return _page(form, None)
    try:
        with transaction() as session:
            if not forms_once.is_first(session):
                return redirect(url_for(".index"), 303)
            agents.add_user(
                session,
                form.login.data or "",
                form.name.data or "",
                form.password.data or "",
                Role(form.role.data),
                form.work(),
            )
    except UnfitError as fault:
        form.refuse(fault)
        return _page(form, None)
    return redirect(url_for(".index"), 303)


@pages.route("/<int:agent_id>", methods=["GET", "POST"])
def change(agent_id: int) -> ResponseReturnValue:
    insist(Role.SUPERVISOR)
    with transaction() as session:
        person = session.get(Agent, agent_id) or abort(404)
    form = PersonForm(obj=None if request.method == "POST" else person)
    if not form.validate_on_submit():
        return _page(form, person)
    try:
        with transaction() as session:
            _change(session, session.get_one(Agent, agent_id), form)
    except UnfitError as fault:
        form.refuse(fault)
        return _page(form, person)
    return redirect(url_for(".index"), 303)


def _change(session: Session, person: Agent, form: PersonForm) -> None:
    """Nobody takes the own role or right to sign in away: one supervisor always stays."""
    is_me = person.id == current_user.id
    role = person.role if is_me else Role(form.role.data)
    agents.set_person(session, person, form.name.data or "", role, active=is_me or form.active.data)
    agents.set_work(person, form.work())
    if form.password.data:
        agents.set_password(person, form.password.data)
    if not person.active:
        presence.be_away(session, person.id, Away.SIGNED_OUT, datetime.now(UTC))


def _page(form: PersonForm, person: Agent | None) -> ResponseReturnValue:
    page = render_template("people/person.html", form=form, person=person)
    return page, 422 if form.errors else 200


@pages.route("/me", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    """Settings of one's own. A new password asks for the old one; other browsers are signed out."""
    with transaction() as session:
        me = session.get_one(Agent, current_user.id)
        form = MineForm(obj=None if request.method == "POST" else me)
    if not form.validate_on_submit():
        return _my_page(form)
    try:
        is_saved = _save_mine(form)
    except UnfitError as fault:
        form.refuse(fault)
        return _my_page(form)
    except WaitError as wait:
        form.current.errors = [wait.sentence()]
        return *_my_page(form)[:1], 429, {"Retry-After": str(wait.seconds)}
    if not is_saved:
        return _my_page(form)
    flash(_("Your settings are saved."))
    return redirect(url_for(".mine"), 303)


def _save_mine(form: MineForm) -> bool:
    """Whether the settings are saved: not where a new password comes without the old one."""
    if form.password.data and not _is_current(form):
        form.current.errors = [_("This is not your password.")]
        return False
    with transaction() as session:
        me = session.get_one(Agent, current_user.id)
        work = Work(me.languages, me.topics, Device(form.device.data), form.address.data)
        agents.set_work(me, work)
        me.shortcuts = form.shortcuts.data
        me.ring = Ring(form.ring.data)
        if form.password.data:
            agents.set_password(me, form.password.data)
            renewed = SignedIn.begin(session, me)
    if form.password.data:
        login_user(renewed)
    return True


def _is_current(form: MineForm) -> bool:
    guesser = guessing.at_settings(current_user.id, current_user.session_id)
    with guessing.attempt(guesser):
        with transaction() as session:
            known = agents.check_password(session, current_user.login, form.current.data or "")
        if known:
            guessing.was_right(guesser)
    return known is not None


def _my_page(form: MineForm) -> tuple[str, int]:
    return render_template("people/mine.html", form=form), 422 if form.errors else 200
