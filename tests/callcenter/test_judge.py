"""The verdict on a ticket: a pure function of the call's turns."""

import pytest

from callcenter.tickets.verdicts import judge
from models import Kind, Outcome, Topic, Turn


def turn(node: str, leads_to: str, **more: str) -> Turn:
    return Turn(node=node, leads_to=leads_to, language="pl", **more)


CHOSE = turn("login/menu", "login/locked", topic=Topic.LOGIN_LOCKED)
GUIDED = turn("login/forgotten", "login/solved", topic=Topic.ABOUT, credit=Outcome.GUIDED)
ELSEWHERE = turn("login/solved", "main/menu")
AGAIN = turn("login/solved", "login/solved")
LEFT = turn("report/tone", "kept/number", credit=Outcome.LEFT_OPEN)
COMPLAINS = turn("existing/complaint", "existing/tone", kind=Kind.COMPLAINT)
PIN = turn("supervisor/pin", "switching/state", credit=Outcome.INTERNAL, kind=Kind.INTERNAL)
REPORTS = turn("report/menu", "report/describe", topic=Topic.ERROR_REPORT)


@pytest.mark.parametrize(
    ("turns", "message", "outcome", "topic", "kind"),
    [
        ([], False, Outcome.ABANDONED, None, Kind.UNKNOWN),
        ([], True, Outcome.LEFT_OPEN, None, Kind.UNKNOWN),
        ([CHOSE], False, Outcome.ABANDONED, Topic.LOGIN_LOCKED, Kind.SERVICE_REQUEST),
        ([GUIDED], False, Outcome.GUIDED, Topic.ABOUT, Kind.INFORMATION),
        ([GUIDED, AGAIN], False, Outcome.GUIDED, Topic.ABOUT, Kind.INFORMATION),
        ([GUIDED, ELSEWHERE], False, Outcome.ABANDONED, Topic.ABOUT, Kind.INFORMATION),
        ([GUIDED, CHOSE], False, Outcome.ABANDONED, Topic.LOGIN_LOCKED, Kind.SERVICE_REQUEST),
        ([REPORTS, LEFT], False, Outcome.LEFT_OPEN, Topic.ERROR_REPORT, Kind.INCIDENT),
        ([LEFT, ELSEWHERE], False, Outcome.LEFT_OPEN, None, Kind.UNKNOWN),
        ([LEFT, GUIDED], False, Outcome.LEFT_OPEN, Topic.ABOUT, Kind.INFORMATION),
        ([COMPLAINS, LEFT], False, Outcome.LEFT_OPEN, None, Kind.COMPLAINT),
        ([COMPLAINS], True, Outcome.LEFT_OPEN, None, Kind.COMPLAINT),
        ([COMPLAINS], False, Outcome.ABANDONED, None, Kind.UNKNOWN),
        ([PIN], False, Outcome.INTERNAL, None, Kind.INTERNAL),
        ([CHOSE, PIN, ELSEWHERE], True, Outcome.INTERNAL, None, Kind.INTERNAL),
        ([PIN, REPORTS, LEFT], True, Outcome.INTERNAL, None, Kind.INTERNAL),
        ([COMPLAINS, REPORTS, LEFT], False, Outcome.LEFT_OPEN, Topic.ERROR_REPORT, Kind.INCIDENT),
        ([COMPLAINS, LEFT, REPORTS], False, Outcome.LEFT_OPEN, Topic.ERROR_REPORT, Kind.COMPLAINT),
    ],
)
def test_the_verdict(
    turns: list[Turn], message: bool, outcome: Outcome, topic: Topic | None, kind: Kind
) -> None:
    verdict = judge({}, turns, message)
    assert (verdict.outcome, verdict.topic, verdict.kind) == (outcome, topic, kind)
    assert verdict.left_at == (turns[-1].leads_to if turns else None)


def test_a_call_without_a_turn_was_left_at_its_first_words() -> None:
    assert judge({"leads_to": "main/welcome"}, [], False).left_at == "main/welcome"


def test_an_outage_that_was_heard_is_the_outcome() -> None:
    opening = {"leads_to": "outage/message", "topic": "outage", "credit": "informed_of_outage"}
    verdict = judge(opening, [], False)
    assert (verdict.topic, verdict.kind) == (Topic.OUTAGE, Kind.OUTAGE)
    assert verdict.outcome is Outcome.INFORMED_OF_OUTAGE
