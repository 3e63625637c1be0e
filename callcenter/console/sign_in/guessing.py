"""Passwords typed on pages: each is looked at in its turn, and guessers wait.

Hashing a password takes a core for some hundredths of a second, on purpose. One at a time and
process is done for browsers that are known, one for all others, so that a flood of attempts leaves
the cores to the telephones and strangers do not stand before people of the desk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from threading import BoundedSemaphore

from flask import current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from prometheus_client import Counter
from werkzeug import Response

from callcenter.console.layout import shown
from callcenter.people import attempts
from callcenter.people.attempts import Guess, Key, key
from models.session import transaction

A_YEAR_S = 365 * 24 * 3600
MOST_WAITING = 4
LONGEST_TURN_S = 8.0
BUSY_S = 2

_attempts = Counter(
    "centrala_password_attempts", "Passwords typed on pages, by what became of them.", ["result"]
)


class WaitError(Exception):
    """The attempt is not looked at now; `seconds` says when the next one is."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def sentence(self) -> str:
        """For whoever typed the password."""
        return str(
            _("Too many failed attempts. Try again in %(span)s.", span=shown.lasted(self.seconds))
        )


@dataclass(frozen=True)
class Guesser:
    """Who types a password: what is counted, and whether the browser is known."""

    pair: Key
    wider: Sequence[Key]
    known: bool


@dataclass(frozen=True)
class Lane:
    """One at a time, and a few who wait for it."""

    turn: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1))
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1 + MOST_WAITING))


_lanes = {True: Lane(), False: Lane()}


@contextmanager
def attempt(guesser: Guesser) -> Iterator[None]:
    """An attempt that is looked at inside, and counted as wrong until `was_right` says otherwise.

    Raises WaitError when it is not its time, or when too many wait for their turn.
    """
    with _turn(_lanes[guesser.known]):
        with transaction() as rows:
            wait = attempts.begin(rows, guesser.pair, guesser.wider, datetime.now(UTC))
        if wait:
            _count("refused")
            raise WaitError(wait)
        _count("looked_at")
        yield


@contextmanager
def _turn(lane: Lane) -> Iterator[None]:
    if not lane.places.acquire(blocking=False):
        _count("busy")
        raise WaitError(BUSY_S)
    try:
        if not lane.turn.acquire(timeout=LONGEST_TURN_S):
            _count("busy")
            raise WaitError(BUSY_S)
        try:
            yield
        finally:
            lane.turn.release()
    finally:
        lane.places.release()


def _count(result: str) -> None:
    with suppress(OSError):  # a full disk must not stop the answer
        _attempts.labels(result).inc()


def was_right(guesser: Guesser) -> None:
    """The attempt that is being looked at was right."""
    _count("right")
    with transaction() as rows:
        attempts.note_success(rows, guesser.pair, guesser.wider)


def at_sign_in(login: str, address: str) -> Guesser:
    """Whoever signs in: a browser where this login has signed in before is counted by itself."""
    login = login.strip().casefold()
    if device := _device(login):
        return Guesser(key(Guess.DEVICE, login, device), (), known=True)
    wider = (key(Guess.ACCOUNT, login), key(Guess.ADDRESS, address))
    return Guesser(key(Guess.PAIR, login, address), wider, known=False)


def at_settings(agent_id: int, session_id: str) -> Guesser:
    """Somebody signed in who types the own password again."""
    return Guesser(key(Guess.CURRENT, str(agent_id), session_id), (), known=True)


def _device(login: str) -> str | None:
    try:
        kept = _signer().loads(request.cookies.get(_cookie(login), ""), max_age=A_YEAR_S)
    except BadData:
        return None
    match kept:
        case [str(of), str(device)] if of == login:
            return device
    return None


def remember_browser(answer: Response, login: str) -> None:
    """Let others' wrong attempts not bear upon this browser, from which `login` signed in.

    The cookie opens nothing; see "device cookies" of OWASP.
    """
    login = login.strip().casefold()
    answer.set_cookie(
        _cookie(login),
        _signer().dumps([login, _device(login) or token_hex(16)]),
        A_YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _cookie(login: str) -> str:
    return f"known_{sha256(login.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known browser")
