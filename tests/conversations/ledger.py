"""Holds a call as the telephone lived it against the rows that the line wrote of it."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from carrier.call import Call as Leg
from carrier.call import Direction
from carrier.network import Network
from ivr.flows import SCRIPT
from ivr.script import Ask, Place, Record, Talk, Transfer, Wait
from ivr.turns import BULLETS
from models import Call, Ticket, Turn
from models.session import transaction

QUEUE_RESULTS = {"leave", "bridged", "hangup", "queue-full", "system-error", "error"}
ANY_KEYS = "[0-9*#]*"


def balance(network: Network) -> list[str]:
    """What does not agree in the inbound calls of the network, a sentence each."""
    calls = [leg for leg in network.calls.values() if leg.direction is Direction.INBOUND]
    return [f"{leg.human}: {fault}" for leg in calls for fault in _faults(leg)]


def _faults(leg: Leg) -> Iterable[str]:
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.sid == leg.sid)).one()
        wanted = select(Turn).where(Turn.call_id == call.id).order_by(Turn.step)
        turns = session.scalars(wanted).all()
        ticket = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()
        count = session.scalar(select(func.count()).where(Ticket.caller == call.caller))
    if leg.errors:
        yield f"the carrier heard faults: {leg.errors}"
    if call.status != leg.status.value:
        yield f"the call is {leg.status.value}, its row says {call.status}"
    if leg.is_up is not (ticket.outcome is None):
        yield f"the call is {leg.status.value}, its ticket's outcome {ticket.outcome} ({count})"
    yield from gaps(turns)
    keys = "".join(entry.data["digit"] for entry in leg.entries if entry.kind == "key")
    if not re.fullmatch(expected(turns), keys):
        yield f"pressed {keys}, logged {[(turn.node, turn.input) for turn in turns]}"


def gaps(turns: Sequence[Turn]) -> Iterable[str]:
    """Steps rise by one; behind a transfer the step of the waiting loop is left out, unless the
    caller left the loop by a key."""
    before = 0
    after_transfer = False
    for turn in turns:
        if turn.step != before + 1 and not (after_transfer and turn.step == before + 2):
            yield f"step {turn.step} follows step {before}"
        before, after_transfer = turn.step, isinstance(_node(turn), Transfer)


def expected(turns: Sequence[Turn]) -> str:
    """The keys that the turns allow, as a pattern: digits that were typed may end with #, keys
    pressed while waiting are turns only when they lead somewhere, and a key that ends an empty
    recording is never sent."""
    pattern = ""
    for turn in turns:
        match _node(turn):
            case Wait():
                pattern += re.escape(turn.input)
            case Transfer() | Talk():
                pattern += ANY_KEYS
            case _ if turn.input == BULLETS:
                pattern += r"[\d*#]+"
            case Ask():
                pattern += re.escape(turn.input) + "#?"
            case Record() if not turn.input:
                pattern += "[0-9*#]?"
            case _:
                pattern += re.escape(turn.input)
    return pattern + (ANY_KEYS if turns and _leads_to_waiting(turns[-1]) else "")


def _node(turn: Turn) -> object:
    flow, _, node = turn.node.partition("/")
    return SCRIPT.node(Place(flow, node))


def _leads_to_waiting(turn: Turn) -> bool:
    flow, _, node = turn.leads_to.partition("/")
    return isinstance(SCRIPT.node(Place(flow, node)), Transfer)
