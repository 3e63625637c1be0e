"""The data of the form for the ticket that a person works on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW, answer_due
from callcenter.queue import current_handlers, voicemail
from callcenter.tickets import note_drafts, resolutions
from models import Agent, Status, Ticket, Topic

FIELDS = ("topic", "resolution", "text", "due", "to")


@dataclass(frozen=True)
class Work:
    """The data of the form.

    `typed` has the values of the fields: those just posted, else the draft's, else the ticket's.
    `version` is the version of the ticket that they are based on. `over` names the other people who
    handle the ticket, if there are `faults`. `calls_back` says that this is a callback.
    """

    ticket: Ticket
    typed: Mapping[str, str]
    version: int
    saved_at: datetime | None
    people: list[Agent]
    faults: Mapping[str, str]
    calls_back: bool
    over: str = ""

    @property
    def beside(self) -> str:
        """The different text of another browser tab, until the person has chosen one of the two."""
        return self.typed.get("beside", "")

    @property
    def is_decided(self) -> bool:
        return is_decided(self.ticket)

    @property
    def resolutions(self) -> Mapping[str, tuple[str, ...]]:
        """The resolutions of each topic, the likeliest first."""
        return {topic.value: resolutions.for_topic(topic) for topic in Topic}

    @property
    def offered(self) -> tuple[str, ...]:
        """The resolutions of the selected topic."""
        return self.resolutions.get(self.typed["topic"], ())


def filled_in(
    session: Session,
    ticket: Ticket,
    now: datetime,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Work:
    """The form of `ticket` for this person, with `typed` or else the kept draft."""
    draft = note_drafts.draft_of(session, ticket.id, current_user.id)
    known = {"topic": ticket.topic or "", "due": _day(ticket.due_at or answer_due(now))}
    others = select(Agent).where(Agent.active, Agent.id != current_user.id).order_by(Agent.name)
    return Work(
        ticket=ticket,
        typed={**dict.fromkeys(FIELDS, ""), **known, **(typed or (draft.form if draft else {}))},
        version=ticket.version if faults or not draft else draft.version,
        saved_at=draft.saved_at if draft else None,
        people=list(session.scalars(others)),
        faults=faults or {},
        over=", ".join(current_handlers.of_others(session, ticket, current_user.id))
        if faults
        else "",
        calls_back=voicemail.call_back_in_hand(session, current_user.id, ticket.id) is not None,
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(WARSAW).date().isoformat()


def is_decided(ticket: Ticket) -> bool:
    """Whether a person finished the ticket, or it was merged into another one."""
    if ticket.merged_into_id:
        return True
    return ticket.in_hands_since is not None and ticket.status is not Status.OPEN
