"""Tickets: one for every call. Later notes are only ever added."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import BYTEA, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

import words
from models.agent import Agent
from models.base import Base, Key, Moment
from models.base import words as checked
from models.call import Call


class Kind(StrEnum):
    INCIDENT = "incident"
    SERVICE_REQUEST = "service_request"
    COMPLAINT = "complaint"
    CLARIFICATION = "clarification"
    INFORMATION = "information"
    OUTAGE = "outage"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


ABOUT_ANOTHER = frozenset({Kind.COMPLAINT, Kind.CLARIFICATION})


class Topic(StrEnum):
    """What a call is about: the topics of the word files (words/<language>/topics.ftl).

    Topics that the code itself uses are listed here. A new topic needs no line in this file.
    """

    _ignore_ = ["members", "code"]  # noqa: RUF012 - how an enum leaves names out

    LOGIN_LOCKED = "login_locked"
    BASIC_PASSWORD_FORGOTTEN = "basic_password_forgotten"  # noqa: S105
    BOTH_PASSWORDS_FORGOTTEN = "both_passwords_forgotten"
    EMAIL_CHANGE_BASIC_FORGOTTEN = "email_change_basic_forgotten"
    EMAIL_CHANGE_BOTH_FORGOTTEN = "email_change_both_forgotten"
    PESEL_EXISTS = "pesel_exists"
    ERROR_REPORT = "error_report"
    EXISTING_TICKET = "existing_ticket"
    ABOUT = "about"
    OUTAGE = "outage"
    members = vars()
    for code in words.topics():
        if code.upper() not in members:
            members[code.upper()] = code


class Status(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Outcome(StrEnum):
    RESOLVED_BY_LINE = "resolved_by_line"
    RESOLVED_BY_AGENT = "resolved_by_agent"
    GUIDED = "guided"
    LEFT_OPEN = "left_open"
    ABANDONED = "abandoned"
    INFORMED_OF_OUTAGE = "informed_of_outage"
    INTERNAL = "internal"


class Ticket(Base):
    """The ticket of an inbound call, created in the same transaction as the call.

    `in_hands_since` is set when a person decides about the ticket; after that, late turns no longer
    change its outcome. `answered_at` starts the period for a complaint. `pesel` is encrypted.
    `resolution` is the desk's code for how the matter was finished. `assigned_to_id` is the person
    responsible. `version` counts the changes by people; `changed_at` is the time of the last note.
    A ticket about the same matter as an older one is `merged_into` it.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        # Lists combine up to four filters. The columns after the page's order let PostgreSQL reject
        # rows in the index, without reading the table.
        Index(None, "opened_at", "id", "status", "topic", "kind", "language"),
        Index(None, "status", "opened_at", "id", "topic", "kind", "language"),
        Index(None, "topic", "opened_at", "id", "status", "kind", "language"),
        Index(None, "kind", "opened_at", "id", "status", "topic", "language"),
        Index(None, "language", "opened_at", "id", "status", "topic", "kind"),
        Index(None, "caller", "opened_at", "id", "status", "topic", "kind", "language"),
        Index(
            None,
            "assigned_to_id",
            "opened_at",
            "id",
            "status",
            "topic",
            "kind",
            "language",
            postgresql_where="assigned_to_id IS NOT NULL",
        ),
        Index(
            "ix_tickets_due_at_open",
            "due_at",
            postgresql_where="status = 'open' AND due_at IS NOT NULL",
        ),
        # The sweep searches every few seconds for the few tickets whose PESEL is to be erased.
        Index("ix_tickets_opened_at_pesel", "opened_at", postgresql_where="pesel IS NOT NULL"),
        # A part of a number is found by its runs of four digits (migration 0011).
        Index(
            "ix_tickets_number_runs",
            text("digit_runs(number::text)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(
            "ix_tickets_caller_runs",
            text("digit_runs(caller::text)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(None, "changed_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(9), unique=True)
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("calls.id"), unique=True)
    kind: Mapped[Kind] = mapped_column(checked(Kind))
    topic: Mapped[Topic | None] = mapped_column(checked(Topic, constraint=False))
    status: Mapped[Status] = mapped_column(checked(Status))
    outcome: Mapped[Outcome | None] = mapped_column(checked(Outcome))
    resolved_during_call: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2))
    caller: Mapped[str] = mapped_column(String(255))
    opened_at: Mapped[Moment]
    resolved_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    due_at: Mapped[Moment | None]
    related_to_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("tickets.id"), index=True
    )
    left_at: Mapped[str | None] = mapped_column(String(80))
    in_hands_since: Mapped[Moment | None]
    pesel: Mapped[bytes | None] = mapped_column(BYTEA)
    resolution: Mapped[str | None] = mapped_column(String(40))
    assigned_to_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    merged_into_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("tickets.id"), index=True
    )
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[Moment] = mapped_column(server_default=func.now())

    call: Mapped[Call] = relationship()
    related_to: Mapped["Ticket | None"] = relationship(
        remote_side="Ticket.id", foreign_keys=[related_to_id]
    )
    merged_into: Mapped["Ticket | None"] = relationship(
        remote_side="Ticket.id", foreign_keys=[merged_into_id]
    )
    assigned_to: Mapped[Agent | None] = relationship(viewonly=True)
    notes: Mapped[list["TicketNote"]] = relationship(order_by="TicketNote.id")


