"""What was typed into a form comes back when the session had ended before the form was sent.

The fields stand encrypted in the page that asks to sign in again, and go with the sign-in. Then
they are shown, and sent with a press: nothing is done by itself. No row is written for strangers.
Passwords are never kept, and neither is a form that another site sent.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from flask import g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from callcenter.console.forms.forms import SignInForm
from callcenter.privacy import encryption

# So long a page that asks to sign in again is good for.
KEPT_S = 2 * 3600
SECRET = frozenset({"csrf_token", "kept", "password", "current"})
NOT_KEPT = ("access",)
# What people type; the rest was picked, or belongs to the form.
TYPED = {
    "text": _l("Note"),
    "text_pl": _l("Polish"),
    "text_en": _l("English"),
    "text_uk": _l("Ukrainian"),
    "name": _l("Name"),
    "login": _l("Login"),
    "address": _l("Number or SIP address"),
    "words": _l("Words in notes"),
    "anything": _l("Ticket, caller, topic, person or words"),
    "caller": _l("Caller's number"),
    "number": _l("Ticket number"),
    "other": _l("Another ticket"),
}


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent: where to, by which browser (`nonce`), of whom, and its fields."""

    path: str
    nonce: str
    who: str
    fields: Sequence[tuple[str, str]]


def ask_again() -> ResponseReturnValue | None:
    """The page that asks to sign in and has the form in it; for who is signed in, the form.

    None where there is nothing to keep: the fault is told as ever. A desk with scripts keeps what
    is typed by itself.
    """
    if not _is_to_keep():
        return None
    nonce = session.setdefault("kept", secrets.token_urlsafe(12))
    known = session.get("_user_id", "").partition(".")[0]
    kept = KeptForm(request.full_path.rstrip("?"), nonce, known, _fields())
    if current_user.is_authenticated:
        return _page(kept), 400
    sealed = encryption.seal(json.dumps(asdict(kept)).encode()).decode()
    return render_template("sign_in/sign_in.html", form=SignInForm(formdata=None), kept=sealed), 401


def _is_to_keep() -> bool:
    if request.method != "POST" or request.blueprint in NOT_KEPT or "HX-Request" in request.headers:
        return False
    return _is_of_ours() and any(name in TYPED and value.strip() for name, value in _fields())


def _is_of_ours() -> bool:
    """Whether the form was posted from a page of this site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    came_from = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return not came_from or urlsplit(came_from).netloc == request.host


def _fields() -> list[tuple[str, str]]:
    return [each for each in request.form.items(multi=True) if each[0] not in SECRET]


def given() -> KeptForm | None:
    """The form that came with a sign-in from the same browser. Ask before the session changes."""
    sealed = request.form.get("kept", "")
    if not sealed or not session.get("kept"):
        return None
    try:
        values: dict[str, Any] = json.loads(encryption.unseal(sealed.encode(), KEPT_S))
    except InvalidToken:
        return None
    kept = KeptForm(**values)
    return kept if secrets.compare_digest(kept.nonce, session["kept"]) else None


def show(kept: KeptForm | None) -> str | None:
    """The form with all that was typed, for who has just signed in; None for somebody else."""
    if kept is None or kept.who not in ("", str(current_user.id)):
        return None
    # The token in use was one of the session before.
    g.pop("csrf_token", None)
    return _page(kept)


def _page(kept: KeptForm) -> str:
    return render_template("forms/kept.html", kept=kept, typed=TYPED)
