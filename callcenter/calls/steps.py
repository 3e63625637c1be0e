"""The usual steps of a call, each as one SQL statement.

A statement writes everything that callcenter.calls.call_log and callcenter.tickets.lifecycle would
write, or nothing. If it writes nothing, the step is not usual and those modules must take it. A
statement may safely run twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callcenter.calls.call_log import FIRST_LANGUAGE, may_be_known
from callcenter.tickets import verdicts
from callcenter.tickets.ticket_numbers import new_number
from models import Kind, Outcome, Topic
from models.statement import Ask, Statement

# How many ticket numbers are tried: with ten million tickets one in ten is taken.
NUMBERS = 8


@dataclass(frozen=True)
class NewTurn:
    """A caller's answer in the form of its row (see models.Turn)."""

    step: int
    at: datetime
    node: str
    input: str
    result: str
    leads_to: str
    language: str
    tries: int = 0
    spoken: list[str] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    topic: Topic | None = None
    kind: Kind | None = None
    credit: Outcome | None = None


_OPEN = Statement("""
WITH used_last AS (
    SELECT language FROM calls WHERE caller = %(known)s ORDER BY started_at DESC LIMIT 1
), spoken AS (
    SELECT coalesce((SELECT language FROM used_last), %(first_language)s) AS language
), call AS (
    INSERT INTO calls (sid, caller, language, status, status_sequence, started_at, opening)
    SELECT %(sid)s, %(caller)s::text, language, 'in-progress', -1, %(now)s::timestamptz,
           %(opening)s::jsonb || jsonb_build_object('language', language)
    FROM spoken
    ON CONFLICT (sid) DO NOTHING
    RETURNING id, language
), ticket AS (
    INSERT INTO tickets (number, call_id, kind, status, resolved_during_call, language, caller,
                         opened_at, changed_at)
    SELECT (SELECT number FROM unnest(%(numbers)s::text[]) AS number
            WHERE NOT EXISTS (SELECT FROM tickets WHERE tickets.number = number.number) LIMIT 1),
           id, 'unknown', 'open', false, language, %(caller)s::text, %(now)s::timestamptz,
           %(now)s::timestamptz
    FROM call
)
SELECT language FROM call
""")


def open_call(
    ask: Ask, sid: str, caller: str, now: datetime, opening: Mapping[str, Any]
) -> str | None:
    """Open an inbound call and its ticket, with its first words `opening`.

    Returns the language of the call: the last one of this number, which is written into the
    opening. Returns None if the call is already known.
    """
    row = ask(
        _OPEN,
        {
            "sid": sid,
            "caller": caller,
            "known": caller if may_be_known(caller) else None,
            "first_language": FIRST_LANGUAGE,
            "now": now,
            "opening": json.dumps(opening),
            "numbers": f"{{{','.join(new_number() for _ in range(NUMBERS))}}}",
        },
    )
    return row[0].decode() if row and row[0] else None


_HEARD = Statement("""
SELECT coalesce(
    (SELECT spoken FROM turns WHERE call_id = calls.id AND step < %(step)s::int
     ORDER BY step DESC LIMIT 1),
    opening -> 'spoken', '[]'
)
FROM calls WHERE sid = %(sid)s
""")


def prompts_heard(ask: Ask, sid: str, step: int) -> list[str] | None:
    """The prompts that the caller heard before the answer `step`; None for an unknown call.

    No lock is needed, because these prompts are older than the answer.
    """
    row = ask(_HEARD, {"sid": sid, "step": step})
    return json.loads(row[0]) if row and row[0] else None


# The call is locked, so its end, which judges the turns, comes before or after this turn.
_ADD_TURN = """
WITH call AS (
    SELECT id, language FROM calls
    WHERE sid = %(sid)s AND callback_id IS NULL
      AND status IN ('queued', 'ringing', 'in-progress')
    FOR UPDATE
), turn AS (
    INSERT INTO turns (call_id, step, at, node, input, result, leads_to, language, tries, spoken,
                       says, topic, credit)
    SELECT id, %(step)s::int, %(at)s, %(node)s, %(input)s, %(result)s, %(leads_to)s,
           %(language)s::text, %(tries)s, %(spoken)s, %(says)s, %(topic)s::text, %(credit)s::text
    FROM call
    WHERE {alone}
    ON CONFLICT (call_id, step) DO NOTHING
    RETURNING call_id
) {moved}
SELECT call_id FROM turn
"""

_STAY = Statement(_ADD_TURN.format(alone="language = %(language)s::text", moved=""))

# Only a ticket on which no other turn has a say is updated here (tickets.verdicts.judge).
_MOVE = Statement(
    _ADD_TURN.format(
        alone="""NOT EXISTS (
        SELECT FROM turns AS other WHERE other.call_id = call.id
        AND (other.step > %(step)s::int OR other.kind IS NOT NULL
             OR other.credit IN ('left_open', 'internal'))
    ) AND NOT EXISTS (SELECT FROM recordings WHERE call_id = call.id)""",
        moved=""", speaking AS (
        UPDATE calls SET language = %(language)s::text
        FROM turn WHERE calls.id = turn.call_id AND calls.language <> %(language)s::text
    ), moved AS (
        UPDATE tickets SET
            language = %(language)s::text,
            topic = CASE WHEN in_hands_since IS NULL THEN coalesce(%(topic)s::text, topic)
                    ELSE topic END,
            kind = CASE WHEN in_hands_since IS NULL THEN coalesce(%(kind_of_topic)s::text, kind)
                   ELSE kind END
        FROM turn WHERE tickets.call_id = turn.call_id
    )""",
    )
)


def add_turn(ask: Ask, sid: str, turn: NewTurn, changes_language: bool) -> bool:
    """Add `turn` to the call `sid` and update the ticket; whether that was done.

    Nothing is done if the call is unknown, over or outgoing, if it already took this step, or if
    other turns also decide about the ticket.
    """
    if turn.kind or turn.credit is Outcome.INTERNAL:
        return False
    values = vars(turn) | {
        "sid": sid,
        "spoken": json.dumps(turn.spoken),
        "says": json.dumps(turn.says) if turn.says else "{}",
    }
    if not turn.topic and not changes_language:
        return ask(_STAY, values) is not None
    kind = verdicts.kind_of(turn.topic) if turn.topic else None
    return ask(_MOVE, values | {"kind_of_topic": kind}) is not None
