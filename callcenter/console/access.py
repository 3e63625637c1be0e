"""The door: sign-in and sign-out, and the looks a browser chose.

Failed sign-ins are counted for each login and address, in Redis, or in this process without it.
"""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from callcenter import agents, presence
from callcenter.console.forms import LookForm, SignInForm
from callcenter.console.people import SignedIn, ask_who, pages_for
from models import Away
from models.session import transaction

PUBLIC = frozenset({"access.sign_in", "access.sign_out", "access.look", "access.static"})
A_YEAR_S = 365 * 24 * 3600

pages = pages_for(None, "access")


@pages.route("/", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    if ask_who():
        return redirect(url_for("desk.overview"))
    form = SignInForm()
    if form.validate_on_submit() and (person := _who(form)):
        session.clear()
        session.permanent = True
        login_user(person)
        return redirect(own_path(request.args.get("next")) or url_for("desk.overview"), 303)
    return render_template("console/sign_in.html", form=form), 422 if form.is_submitted() else 200


def _who(form: SignInForm) -> SignedIn | None:
    with transaction() as rows:
        agent = agents.check_password(rows, form.login.data, form.password.data)
    if agent is None:
        form.password.errors = [_("The login or the password is wrong.")]
    return SignedIn.of(agent) if agent else None


def limit_attempts(app: Flask, redis_url: str) -> None:
    """Count failed sign-ins: for a login from an address, and for an address."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=redis_url.replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
    )
    one, all_ = "5 per minute; 30 per hour", "100 per hour"
    counted = limiter.limit(all_, methods=["POST"], deduct_when=_failed)(sign_in)
    app.view_functions["access.sign_in"] = limiter.limit(
        one, key_func=_login_and_address, methods=["POST"], deduct_when=_failed
    )(counted)


def _login_and_address() -> str:
    login = request.form.get("login", "").strip().casefold()
    return sha256(f"{login} {get_remote_address()}".encode()).hexdigest()


def _failed(response: Response) -> bool:
    return response.status_code == 422


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Who goes is offered no more calls."""
    if ask_who():
        with transaction() as rows:
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
    """Polish, unless this browser chose English."""
    return "en" if request.cookies.get("language") == "en" else "pl"


def own_path(address: str | None) -> str | None:
    """`address` when it is a path of this site, else None: no link leads elsewhere."""
    if not address or not address.startswith("/") or "\\" in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address
