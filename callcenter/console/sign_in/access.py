"""Sign-in and sign-out, and the appearance that a browser chose."""

from datetime import UTC, datetime

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from callcenter.console.forms import kept_forms
from callcenter.console.forms.forms import LookForm, SignInForm
from callcenter.console.people.people import SignedIn, ask_who, pages_for
from callcenter.console.sign_in import guessing
from callcenter.console.sign_in.guessing import Guesser, WaitError
from callcenter.console.sign_in.own_paths import own_path
from callcenter.people import agents, attempts, sign_ins
from callcenter.queue import presence
from models import Away
from models.session import transaction

PUBLIC = frozenset({"access.sign_in", "access.sign_out", "access.look", "access.static"})
LANGUAGES = ("pl", "en")
A_YEAR_S = 365 * 24 * 3600

pages = pages_for(None, "access")


@pages.route("/", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    if ask_who():
        return redirect(url_for("desk.overview"))
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if form.is_submitted() else 200)
    guesser = guessing.at_sign_in(form.login.data, attempts.client_of(request.environ))
    try:
        with guessing.attempt(guesser):
            person = _who(form, guesser)
    except WaitError as wait:
        form.password.errors = [wait.sentence()]
        return _sign_in_page(form, 429, {"Retry-After": str(wait.seconds)})
    if person is None:
        form.password.errors = [_("The login or the password is wrong.")]
        return _sign_in_page(form, 422)
    return let_in(person)


def _sign_in_page(
    form: SignInForm, status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    return render_template("sign_in/sign_in.html", form=form), status, headers or {}


def _who(form: SignInForm, guesser: Guesser) -> SignedIn | None:
    with transaction() as rows:
        agent = agents.check_password(rows, form.login.data, form.password.data)
        person = SignedIn.begin(rows, agent) if agent else None
    if person:
        guessing.was_right(guesser)
    return person


def let_in(person: SignedIn) -> ResponseReturnValue:
    """Sign `person` in at this browser, and go on where they wanted to go."""
    kept = kept_forms.given()
    session.clear()
    session.permanent = True
    login_user(person)
    page = kept_forms.show(kept)
    onward = own_path(request.args.get("next")) or url_for("desk.overview")
    answer = make_response(page or redirect(onward, 303))
    guessing.remember_browser(answer, person.login)
    return answer


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Who goes is offered no more calls, and the session is over on every machine."""
    if ask_who():
        with transaction() as rows:
            sign_ins.end(rows, current_user.session_id)
            presence.be_away(rows, current_user.id, Away.SIGNED_OUT, datetime.now(UTC))
    logout_user()
    session.clear()
    return redirect(url_for("access.sign_in"), 303)


@pages.get("/me")
def mine() -> ResponseReturnValue:
    """The short address of one's own settings."""
    return redirect(url_for("people.mine"), 302)


@pages.post("/look")
def look() -> ResponseReturnValue:
    """The language and the colours of the console, kept in cookies of this browser."""
    form = LookForm()
    answer = redirect(own_path(form.back.data) or url_for("access.sign_in"), 303)
    if not form.validate():
        return answer
    for name in ("language", "theme"):
        if value := form[name].data:
            answer.set_cookie(name, value, A_YEAR_S, httponly=True, samesite="Lax")
    return answer


def chosen_language() -> str:
    """What was chosen in this browser, else the browser's own language, else Polish."""
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
