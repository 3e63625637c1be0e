"""What holds of every call, whoever makes it, and however its requests arrive."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.calendar.deadlines import answer_due
from callcenter.tickets.ticket_numbers import new_number
from carrier.clocks import Doing
from carrier.network import Network
from carrier.webhooks import Request
from ivr.transitions import MAX_STEPS
from models import Call, Callback, Outcome, Recording, Status, TextMessage, Ticket, Turn, Waiting
from models.session import transaction
from tests.conversations.callers import Caller

SILENCE, MESSAGE = " ", "message"
PESEL = "44051401359"
STUBBORN = st.sampled_from([*"123456789*#", SILENCE, MESSAGE, PESEL, "12#", new_number()])
ANYBODY = st.sampled_from([*"0123456789*#", SILENCE, MESSAGE, PESEL, "123456784"])
NUMBERS = st.sampled_from(["+4850{:07}", "+4822{:07}", "anonymous", "sip:{}@example.org"])

calls_so_far = count(1000000)
T = TypeVar("T", bound=Callable[..., Any])


def tried(times: int) -> Callable[[T], T]:
    """The same line and network serve all callers of a property."""
    return settings(
        max_examples=times,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def _somebody(network: Network, number: str = "+4850{:07}") -> Caller:
    return Caller.of(network, number.format(next(calls_so_far)))


def _does(caller: Caller, action: str) -> None:
    """One thing that a human does; digits that are not enough are followed by silence."""
    asked = caller.requests_made
    if action == SILENCE:
        caller.waits()
    elif caller.is_doing(Doing.RECORDING):
        caller.speaks(4) if action == MESSAGE else caller.presses(action[0])
    else:
        caller.types("3" if action == MESSAGE else action)
    if caller.is_up and caller.requests_made == asked:
        caller.waits()


@tried(14)
@given(number=NUMBERS, actions=st.lists(STUBBORN, min_size=70, max_size=70))
def test_nobody_gets_stuck(network: Network, number: str, actions: list[str]) -> None:
    """Within sixty steps a caller who never asks for a consultant has one, or a goodbye."""
    caller = _somebody(network, number)
    caller.dials()
    done = 0
    while caller.is_up and not caller.is_waiting():
        assert done <= MAX_STEPS + 5, f"still in the menus after {actions[:done]}"
        _does(caller, actions[done])
        done += 1
    if caller.is_up:
        caller.hangs_up()
    _is_consistent(caller)


@tried(14)
@given(number=NUMBERS, actions=st.lists(ANYBODY, max_size=25))
def test_every_call_is_one_ticket(network: Network, number: str, actions: list[str]) -> None:
    """Whatever is pressed, in the queue too, and whenever the caller goes."""
    caller = _somebody(network, number)
    caller.dials()
    for action in actions:
        if caller.is_up:
            _does(caller, action)
    if caller.is_up:
        assert (caller.ticket().outcome, caller.ticket().status) == (None, Status.OPEN)
        caller.hangs_up()
    _is_consistent(caller)


def _is_consistent(caller: Caller) -> None:
    assert not caller.errors
    ticket = caller.ticket()
    turns = caller.turns()
    topics = [turn.topic for turn in turns if turn.topic]
    assert ticket.topic == (topics[-1] if topics else None)
    assert ticket.language == (turns[-1].language if turns else "pl")
    is_open = ticket.outcome is Outcome.LEFT_OPEN
    is_resolved = ticket.outcome is Outcome.RESOLVED_BY_LINE
    assert is_open or is_resolved or ticket.outcome in (Outcome.GUIDED, Outcome.ABANDONED)
    assert (ticket.status is Status.OPEN) is is_open
    assert (ticket.status is Status.RESOLVED) is is_resolved
    assert ticket.resolved_during_call is is_resolved
    assert ticket.due_at == (answer_due(ticket.opened_at) if is_open else None)
    assert (ticket.resolved_at is not None) is is_resolved
    assert is_open is any(turn.credit == Outcome.LEFT_OPEN for turn in turns)
    mobile = caller.number.startswith("+4850")
    assert ("ticket-number" in [text.purpose for text in caller.texts()]) is (is_open and mobile)
    with transaction() as session:
        still = select(Waiting).where(Waiting.call_id == ticket.call_id, Waiting.left_at.is_(None))
        assert session.scalars(still).all() == []


# The same requests, in another way


@tried(10)
@given(actions=st.lists(ANYBODY, max_size=12), data=st.data())
def test_repeated_requests_leave_the_same_rows(
    network: Network, actions: list[str], data: st.DataObject
) -> None:
    """Each request comes as the call made it, and any of them again at any time afterwards."""
    recorded = _recorded(network, actions)
    order: list[int] = []
    for number in range(len(recorded)):
        order.append(number)
        order += data.draw(st.lists(st.integers(0, number), max_size=3))
    again = _sent_as_another_call(network, recorded, order)
    assert _rows(again, in_full=True) == _rows(recorded[0].call_sid, in_full=True)


@tried(12)
@given(actions=st.lists(ANYBODY, max_size=10), data=st.data())
def test_requests_in_any_order_leave_the_same_rows(
    network: Network, actions: list[str], data: st.DataObject
) -> None:
    """The log and the ticket come out alike.

    What cannot: where a step that overtakes its predecessor leads. What was typed or found before
    it is not known yet when it arrives, so an action that needs it answers otherwise, and who is
    let out of the queue before the key is known that asked for it is led to the message. The
    carrier plays the next document only after the answer to the last, so no caller hears of it.
    """
    recorded = _recorded(network, actions)
    order = data.draw(st.permutations(range(len(recorded))))
    order += data.draw(st.lists(st.integers(0, len(recorded) - 1), max_size=8))
    again = _sent_as_another_call(network, recorded, order)
    assert _rows(again) == _rows(recorded[0].call_sid)


def _recorded(network: Network, actions: list[str]) -> list[Request]:
    """All webhooks of a call in which these things are done."""
    caller = _somebody(network)
    caller.dials()
    for action in actions:
        if caller.is_up:
            _does(caller, action)
    if caller.is_up:
        caller.hangs_up()
    assert not caller.errors
    return [sent.request for sent in caller.requests]


def _sent_as_another_call(network: Network, recorded: list[Request], order: list[int]) -> str:
    """The requests in that order, as those of a new call from a number that never called."""
    sid, number = "CA" + secrets.token_hex(16), f"+4850{next(calls_so_far):07}"
    mark = secrets.token_hex(4)
    renamed = [_renamed(request, sid, number, mark) for request in recorded]
    for at in order:
        answer = network.post_office.send(renamed[at])
        assert answer.status in (200, 204)
    return sid


def _renamed(request: Request, sid: str, number: str, mark: str) -> Request:
    form = {**request.form, "CallSid": sid, "From": number, "Caller": number}
    if "RecordingSid" in form:
        form["RecordingSid"] = form["RecordingSid"][: -len(mark)] + mark
    return replace(request, form=form, token=secrets.token_hex(8))


def _rows(sid: str, in_full: bool = False) -> dict[str, Any]:
    """What the tables hold of a call, apart from ids, numbers and times."""
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.sid == sid)).one()
        ticket = session.scalars(select(Ticket).where(Ticket.call_id == call.id)).one()
        turns = session.scalars(select(Turn).where(Turn.call_id == call.id).order_by(Turn.step))
        kept = [_kept(turn, in_full) for turn in turns]
        recordings = select(Recording.status, Recording.duration_s)
        texts = select(TextMessage.purpose).where(TextMessage.ticket_id == ticket.id)
        callbacks = select(Callback.id).where(Callback.ticket_id == ticket.id)
        waiting = select(Waiting.how, Waiting.left_at).where(Waiting.call_id == call.id)
        ways = session.execute(waiting.order_by(Waiting.id)).all()
        rows: dict[str, Any] = {
            "call": (call.status, call.duration_s, call.language),
            "ticket": (ticket.status, ticket.outcome, ticket.topic, ticket.kind),
            "more": (ticket.language, ticket.resolved_during_call, ticket.left_at is None),
            "dates": (ticket.due_at is None, ticket.resolved_at is None, ticket.pesel is None),
            "turns": kept,
            "recordings": session.execute(
                recordings.where(Recording.call_id == call.id).order_by(Recording.duration_s)
            ).all(),
            "callbacks": len(session.scalars(callbacks).all()),
            "still waiting": [how for how, left_at in ways if left_at is None],
        }
        if in_full:
            rows |= {
                "opening": call.opening,
                "left at": ticket.left_at,
                "waiting": [how for how, _ in ways],
                "texts": session.scalars(texts.order_by(TextMessage.id)).all(),
            }
        return rows


def _kept(turn: Turn, in_full: bool) -> tuple[Any, ...]:
    said = (turn.step, turn.node, turn.input, turn.topic, turn.kind, turn.credit, turn.language)
    if not in_full:
        return said
    drawn = ("number", "recording")
    says = {name: value for name, value in turn.says.items() if name not in drawn}
    return (*said, turn.result, turn.leads_to, turn.tries, tuple(turn.spoken), str(says))
