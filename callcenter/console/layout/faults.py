"""What a page says when it cannot be shown: the same calm page for each fault, with a way on."""

from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, NotFound

from callcenter.console.layout import band
from models.session import DatabaseAway

DATABASE_FAULTS = (DatabaseAway, OperationalError, InterfaceError, PoolTimeout)
NOT_OURS = ("/voice/", "/api/")


def show_on(pages: Blueprint) -> None:
    """Show the faults of these pages as a page."""
    pages.register_error_handler(HTTPException, _refused)
    for unknown in (NoResultFound, DataError):
        pages.register_error_handler(unknown, lambda _error: _refused(NotFound()))
    for lost in DATABASE_FAULTS:
        pages.register_error_handler(lost, _without_database)


def show_nowhere(app: Flask) -> None:
    """Show addresses that are nowhere as a page, except to telephones and programs.

    Done before a request is dispatched: a handler of the whole application for 404 would go before
    what other blueprints say of their own faults.
    """

    def nowhere() -> ResponseReturnValue | None:
        fault = request.routing_exception
        if isinstance(fault, NotFound) and not request.path.startswith(NOT_OURS):
            return _refused(fault)
        return None

    app.before_request(nowhere)


def _refused(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    page = render_template("layout/fault.html", code=code, sentence=_sentence(error, code))
    return page, code, _headers_of(error)


def _headers_of(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}


def _sentence(error: HTTPException, code: int) -> Any:
    if isinstance(error, CSRFError):
        return _(
            "This form is too old, or cookies are off. Go back, reload the page, send it again."
        )
    return {
        403: _("Your role does not allow this page."),
        404: _("There is nothing at this address."),
        405: _("This address does not take that kind of request."),
        429: _("Too many requests. Wait a minute and try again."),
    }.get(code, _("The request could not be understood."))


def _without_database(_error: Exception) -> ResponseReturnValue:
    sentence = _("This page cannot be shown just now. Try it again in a minute.")
    away = band.sentences(database_failed=True)
    return render_template("layout/fault.html", code=503, sentence=sentence, away=away), 503