class TicketNote(Base):
    """A note or a change on a ticket: who, when, what. Never edited, never deleted."""

    __tablename__ = "ticket_notes"

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"), index=True)
    at: Mapped[Moment] = mapped_column(server_default=func.now())
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TicketWords(Base):
    """The words of a ticket's notes and its filter values, for search only.

    Triggers maintain it (migration 0004). The week of the ticket precedes each word, so one index
    works as many small ones. A search goes from the newest week back until its page is full
    (callcenter/tickets/full_text.py).
    """

    __tablename__ = "ticket_words"
    __table_args__ = (
        Index(
            "ix_ticket_words_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    ticket_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True
    )
    opened_at: Mapped[Moment]
    words: Mapped[str] = mapped_column(TSVECTOR)


class NoteDraft(Base):
    """What a person is typing about a ticket, so that nothing typed is lost.

    `sealed` is the encrypted form: the note and the choices. `version` is the ticket's version when
    the draft was begun.
    """

    __tablename__ = "note_drafts"
    __table_args__ = (UniqueConstraint("ticket_id", "agent_id"),)

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    agent_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agents.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(BYTEA)
    version: Mapped[int]
    saved_at: Mapped[Moment]


class Reached(StrEnum):
    """How the line's own calls after an outage ended; `unreached` is left to a consultant."""

    TOLD = "told"
    TEXTED = "texted"
    UNREACHED = "unreached"


class Callback(Base):
    """A request to be called back: by a consultant, or when an announcement is over.

    There is one for each ticket, and one for each number and announcement. `attempts` counts the
    calls to place, and `trying_since` is the time of the last one; both are written before the
    carrier is asked. `call_sid` is its call, once known. `next_try_at` is set if an attempt failed
    and another follows. `outcome` ends the line's own attempts (see Reached); `done_at` means that
    nobody needs to call any more. `waited_since` is when a caller who kept the place in the queue
    began to wait.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        UniqueConstraint("announcement_id", "number"),
        Index(
            "ix_callbacks_pending",
            "announcement_id",
            postgresql_where="announcement_id IS NOT NULL AND outcome IS NULL AND done_at IS NULL",
        ),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"), unique=True)
    number: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2), server_default="pl")
    announcement_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("announcements.id"))
    asked_at: Mapped[Moment]
    waited_since: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    trying_since: Mapped[Moment | None] = mapped_column(index=True)
    next_try_at: Mapped[Moment | None]
    call_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    done_at: Mapped[Moment | None]
    outcome: Mapped[Reached | None] = mapped_column(checked(Reached))

    ticket: Mapped[Ticket] = relationship()


class TextMessage(Base):
    """An SMS to a caller, once for each ticket and purpose. `sid` is the carrier's, once sent."""

    __tablename__ = "text_messages"
    __table_args__ = (UniqueConstraint("ticket_id", "purpose"),)

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    sid: Mapped[str | None] = mapped_column(String(64))
    refused: Mapped[str | None] = mapped_column(String(200))
