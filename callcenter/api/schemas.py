"""What programs may ask and what they are answered, field by field: the one source of the JSON
interface and of its description. The fields are the contract of docs/api.md."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
)

from callcenter.calendar.deadlines import Due
from callcenter.callers.identity import masked
from callcenter.tickets.paging import PAGE, Place
from callcenter.tickets.ticket_numbers import written
from models import Call, CallStatus, Kind, Outcome, Status, Ticket, Topic, Turn

LARGEST_PAGE = 200
# The context in which an answer is written for somebody who sees no whole numbers.
MASKED = "masked"
# Of the days that a list may be asked for: both ends of the calendar have no hours in UTC.
YEARS = range(2000, 2200)

Moment = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]
Language = Literal["pl", "en", "uk"]


def _number_written(value: object) -> object:
    return (written(value) or value) if isinstance(value, str) else value


Number = Annotated[
    str,
    BeforeValidator(_number_written),
    Field(pattern=r"^[0-9]{9}$", examples=["482915306"]),
]
Sid = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]


def _is_place(text: str) -> str:
    Place.read(text)
    return text


def _is_near(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(f"The years are {YEARS[0]} to {YEARS[-1]}")
    return day


Day = Annotated[date, AfterValidator(_is_near)]


class Asked(BaseModel):
    """A request. An unknown field is an error; it is never ignored."""

    model_config = ConfigDict(extra="forbid")


class PageAsked(Asked):
    after: Annotated[str, AfterValidator(_is_place)] | None = Field(
        None, description="Where the page before ended: part of its `next`."
    )
    limit: int = Field(PAGE, ge=1, le=LARGEST_PAGE, description="Rows a page.")

    @property
    def place(self) -> Place | None:
        return Place.read(self.after) if self.after else None


class TicketFilters(Asked):
    status: Status | None = None
    topic: Topic | None = None
    kind: Kind | None = None
    language: Language | None = None
    day: Day | None = Field(None, description="The day of opening, in Warsaw.")
    due: Due | None = Field(
        None, description="Open ones whose answer is late, or due then; the most urgent first."
    )
    assigned_to: str | None = Field(
        None, min_length=1, max_length=64, description="The login of whoever sees to it."
    )


class TicketsAsked(PageAsked, TicketFilters):
    call_sid: Sid | None = Field(None, description="The ticket of this call.")
    caller_of: Number | None = Field(
        None, description="Tickets of whoever made the call of this ticket (a number of one)."
    )
    words: str | None = Field(
        None, max_length=2000, description="As `next` has it: words are asked for by POST."
    )


class TicketsFound(TicketFilters):
    caller: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="A number (Polish, or with +), a `sip:` or `client:` address, or `withheld`.",
        examples=["501 234 567"],
    )
    words: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="All in the notes, or beginning words there.",
    )


class CallsAsked(PageAsked):
    sid: Sid | None = Field(None, description="This call alone.")


def _shown(caller: str, info: "SerializationInfo[str | None]") -> str:
    return masked(caller) if info.context == MASKED else caller


Caller = Annotated[str, PlainSerializer(_shown)]


class TicketAnswer(BaseModel):
    number: Number
    kind: Kind
    topic: Topic | None = Field(description="Null when the caller never chose.")
    status: Status
    outcome: Outcome | None = Field(description="Null until the call ends or a person decides.")
    resolved_during_call: bool
    language: Language
    caller: Caller = Field(
        max_length=255,
        description="E.164, `sip:…`, `client:…`, `withheld` or `unusable`; masked for tokens of "
        "agents: `••••••••567`.",
    )
    call_sid: str
    opened_at: Moment
    resolved_at: Moment | None
    due_at: Moment | None
    related_to: Number | None = Field(description="The number of the ticket this one is about.")
    answered_at: Moment | None = Field(description="From here the days for a complaint count.")
    resolution: str | None = Field(description="The desk's code for how it was finished.")
    assigned_to: str | None = Field(description="The login of whoever sees to it.")
    merged_into: Number | None = Field(description="The older ticket of the same matter.")

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketAnswer":
        return cls.model_validate(
            {name: getattr(ticket, name, None) for name in cls.model_fields}
            | {
                "call_sid": ticket.call.sid,
                "related_to": ticket.related_to.number if ticket.related_to else None,
                "assigned_to": ticket.assigned_to.login if ticket.assigned_to else None,
                "merged_into": ticket.merged_into.number if ticket.merged_into else None,
            }
        )


class TicketsAnswer(BaseModel):
    items: Sequence[TicketAnswer]
    next: str | None = Field(description="The address of the next page.")


class TurnAnswer(BaseModel):
    step: int
    at: Moment
    node: str = Field(description="Where the caller stood: flow/node.")
    input: str = Field(description="What came in; secrets as •••, nothing for silence.")
    result: str

    @classmethod
    def of(cls, turn: Turn) -> "TurnAnswer":
        return cls.model_validate({name: getattr(turn, name) for name in cls.model_fields})


class CallAnswer(BaseModel):
    sid: str
    caller: Caller = Field(max_length=255)
    language: Language
    status: CallStatus
    started_at: Moment
    ended_at: Moment | None
    duration_s: int | None
    ticket: Number | None
    turns: Sequence[TurnAnswer]

    @classmethod
    def of(cls, call: Call, ticket: Ticket | None) -> "CallAnswer":
        return cls.model_validate(
            {name: getattr(call, name, None) for name in cls.model_fields}
            | {
                "ticket": ticket.number if ticket else None,
                "turns": [TurnAnswer.of(turn) for turn in call.turns],
            }
        )


class CallsAnswer(BaseModel):
    items: Sequence[CallAnswer]
    next: str | None = Field(description="The address of the next page.")


class Fault(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `errors` names each field that is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: Sequence[Fault] = ()
