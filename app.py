"""One application out of its parts: wiring and nothing else.

Worker and scheduler are wired here too, and load nothing of the web.
"""

import gc
import logging
import os
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine

import logs
import metering  # noqa: F401 - before the first counter is made
from callcenter import (
    board,
    changes,
    consent,
    dial_policy,
    heartbeats,
    outbox,
    parts,
    presence,
    publishing,
    recordings,
    sounds,
    spool,
    vault,
)
from clients import Clients
from config import Settings
from models import session

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

# So long may a page wait for the database: the upkeep finds out within that time that it is away.
# Lists of millions of tickets are there far sooner.
PAGE_S = 3.0


def create_app(settings: Settings) -> "Flask":
    """The web application, serving what `settings.serve` names. Opens no connection yet."""
    from flask import Flask

    import operation

    app = Flask("centrala", static_folder=None)
    app.extensions["database"] = bind(settings, PAGE_S)
    app.register_blueprint(operation.create())
    if settings.serve in ("all", "voice"):
        _add_line(app, settings)
    if settings.serve in ("all", "console"):
        _add_console(app, settings)
    operation.measure(app)
    # Outermost: whatever is inside finds the client's address, not a proxy's.
    app.wsgi_app = Clients(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def bind(settings: Settings, limit_s: float | None = None) -> Engine:
    """Point this process at its database, queue, keys and folder.

    `limit_s` bounds transactions that name no limit of their own.
    """
    outbox.bind(settings.redis_url)
    vault.bind(settings.data_key)
    recordings.bind(settings.home)
    sounds.bind(settings.home)
    board.bind(settings.home)
    spool.bind(settings.home)
    presence.bind(settings.wrap_up_seconds)
    consent.bind(settings.record_talks)
    dial_policy.bind(_policy(settings))
    changes.bind(publishing.offer_calls)
    heartbeats.bind(settings.home)
    parts.bind(settings.database_url, settings.redis_url, settings.home)
    return session.bind(settings.database_url, limit_s)


def _policy(settings: Settings) -> dial_policy.Policy:
    limits = {
        dial_policy.Service.CALL: dial_policy.Limits(*settings.call_limits),
        dial_policy.Service.TEXT: dial_policy.Limits(*settings.text_limits),
    }
    return dial_policy.Policy(settings.call_countries or dial_policy.COUNTRIES, limits)


def bind_telephony(settings: Settings) -> None:
    """Point this process at the carrier. Only workers and commands speak to it first."""
    from callcenter import telephony

    telephony.bind(
        telephony.Account(
            sid=settings.twilio_account_sid,
            token=settings.twilio_auth_token,
            number=settings.twilio_number,
            sms_sender=settings.sms_sender,
            base=settings.twilio_api_base,
            public_url=settings.public_url,
        )
    )


def from_environment() -> "Flask":
    """What a web server asks for: the application of this process's environment."""
    import webhooks
    from door import performing

    logs.to_stderr()
    settings = Settings.read(os.environ)
    warn_of(settings)
    app = create_app(settings)
    # What was imported lives as long as the process: nobody need look through it for garbage.
    gc.collect()
    gc.freeze()
    publishing.keep_up(partial(performing.drain, webhooks.line_of(settings)))
    return app


def warn_of(settings: Settings) -> None:
    """Say loudly, at each start, what protects nobody."""
    for sentence in settings.insecure:
        log.warning("INSECURE, for a laboratory only: %s", sentence)


def _add_line(app: "Flask", settings: Settings) -> None:
    import media
    import webhooks

    app.wsgi_app = webhooks.Voice(settings, app.wsgi_app)  # type: ignore[method-assign]
    app.register_blueprint(media.create())


def _add_console(app: "Flask", settings: Settings) -> None:
    from callcenter import api, console

    console.register(app, settings)
    api.register(app, settings)
    if settings.demo:
        from callcenter.console import phone

        app.register_blueprint(phone.create(settings))
