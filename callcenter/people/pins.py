"""Personal PINs by which supervisors are known on the telephone, and what limits guessing them.

A million PINs are few: what protects them is the limit. Five wrong ones in a quarter of an hour
close the telephone to a number, twenty in an hour to everybody, so that a guesser who forges
numbers tries at most twenty an hour. Then only numbers from which a right PIN came of late may go
on, within their own limit, so that a guesser does not take the telephone away from those who need
it at night: whoever forges such a number gains no more than that number's five.
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
    """A PIN that nobody would guess first."""
    while _is_easy(pin := f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"):
        pass
    return pin


def _is_easy(pin: str) -> bool:
    """Whether the PIN is a run, a repetition, a mirror, pairs, or has at most two digits."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    halves = pin[:3] in (pin[3:], pin[:2:-1]) or pin[::2] == pin[1::2]
    return len(steps) == 1 or len(set(pin)) <= 2 or halves


def set_pin(session: Session, agent: Agent, pin: str) -> None:
    """Let the supervisor be known by `pin` on the telephone.

    Raises ValueError with a sentence. It does not tell a PIN that is easy from one that somebody
    else has: that would give it away.
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
    """One PIN at a time until the commit: many calls at once do not get past a limit together."""
    session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def _hashed(pin: str) -> str:
    """The PIN as its row has it: argon2 over a mark that needs the data key.

    One salt serves all, so that a PIN is looked up at the cost of one hash, however many
    supervisors there are: a webhook waits for it. A salt of each would keep nobody longer from
    trying a million PINs; what does is that a stolen table is worth nothing without the key.
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
    """Whether no PIN is taken from `caller` now, right or wrong."""
    if _wrong(session, now - OF_A_CALLER, caller) >= MOST_OF_A_CALLER:
        return True
    return _wrong(session, now - OF_ALL) >= MOST_OF_ALL and not _is_known(session, caller, now)


def _wrong(session: Session, since: datetime, caller: str | None = None) -> int:
    wrong = select(func.count()).where(PinAttempt.at > since)
    if caller is not None:
        wrong = wrong.where(PinAttempt.caller == caller)
    return session.scalar(wrong) or 0


def _is_known(session: Session, caller: str, now: datetime) -> bool:
    """Whether a right PIN came from this number of late. Withheld numbers are never known."""
    right = select(Ticket.id).where(
        Ticket.caller == caller, Ticket.kind == Kind.INTERNAL, Ticket.opened_at > now - KNOWN_FOR
    )
    return is_number(caller) and session.scalar(right.limit(1)) is not None


def check_pin(session: Session, caller: str, pin: str, now: datetime) -> Agent | None:
    """The supervisor whose PIN it is; None for a wrong one, which is counted, and when refused."""
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
