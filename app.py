"""One application out of its parts: wiring and nothing else.

Worker and scheduler are wired here too, and load nothing of the web.
"""

import gc
import logging
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine

import observability.metering  # noqa: F401 - before the first counter is made
from callcenter import background
from callcenter.announcements import board
from callcenter.monitoring import readiness
from callcenter.offline import heartbeats, spool
from callcenter.outbound import dial_policy
from callcenter.outbox import dispatch_signal, outbox
from callcenter.privacy import encryption
from callcenter.queue import presence
from callcenter.recordings import consent, sounds, store
from config import Settings
from models import session
from observability import logs
from serving.clients import Clients
from serving.headers import Guarded, guarding

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from serving.gate import Gate, Way

log = logging.getLogger(__name__)

# So long may a page wait for the database: the upkeep finds out within that time that it is away.
# Lists of millions of tickets are there far sooner.
PAGE_S = 3.0
# A step waits for the database's disk far longer than it works. Those that wait together are
# written together: the more threads, the fewer times the disk is asked.
LINE_THREADS = 16
LINE_PLACES = 2000
# Fewer than there are connections beyond those of the line: pages that wait take none from it.
PAGE_THREADS = 8
PAGE_PLACES = 128
LARGEST_POST = 512 * 1024
# Recorded announcements, with the form around them.
UPLOADS = ("/switchboard",)
LARGEST_UPLOAD = sounds.LARGEST_BYTES + LARGEST_POST
# What a call needs, and what tells whether the process lives. Nothing there waits for anybody.
OF_THE_LINE = ("/voice/", "/sounds/", "/healthz")


def create_app(settings: Settings) -> "Flask":
    """The web application, serving what `settings.serve` names. Opens no connection yet."""
    from flask import Flask

    from observability import endpoints

    app = Flask("centrala", static_folder=None)
    app.config["PUBLIC_URL"] = settings.public_url
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_UPLOAD
    app.extensions["database"] = bind(settings, PAGE_S)
    app.register_blueprint(endpoints.create(settings.metrics_token))
    if settings.serve in ("all", "voice"):
        _add_line(app, settings)
    if settings.serve in ("all", "console"):
        _add_console(app, settings)
    endpoints.measure(app)
    app.wsgi_app = Guarded(app.wsgi_app, guarding(settings.public_url))  # type: ignore[method-assign]
    # Outermost: whatever is inside finds the client's address, not a proxy's.
    app.wsgi_app = Clients(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def bind(settings: Settings, limit_s: float | None = None) -> Engine:
    """Point this process at its database, queue, keys and folder.

    `limit_s` bounds transactions that name no limit of their own.
    """
    bind_rooms(settings)
    return session.bind(settings.database_url, limit_s)


def bind_rooms(settings: Settings) -> None:
    """Tell each room of this process its own settings; `bind` adds the database."""
    outbox.bind(settings.redis_url)
    encryption.bind(settings.data_key)
    store.bind(settings.home)
    sounds.bind(settings.home)
    board.bind(settings.home)
    spool.bind(settings.home)
    presence.bind(settings.wrap_up_seconds)
    consent.bind(settings.record_talks)
    dial_policy.bind(_policy(settings))
    dispatch_signal.bind(background.offer_calls)
    heartbeats.bind(settings.home)
    readiness.bind(settings.database_url, settings.redis_url, settings.home)


def _policy(settings: Settings) -> dial_policy.Policy:
    limits = {
        dial_policy.Service.CALL: dial_policy.Limits(*settings.call_limits),
        dial_policy.Service.TEXT: dial_policy.Limits(*settings.text_limits),
    }
    countries = settings.call_countries or dial_policy.COUNTRIES
    return dial_policy.Policy(countries, limits, own=settings.twilio_number)


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
    from voice import execution

    logs.to_stderr()
    settings = Settings.read(os.environ)
    warn_of(settings)
    app = create_app(settings)
    # What was imported lives as long as the process: nobody need look through it for garbage.
    gc.collect()
    gc.freeze()
    background.keep_up(partial(execution.drain, webhooks.line_of(settings)))
    return app


def warn_of(settings: Settings) -> None:
    """Say loudly, at each start, what protects nobody."""
    for sentence in settings.insecure:
        log.warning("INSECURE, for a laboratory only: %s", sentence)


def gate_from_environment() -> "Gate":
    """The same behind the gate of `serving`: what `centrala web` serves."""
    from serving.gate import Gate

    application = from_environment()
    return Gate(application, _ways(), guarding(application.config["PUBLIC_URL"]))


def _ways() -> "Callable[[str], Way]":
    """How much may be posted to a path, and whose threads answer it."""
    from serving.body import Bodies
    from serving.gate import BODY_SECONDS, Way
    from serving.lanes import Lane
    from voice.request_parsing import LARGEST_FORM

    line = Way(Lane("line", LINE_THREADS, LINE_PLACES), Bodies(BODY_SECONDS), LARGEST_FORM)
    pages = Way(Lane("pages", PAGE_THREADS, PAGE_PLACES), Bodies(BODY_SECONDS), LARGEST_POST)
    uploads = replace(pages, largest=LARGEST_UPLOAD)

    def way_of(path: str) -> Way:
        if path.startswith(OF_THE_LINE):
            return line
        return uploads if path.startswith(UPLOADS) else pages

    return way_of


def _add_line(app: "Flask", settings: Settings) -> None:
    import webhooks
    from voice import media

    app.wsgi_app = webhooks.Voice(settings, app.wsgi_app)  # type: ignore[method-assign]
    app.register_blueprint(media.create())


def _add_console(app: "Flask", settings: Settings) -> None:
    from callcenter import api, console

    console.register(app, settings)
    api.register(app, settings)
    if settings.demo:
        from callcenter.console.phone import phone

        app.register_blueprint(phone.create(settings))
