"""The caller's consent to a recording: requested once a call, before the queue."""

from sqlalchemy.orm import Session

from callcenter.actions import ActionResult, Case, action
from models import Call, Consent

# Not 1 or 2: the menu before uses 1 for a consultant, the one after uses 2 to keep the place. A key
# pressed twice or too early must not count as consent.
AGREES = "4"
REFUSES = "3"

_wanted = [False]


def bind(record_talks: bool) -> None:
    """Set whether this process asks callers for consent."""
    _wanted[:] = [record_talks]


def must_ask(call: Call) -> bool:
    """Whether the caller is still to be asked; callers are asked once, whatever they answer."""
    return _wanted[0] and call.recording is None


def ask(call: Call) -> None:
    """Record that the caller is being asked. This is no consent yet."""
    call.recording = Consent.ASKED


def answered(call: Call, key: str) -> None:
    """Record the answer: one key agrees; silence and every other key refuse."""
    if call.recording is Consent.ASKED:
        call.recording = Consent.AGREED if key == AGREES else Consent.REFUSED


@action(ask="", settled="", unavailable="")
def ask_once(session: Session, case: Case) -> ActionResult:
    """Action: find out whether the caller must be asked now."""
    if not must_ask(case.call):
        return ActionResult("settled")
    ask(case.call)
    return ActionResult("ask")


@action(noted="", unavailable="")
def agree(session: Session, case: Case) -> ActionResult:
    """Action: the caller pressed the key that agrees."""
    answered(case.call, AGREES)
    return ActionResult("noted")


@action(noted="", unavailable="")
def refuse(session: Session, case: Case) -> ActionResult:
    """Action: the caller refused a recording, or stayed silent."""
    answered(case.call, REFUSES)
    return ActionResult("noted")
