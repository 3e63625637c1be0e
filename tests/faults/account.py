"""What the telephones lived through, held against the rows: one by one, both ways."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

import words
from callcenter.outbound.dial_policy import may_text
from carrier.call import Call as Leg
from carrier.call import Direction
from carrier.webhooks import Exchange, Kind
from ivr.flows import SCRIPT
from ivr.script import Ask, Menu, Place, Say
from ivr.turns import BULLETS
from models import Call, Callback, Job, Outcome, Recording, Status, TextMessage, Ticket, Turn
from tests.conversations.ledger import expected, gaps
from tests.faults.fleet import PESEL
from tests.faults.stack import Stack
from words.spoken import digits

SLOW_SECONDS: Final = 2.0
STEP: Final = re.compile(r"/voice/(?:pl|en|uk)/(\w+)/(\w+)")
SPOKEN_NUMBER: Final = re.compile(r"\d \d \d, \d \d \d, \d \d \d")


class What(StrEnum):
    """What can be wrong between a telephone and the rows."""

    TICKET_LOST = "ticket lost"
    TICKET_DOUBLED = "ticket doubled"
    TURN_LOST = "turn lost"
    STATE = "wrong state"
    PROMISE = "promise broken"
    JOB_LOST = "job lost"
    JOB_DOUBLED = "job doubled"


@dataclass(frozen=True)
class Discrepancy:
    """One thing that does not agree, in words."""

    what: What
    words: str

    def __str__(self) -> str:
        return f"{self.what}: {self.words}"


@dataclass
class Account:
    """What a fault did to a fleet of callers, and to the rows."""

    fault: str
    calls: int
    errors: int
    apologies: int
    times: Sequence[float] = field(repr=False)
    discrepancies: Sequence[Discrepancy] = ()

    @property
    def held(self) -> int:
        """Calls that went to an end of their own."""
        return self.calls - self.errors

    @property
    def slow(self) -> int:
        return sum(seconds > SLOW_SECONDS for seconds in self.times)

    @property
    def p99(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.99)] if self.times else 0.0

    @property
    def worst(self) -> float:
        return max(self.times, default=0.0)

    def count(self, *what: What) -> int:
        counted = Counter(one.what for one in self.discrepancies)
        return sum(counted[one] for one in what)


def account(fault: str, stack: Stack) -> Account:
    """Hold every telephone call of the stack's network against its database."""
    legs = [leg for leg in stack.network.calls.values() if leg.direction is Direction.INBOUND]
    with Session(stack.engine) as session:
        found = [*_of_calls(session, stack, legs), *_of_jobs(session, stack)]
    return Account(
        fault,
        calls=len(legs),
        errors=sum(_broke(leg) for leg in legs),
        apologies=sum(_was_apologised_to(leg) for leg in legs),
        times=list(stack.wire.seconds),
        discrepancies=found,
    )


def _broke(leg: Leg) -> bool:
    """The caller heard the carrier's own error."""
    return leg.end_reason == "application error"


def _was_apologised_to(leg: Leg) -> bool:
    said = {words.say(language, "notice-trouble") for language in words.LANGUAGES}
    return any(piece.text in said for piece in leg.heard)


# Calls --------------------------------------------------------------------------------------


def _of_calls(session: Session, stack: Stack, legs: Sequence[Leg]) -> Iterator[Discrepancy]:
    sent: dict[str, list[Exchange]] = {leg.sid: [] for leg in legs}
    for exchange in stack.network.post_office.sent:
        sent.setdefault(exchange.request.call_sid, []).append(exchange)
    rows = {call.sid: call for call in session.scalars(select(Call))}
    for leg in legs:
        if call := rows.pop(leg.sid, None):
            yield from _of_call(session, leg, call, sent[leg.sid])
        else:
            yield Discrepancy(What.TICKET_LOST, f"no call {leg.sid} of {leg.human}")
    for call in rows.values():
        yield Discrepancy(What.TICKET_DOUBLED, f"nobody made the call {call.sid}")


def _of_call(
    session: Session, leg: Leg, call: Call, sent: Sequence[Exchange]
) -> Iterator[Discrepancy]:
    tickets = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).all()
    if not tickets:
        yield Discrepancy(What.TICKET_LOST, f"no ticket of {leg.sid}")
        return
    ticket = tickets[0]
    turns = session.scalars(select(Turn).where(Turn.call_id == call.id).order_by(Turn.step)).all()
    if call.status.value != leg.status.value:
        yield Discrepancy(What.STATE, f"{leg.sid} is {leg.status.value}, its row {call.status}")
    elif ticket.outcome is None:
        yield Discrepancy(What.STATE, f"{leg.sid} is over, its ticket has no outcome")
    yield from _of_turns(leg, turns, sent)
    yield from _of_promises(session, leg, ticket, turns)


def _of_turns(leg: Leg, turns: Sequence[Turn], sent: Sequence[Exchange]) -> Iterator[Discrepancy]:
    """Every answered step is a turn, and every turn was a step."""
    lost = partial(Discrepancy, What.TURN_LOST)
    known = {turn.step: turn for turn in turns}
    asked = {step: place for exchange in sent for step, place, _ in _steps(exchange)}
    for exchange in sent:
        for step, place, must_be in _steps(exchange):
            turn = known.get(step)
            if must_be and turn is None:
                yield lost(f"{leg.sid} answered {place} at step {step}: no turn")
            elif must_be and turn and (turn.node != place or turn.input not in _inputs(exchange)):
                yield lost(f"{leg.sid} answered {place}, step {step}: {turn.node} {turn.input}")
    for turn in turns:
        # Behind a transfer the turn that leaves it bears the step of the waiting loop.
        if turn.step not in asked and turn.step - 1 not in asked:
            yield Discrepancy(What.STATE, f"{leg.sid} never was at step {turn.step} ({turn.node})")
        if PESEL in turn.input:
            yield Discrepancy(What.STATE, f"{leg.sid} has a PESEL in clear")
    if not _broke(leg) and not _was_apologised_to(leg):
        yield from (lost(f"{leg.sid}: {gap}") for gap in gaps(turns))
        keys = "".join(entry.data["digit"] for entry in leg.entries if entry.kind == "key")
        if not re.fullmatch(expected(turns), keys):
            logged = [(turn.step, turn.node, turn.input) for turn in turns]
            yield lost(f"{leg.sid} pressed {keys}, logged {logged}")


