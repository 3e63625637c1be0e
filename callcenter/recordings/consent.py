"""The caller's consent to a recording: asked once a call, before the queue."""

from sqlalchemy.orm import Session

from callcenter.actions import ActionResult, Case, action
from models import Call, Consent

# Not 1 or 2, which lead to a consultant before and keep the place behind: a key that is pressed
# twice, or too early, must not be taken for a consent.
AGREES = "4"
REFUSES = "3"

_wanted = [False]


def bind(record_talks: bool) -> None:
    """Whether this process asks callers."""
    _wanted[:] = [record_talks]


def must_ask(call: Call) -> bool:
    """Whether the caller is still to be asked; once is enough, whatever was answered."""
    return _wanted[0] and call.recording is None


def ask(call: Call) -> None:
    """The caller is being asked. Until the key that agrees is pressed there is no consent."""
    call.recording = Consent.ASKED


def answered(call: Call, key: str) -> None:
    """What the caller did when told: one key agrees, silence and every other key do not."""
    if call.recording is Consent.ASKED:
        call.recording = Consent.AGREED if key == AGREES else Consent.REFUSED


@action(ask="", settled="", unavailable="")
def ask_once(session: Session, case: Case) -> ActionResult:
    """Action: whether the caller must be told now that the conversation will be recorded."""
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
    """Action: the caller wants no recording, or said nothing."""
    answered(case.call, REFUSES)
    return ActionResult("noted")
