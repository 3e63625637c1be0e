"""The web pages of the desk: sign-in, who waits, tickets, calls, reports, the phone script.

Pages are edges: each opens its own transaction, asks `callcenter` and shows the answer. They need
no JavaScript, but for the desk's: it is live, and has a telephone in it.

May import: announcements, api, calendar, callers, calls, monitoring, outbound, outbox, people,
privacy, queue, recordings, reporting, tickets, ivr, models, serving, words.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect

from callcenter.console.calls import calls
from callcenter.console.desk import desk, desk_calls, desk_work, softphone
from callcenter.console.flows import flows
from callcenter.console.forms import forms_once, kept_forms, row_ids
from callcenter.console.layout import accessibility, band, faults, shown
from callcenter.console.people import people, programs, staff
from callcenter.console.reports import reports
from callcenter.console.sign_in import access, demo_people
from callcenter.console.status import status
from callcenter.console.switchboard import filters, ledger, switching
from callcenter.console.tickets import (
    bulk,
    cards,
    prepared_pesel_view,
    saved_filters,
    search_results,
    ticket_list,
    tickets,  # noqa: F401 - its routes are on the pages of ticket_list
)

BLUEPRINTS = (
    access.pages,
    desk.pages,
    desk_calls.pages,
    desk_work.pages,
    staff.pages,
    programs.pages,
    switching.pages,
    ledger.pages,
    ticket_list.pages,
    prepared_pesel_view.pages,
    search_results.pages,
    cards.pages,
    bulk.pages,
    saved_filters.pages,
    calls.pages,
    reports.pages,
    flows.pages,
)
WITHOUT_COOKIES = frozenset({"api", "operation", "status"})


class Given(Protocol):
    """The settings that the console needs."""

    @property
    def demo(self) -> bool: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def public_url(self) -> str: ...
    @property
    def twilio_number(self) -> str: ...
    @property
    def twilio_account_sid(self) -> str: ...
    @property
    def twilio_api_base(self) -> str: ...
    @property
    def twilio_api_key(self) -> str | None: ...
    @property
    def twilio_api_secret(self) -> str | None: ...


def register(app: Flask, settings: Given) -> None:
    """Add the console to `app`: its pages, sessions, languages, and guards against forged posts.

    Blueprints named in WITHOUT_COOKIES take no cookie, so their posts need no token of ours.
    """
    app.config.update(_config(settings))
    people.login_manager.init_app(app)
    Babel(app, locale_selector=access.chosen_language, default_translation_directories=shown.WORDS)
    _guard_forms(app)
    shown.teach(app, demo=settings.demo)
    band.teach(app)
    filters.teach(app)
    faults.show_nowhere(app)
    row_ids.teach(app)
    forms_once.teach(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    app.register_blueprint(status.pages)
    app.register_blueprint(accessibility.pages)
    softphone.register(app, settings)
    if settings.demo:
        demo_people.register(app)


def _config(settings: Given) -> Mapping[str, Any]:
    return {
        "DEMO": settings.demo,
        "SECRET_KEY": settings.secret_key,
        "LINE_NUMBER": settings.twilio_number,
        "PUBLIC_URL": settings.public_url,
        "SESSION_COOKIE_NAME": "centrala",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "BABEL_DEFAULT_LOCALE": "pl",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Warsaw",
        "WTF_CSRF_CHECK_DEFAULT": False,
        # A note that took an hour to write must still be saved: the token lives as the session.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _guard_forms(app: Flask) -> None:
    csrf = CSRFProtect(app)

    def guard() -> ResponseReturnValue | None:
        if request.endpoint and request.blueprint not in WITHOUT_COOKIES:
            try:
                csrf.protect()
            except CSRFError:
                if page := kept_forms.ask_again():
                    return page
                raise
        return None

    app.before_request(guard)
