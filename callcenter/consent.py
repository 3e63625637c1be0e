"""Whether what a caller says to the desk may be recorded: asked once a call, before the queue.

Nobody is asked, and nothing is recorded, unless the operator wants it (RECORD_TALKS).
"""

from sqlalchemy.orm import Session

from callcenter.deeds import Case, Done, deed
from models import Call, Consent

_wanted = [False]


def bind(record_talks: bool) -> None:
    """Whether this process asks callers."""
    _wanted[:] = [record_talks]


def must_ask(call: Call) -> bool:
    """Whether the caller is still to be asked; once is enough, whatever was answered."""
    return _wanted[0] and call.recording is None


def ask(call: Call) -> None:
    """The caller is being told. Until that was heard to its end there is no consent."""
    call.recording = Consent.ASKED


def answered(call: Call, key: str) -> None:
    """What the caller did when told: silence is a yes, 3 a no, another key cut the words short."""
    if call.recording is Consent.ASKED and key in ("", "3"):
        call.recording = Consent.REFUSED if key else Consent.AGREED


@deed(ask="", settled="", unavailable="")
def ask_once(session: Session, case: Case) -> Done:
    """Deed: whether the caller must be told now that the talk will be recorded."""
    if not must_ask(case.call):
        return Done("settled")
    ask(case.call)
    return Done("ask")


@deed(noted="", unavailable="")
def agree(session: Session, case: Case) -> Done:
    """Deed: the caller heard the notice to its end, and said nothing against it."""
    answered(case.call, "")
    return Done("noted")


@deed(noted="", unavailable="")
def refuse(session: Session, case: Case) -> Done:
    """Deed: the caller wants no recording."""
    answered(case.call, "3")
    return Done("noted")
