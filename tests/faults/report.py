"""The report: a table, a row a fault."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.account import Account, What

DOCUMENT: Final = Path(__file__).parent.parent.parent / "docs" / "faults.md"
NUMBERS: Final = re.compile(r"(<!-- numbers -->\n).*(<!-- end of numbers -->)", re.DOTALL)
HEAD: Final = (
    "fault",
    "calls",
    "held",
    "errors heard",
    "apologies",
    "answers over 2 s",
    "p99 s",
    "worst s",
    "tickets lost",
    "doubled",
    "turns lost",
    "other faults",
    "jobs lost",
    "doubled",
)


def table(accounts: Sequence[Account]) -> str:
    """All of them as Markdown."""
    rows = [HEAD, tuple("-" if not place else "-:" for place in range(len(HEAD)))]
    rows += [_row(one) for one in accounts]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(one: Account) -> tuple[str, ...]:
    counts = (
        one.calls,
        one.held,
        one.errors,
        one.apologies,
        one.slow,
        f"{one.p99:.2f}",
        f"{one.worst:.2f}",
        one.count(What.TICKET_LOST),
        one.count(What.TICKET_DOUBLED),
        one.count(What.TURN_LOST),
        one.count(What.STATE, What.PROMISE),
        one.count(What.JOB_LOST),
        one.count(What.JOB_DOUBLED),
    )
    return (one.fault, *map(str, counts))


def write(accounts: Sequence[Account]) -> None:
    """Put the numbers of this run into the document."""
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(NUMBERS.sub(lambda found: found[1] + table(accounts) + found[2], text))