def _steps(exchange: Exchange) -> Iterator[tuple[int, str, bool]]:
    """The step that a webhook was about, its place, and whether its answer promises a turn."""
    parts = urlsplit(exchange.url)
    found = STEP.fullmatch(parts.path)
    if exchange.request.kind not in (Kind.VOICE, Kind.WAIT) or not found:
        return
    place = f"{found[1]}/{found[2]}"
    is_asked = isinstance(SCRIPT.node(Place(found[1], found[2])), Menu | Ask | Say)
    step = int(parse_qs(parts.query)["step"][0])
    yield step, place, is_asked and exchange.status == 200 and not _apologises(exchange)


def _apologises(exchange: Exchange) -> bool:
    return any(
        words.say(language, "notice-trouble") in exchange.body for language in words.LANGUAGES
    )


def _inputs(exchange: Exchange) -> tuple[str, ...]:
    """What the log may have of it: a single key, or digits that may be kept from it."""
    typed = exchange.form.get("Digits", "")
    return (typed, BULLETS) if len(typed) > 1 else (typed,)


def _of_promises(
    session: Session, leg: Leg, ticket: Ticket, turns: Sequence[Turn]
) -> Iterator[Discrepancy]:
    """What the caller was told is so."""
    broken = partial(Discrepancy, What.PROMISE)
    heard = [piece.text for piece in leg.heard]
    numbers = {digits(ticket.number)} | {
        digits(turn.says["ticket"]) for turn in turns if "ticket" in turn.says
    }
    told = {number for text in heard for number in SPOKEN_NUMBER.findall(text)}
    if told - numbers:
        yield broken(f"{leg.sid} was told {told}, its ticket is {ticket.number}")
    if _heard(heard, "goodbye-solved") and ticket.outcome is not Outcome.RESOLVED_BY_LINE:
        yield broken(f"{leg.sid} was solved by the line, its ticket is {ticket.outcome}")
    if _heard(heard, "goodbye-kept") and ticket.outcome is not Outcome.LEFT_OPEN:
        yield broken(f"{leg.sid} was to be kept open, its ticket is {ticket.outcome}")
    is_finished = ticket.status is not Status.OPEN
    if _heard(heard, "account-pesel-noted") and ticket.pesel is None and not is_finished:
        yield broken(f"{leg.sid} gave a PESEL, its ticket has none")
    texts = select(TextMessage.purpose).where(TextMessage.ticket_id == ticket.id)
    purposes = session.scalars(texts).all()
    if _heard(heard, "address-sent") and not any(one.startswith("address") for one in purposes):
        yield broken(f"{leg.sid} was promised an address by SMS")
    is_open = ticket.outcome is Outcome.LEFT_OPEN
    if is_open and may_text(ticket.caller) and "ticket-number" not in purposes:
        yield broken(f"{leg.sid} gets no number by SMS")
    if _heard(heard, "consultant-callback-kept", line_out="no"):
        wished = select(Callback.id).where(Callback.ticket_id == ticket.id)
        if session.scalar(wished) is None:
            yield Discrepancy(What.JOB_LOST, f"{leg.sid} is not called back")


def _heard(texts: Sequence[str], message: str, **variables: str) -> bool:
    said = [words.say(language, message, **variables) for language in words.LANGUAGES]
    return any(one in text for one in said for text in texts)


# What the line does for callers --------------------------------------------------------------


def _of_jobs(session: Session, stack: Stack) -> Iterator[Discrepancy]:
    for job in session.scalars(select(Job).where(Job.done_at.is_(None))):
        yield Discrepancy(What.JOB_LOST, f"{job.function} {job.argument} not done: {job.fault}")
    yield from _of_texts(session, stack)
    yield from _of_recordings(session, stack)


def _of_texts(session: Session, stack: Stack) -> Iterator[Discrepancy]:
    delivered = {message.sid: message for message in stack.network.messages}
    for text in session.scalars(select(TextMessage)):
        if text.sid and delivered.pop(text.sid, None):
            continue
        if not text.refused:
            yield Discrepancy(What.JOB_LOST, f"SMS {text.id} ({text.purpose}) was never delivered")
    for message in delivered.values():
        yield Discrepancy(What.JOB_DOUBLED, f"SMS {message.sid} is of no row: {message.body!r}")


def _of_recordings(session: Session, stack: Stack) -> Iterator[Discrepancy]:
    rows = {recording.sid: recording for recording in session.scalars(select(Recording))}
    for recording in stack.network.recordings.values():
        row = rows.pop(recording.sid, None)
        if recording.seconds and (row is None or not _is_kept(stack, row)):
            state = row.status if row else "unknown"
            yield Discrepancy(What.JOB_LOST, f"the recording {recording.sid} is {state}")
    for row in rows.values():
        yield Discrepancy(What.JOB_DOUBLED, f"nobody spoke the recording {row.sid}")


def _is_kept(stack: Stack, row: Recording) -> bool:
    return row.file is not None and (stack.home / "recordings" / row.file).exists()
