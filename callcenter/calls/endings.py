"""Ends a usual call with two statements: one reads its turns, the other writes the result.

A call is usual if its caller neither waits nor is in a conversation, left no message, and needs no
callback. For other calls nothing is written, and callcenter.calls.call_log must end them.
"""

import json
from typing import NamedTuple

from callcenter.calls.call_log import StatusEvent
from callcenter.tickets import verdicts
from callcenter.tickets.verdicts import Verdict
from models import Outcome, Status
from models.statement import Ask, Row, Statement


class _Turn(NamedTuple):
    """A turn in the form that callcenter.tickets.verdicts judges, with its language."""

    node: str
    leads_to: str
    language: str
    topic: str | None
    kind: str | None
    credit: str | None


_READ = Statement("""
SELECT status NOT IN ('queued', 'ringing', 'in-progress'), language, opening, (
    SELECT coalesce(
        json_agg(json_build_array(node, leads_to, language, topic, kind, credit) ORDER BY step),
        '[]'
    ) FROM turns WHERE call_id = calls.id
)
FROM calls WHERE sid = %(sid)s
""")

_LOCK = Statement("""
SELECT FROM calls JOIN tickets ON tickets.call_id = calls.id
WHERE sid = %(sid)s AND callback_id IS NULL AND in_hands_since IS NULL
  AND calls.status IN ('queued', 'ringing', 'in-progress')
FOR NO KEY UPDATE
""")

# Once the call is locked no turn can be added. So comparing the number of turns shows whether the
# verdict has judged all of them.
_END = Statement(
    """
WITH call AS (
    UPDATE calls SET
        status = %(status)s,
        status_sequence = greatest(status_sequence, %(sequence)s::int),
        ended_at = greatest(%(at)s::timestamptz, started_at),
        duration_s = %(duration_s)s,
        language = %(language)s::text
    FROM tickets
    WHERE sid = %(sid)s AND tickets.call_id = calls.id
      AND (SELECT count(*) FROM turns WHERE call_id = calls.id) = %(turns)s::int
      AND NOT EXISTS (SELECT FROM waiting WHERE call_id = calls.id AND left_at IS NULL)
      AND NOT EXISTS (SELECT FROM talks WHERE call_id = calls.id AND ended_at IS NULL)
      AND NOT EXISTS (SELECT FROM recordings WHERE call_id = calls.id)
      AND NOT EXISTS (SELECT FROM callbacks WHERE ticket_id = tickets.id)
    RETURNING calls.id, calls.ended_at
)
UPDATE tickets SET
    topic = %(topic)s,
    kind = %(kind)s,
    outcome = %(outcome)s,
    left_at = %(left_at)s,
    language = %(language)s::text,
    status = %(status_of_ticket)s,
    resolved_during_call = %(resolved_during_call)s::bool,
    resolved_at = CASE WHEN %(is_resolved)s::bool THEN call.ended_at END,
    answered_at = call.ended_at,
    due_at = NULL
FROM call WHERE tickets.call_id = call.id
RETURNING tickets.id
""",
    behind=_LOCK,
)


def end_call(ask: Ask, sid: str, event: StatusEvent) -> bool:
    """End the inbound call `sid` and judge its ticket; whether that was all that is to be done."""
    if not event.status.is_final:
        return False
    row = ask(_READ, {"sid": sid})
    if row is None:
        return False
    is_over, language, opening, turns = _read(row)
    if is_over:
        return True
    verdict = verdicts.judge(opening, turns, message_left=False)
    if verdict.outcome is Outcome.LEFT_OPEN:
        return False
    language = turns[-1].language if turns else language
    values = {"sid": sid, "language": language, "turns": len(turns)}
    return ask(_END, values | vars(event) | _of_ticket(verdict)) is not None


def _read(row: Row) -> tuple[bool, str, dict[str, object], list[_Turn]]:
    is_over, language, opening, turns = (value or b"" for value in row)
    told = [_Turn(*turn) for turn in json.loads(turns)]
    return is_over == b"t", language.decode(), json.loads(opening), told


def _of_ticket(verdict: Verdict) -> dict[str, object]:
    """The ticket's columns that follow from `verdict`."""
    return {
        "topic": verdict.topic,
        "kind": verdict.kind,
        "outcome": verdict.outcome,
        "left_at": verdict.left_at,
        "status_of_ticket": verdict.status,
        "resolved_during_call": verdict.outcome is Outcome.RESOLVED_BY_LINE,
        "is_resolved": verdict.status is Status.RESOLVED,
    }
