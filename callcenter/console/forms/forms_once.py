"""A form that adds something adds it once, however often a browser sends it.

Each rendering of a form has a word of its own (`once`; a form without it, its token). The same
word with the same fields from the same person is the same action; changed words are another one.
"""

import secrets
from datetime import UTC, datetime

from flask import Flask, request
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.outbox import idempotency


def teach(app: Flask) -> None:
    """Give the templates of `app` the word of a rendering."""
    app.jinja_env.globals["once"] = lambda: secrets.token_urlsafe(12)


def is_first(session: Session) -> bool:
    """Whether this form was never performed. Call it in the transaction of the action."""
    return idempotency.is_first(session, _mark(), datetime.now(UTC))


def was_refused(session: Session) -> None:
    """Note that nothing was done, so that the same form may be sent again."""
    idempotency.forget(session, _mark())


def _mark() -> bytes:
    unlike = {"csrf_token"} if request.form.get("once") else set()
    fields = sorted(
        (name, value) for name, value in request.form.items(multi=True) if name not in unlike
    )
    parts = [part for field in fields for part in field]
    return idempotency.fingerprint(str(current_user.id), request.path, *parts)
