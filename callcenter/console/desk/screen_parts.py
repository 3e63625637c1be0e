"""The data classes of the desk's screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callcenter.announcements.notices import Notice
from callcenter.callers.caller_cards import Card
from callcenter.console.tickets.transcript import Line
from callcenter.recordings.conversation_recordings import RecordingStanding
from callcenter.reporting.today import Day
from callcenter.tickets.decisions import FINAL
from models import (
    Agent,
    Call,
    Callback,
    Leg,
    Presence,
    Purpose,
    State,
    Status,
    Ticket,
    TicketNote,
    Waiting,
)


class Part(StrEnum):
    """The state of the person that selects what the main part of the screen shows."""

    NOTHING = "nothing"
    RINGING = "ringing"
    TALKING = "talking"
    WRAPPING_UP = "wrapping_up"


@dataclass(frozen=True)
class Waiter:
    """A caller in the queue, and the person whose telephone rings for them."""

    row: Waiting
    call: Call
    ticket: Ticket | None
    offered_to: str | None


@dataclass(frozen=True)
class Mate:
    """A member of the team; `presence` is None before the first shift, `leg` is the call now."""

    agent: Agent
    presence: Presence | None
    leg: Leg | None

    @property
    def state(self) -> State:
        return self.presence.state if self.presence else State.AWAY


@dataclass(frozen=True)
class Other:
    """Another participant of the conversation: a person of the desk or an outside number."""

    leg: Leg
    name: str


@dataclass(frozen=True)
class Matter:
    """The ticket that the person works on, with its call, its notes and the caller's card.

    `lines` is the transcript, `earlier` the caller's other tickets, `written` the notes with their
    authors' names, and `waited` the call's last wait in the queue.
    """

    ticket: Ticket
    call: Call
    lines: Sequence[Line]
    announcements: Sequence[Notice]
    earlier: Sequence[Ticket]
    written: Sequence[tuple[TicketNote, str | None]]
    waited: Waiting | None
    may_see_pesel: bool
    card: Card

    @property
    def is_shared(self) -> bool:
        """Whether the caller has several other open tickets, so that a person must choose one."""
        return sum(ticket.status is Status.OPEN for ticket in self.earlier) > 1


@dataclass(frozen=True)
class Screen:
    """All that one person's desk shows.

    `matter` is the ticket that the person works on, `others` the other legs of the conversation,
    `asked_by` the name of the person who invited this one. `with_me` (the own open tickets) and
    `day` are filled only while there is no ticket.
    """

    now: datetime
    me: Agent
    presence: Presence
    leg: Leg | None
    matter: Matter | None
    others: Sequence[Other]
    asked_by: str | None
    recording: RecordingStanding | None
    waiting: Sequence[Waiter]
    team: Sequence[Mate]
    callbacks: Sequence[tuple[Callback, Ticket]]
    due: Sequence[Ticket]
    with_me: Sequence[Ticket]
    refused: Mapping[tuple[str, str], int]
    announcements: Sequence[Notice] = field(default_factory=tuple)
    day: Day | None = None

    @property
    def part(self) -> Part:
        if self.leg is not None:
            return Part.TALKING if self.leg.joined_at else Part.RINGING
        is_over = self.presence.state is not State.WRAPPING_UP
        return Part.NOTHING if is_over else Part.WRAPPING_UP

    @property
    def meanwhile(self) -> tuple[TicketNote, str | None] | None:
        """The last final decision of another person about the ticket, with the author's name.

        Only decisions since this person's offer, or since the wrap-up began, count.
        """
        since = self.leg.asked_at if self.leg else self.presence.since
        if self.matter is None or self.part is Part.NOTHING:
            return None
        others = (
            (note, author)
            for note, author in reversed(self.matter.written)
            if author and note.author_id != self.me.id and note.at >= since
        )
        return next((one for one in others if one[0].change.get("did") in set(FINAL)), None)

    @property
    def asked(self) -> Other | None:
        """The person whom this one consults before a hand-over, ringing or joined, or None."""
        first = (other for other in self.others if other.leg.purpose is Purpose.CONSULT)
        return next((other for other in first if other.leg.asked_by_id == self.me.id), None)
