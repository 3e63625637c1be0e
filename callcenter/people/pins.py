"""Personal PINs that identify supervisors on the telephone, and the limits on guessing them.

There are only a million PINs, so limits protect them. After 5 wrong PINs in 15 minutes, a caller's
number is refused. After 20 wrong PINs in an hour from all numbers together, every number is
refused except known ones, so forging numbers allows 20 guesses an hour. A number is known if a
right PIN came from it in the last 90 days. Known numbers keep their own limit of 5, so an attack
does not lock out supervisors, and forging a known number gains at most 5 guesses.
"""

import logging
import re
import secrets
from datetime import datetime, timedelta
from itertools import pairwise

from argon2.low_level import Type, hash_secret
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from callcenter.callers.identity import is_number
from callcenter.privacy import encryption
from models import Agent, Kind, PinAttempt, Role, Ticket

log = logging.getLogger(__name__)

DIGITS = 6
MOST_OF_A_CALLER, OF_A_CALLER = 5, timedelta(minutes=15)
MOST_OF_ALL, OF_ALL = 20, timedelta(hours=1)
KNOWN_FOR = timedelta(days=90)
_KEPT = timedelta(days=1)
_ONE_AT_A_TIME = 0x9147


def is_pin(digits: str) -> bool:
    return re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits) is not None


def new_pin() -> str:
    """A random PIN without an easy pattern."""
    while _is_easy(pin := f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"):
        pass
    return pin


def _is_easy(pin: str) -> bool:
    """Whether the PIN is a run, a repetition, a mirror, pairs, or has at most two digits."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    halves = pin[:3] in (pin[3:], pin[:2:-1]) or pin[::2] == pin[1::2]
    return len(steps) == 1 or len(set(pin)) <= 2 or halves


def set_pin(session: Session, agent: Agent, pin: str) -> None:
    """Set the PIN of a supervisor.

    Raises ValueError with a sentence. The sentence is the same for an easy PIN and for one that
    another person has, because a different one would reveal that PIN.
    """
    if agent.role is not Role.SUPERVISOR:
        raise ValueError("Only supervisors have a PIN.")
    if not is_pin(pin):
        raise ValueError(f"A PIN has {DIGITS} digits.")
    hashed = _hashed(pin)
    _wait_for_others(session)
    taken = select(Agent.id).where(Agent.pin == hashed, Agent.id != agent.id)
    if _is_easy(pin) or session.scalar(taken):
        raise ValueError("This PIN cannot be used: choose another one.")
    agent.pin = hashed
    session.flush()


def _wait_for_others(session: Session) -> None:
    """Take a lock until the transaction ends: parallel calls cannot pass a limit together."""
    session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def _hashed(pin: str) -> str:
    """The hash that a row keeps: argon2 over a keyed hash (`encryption.mark`) of the PIN.

    All PINs have the same salt, so one hash is enough to find the supervisor while a webhook
    waits. Separate salts would not protect a million PINs against trying all. The key does: without
    it a stolen table is useless.
    """
    hashed = hash_secret(
        secret=encryption.mark(b"PIN " + pin.encode()),
        salt=encryption.mark(b"salt of PINs")[:16],
        time_cost=2,
        memory_cost=19 * 1024,  # KiB
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
    return hashed.decode()


def has_pin(agent: Agent, pin: str) -> bool:
    """Whether the PIN is this person's."""
    return agent.pin == _hashed(pin)


def is_refused(session: Session, caller: str, now: datetime) -> bool:
    """Whether every PIN from `caller`, right or wrong, is refused now."""
    if _wrong(session, now - OF_A_CALLER, caller) >= MOST_OF_A_CALLER:
        return True
    return _wrong(session, now - OF_ALL) >= MOST_OF_ALL and not _is_known(session, caller, now)


def _wrong(session: Session, since: datetime, caller: str | None = None) -> int:
    wrong = select(func.count()).where(PinAttempt.at > since)
    if caller is not None:
        wrong = wrong.where(PinAttempt.caller == caller)
    return session.scalar(wrong) or 0


def _is_known(session: Session, caller: str, now: datetime) -> bool:
    """Whether a right PIN came from this number within KNOWN_FOR; never for a withheld number."""
    right = select(Ticket.id).where(
        Ticket.caller == caller, Ticket.kind == Kind.INTERNAL, Ticket.opened_at > now - KNOWN_FOR
    )
    return is_number(caller) and session.scalar(right.limit(1)) is not None


def check_pin(session: Session, caller: str, pin: str, now: datetime) -> Agent | None:
    """The active supervisor with this PIN. None for a wrong PIN, and while `caller` is refused.

    A wrong PIN is counted; a refused attempt is not.
    """
    hashed = _hashed(pin)
    _wait_for_others(session)
    if is_refused(session, caller, now):
        return None
    supervisors = (Agent.role == Role.SUPERVISOR, Agent.active)
    agent = session.scalar(select(Agent).where(Agent.pin == hashed, *supervisors))
    if agent is None:
        session.execute(delete(PinAttempt).where(PinAttempt.at < now - _KEPT))
        session.add(PinAttempt(caller=caller, at=now))
        session.flush()
        if _wrong(session, now - OF_ALL) >= MOST_OF_ALL:
            log.warning("%d wrong PINs within an hour: the telephone is closed", MOST_OF_ALL)
    return agent
