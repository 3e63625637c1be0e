"""Telephone calls and their turns: what the caller heard and pressed, and where it led."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Moment, words


class CallStatus(StrEnum):
    """The carrier's words (voice/api/call-resource)."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset(
    {
        CallStatus.COMPLETED,
        CallStatus.BUSY,
        CallStatus.FAILED,
        CallStatus.NO_ANSWER,
        CallStatus.CANCELED,
    }
)


class Consent(StrEnum):
    """The caller's answer about recording the conversation; `asked` means no answer yet."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"


class Call(Base):
    """One call, identified by the carrier's CallSid: inbound, or our callback.

    `caller` is E.164, sip:/client:, or a word.

    `opening` is the first document in the form of a turn: leads_to, language, spoken, says. It is
    empty if the call was first known by something other than its first webhook. A call with a
    `callback_id` is outgoing: it has no ticket of its own, but that of its callback. `recording` is
    null if nobody asked about recording the conversation.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "started_at", "id"),
        Index(None, "caller", "started_at"),
        Index(None, "status"),
    )

    id: Mapped[Key]
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    caller: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[CallStatus] = mapped_column(words(CallStatus))
    status_sequence: Mapped[int] = mapped_column(default=-1)
    started_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    duration_s: Mapped[int | None]
    opening: Mapped[dict[str, Any]] = mapped_column(default=dict)
    callback_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("callbacks.id", use_alter=True), index=True
    )
    recording: Mapped[Consent | None] = mapped_column(words(Consent))

    turns: Mapped[list["Turn"]] = relationship(order_by="Turn.step", back_populates="call")


class Turn(Base):
    """One answer of the caller to one document. Rows are only ever added.

    `input` is what came in, with secrets as bullets. `leads_to` is the place (flow/node) that it
    led to. `spoken` names the prompts of the next document, which are filled with `says`; together
    with `tries` they give a repeated request the same words. `topic` is set if the turn entered a
    topic, `kind` if it settled the kind of the ticket. `credit` is the outcome that the call has
    earned if it ends right after this turn.
    """

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("call_id", "step"),)

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("calls.id"))
    step: Mapped[int]
    at: Mapped[Moment]
    node: Mapped[str] = mapped_column(String(80))
    input: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(String(40))
    leads_to: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2))
    tries: Mapped[int] = mapped_column(default=0)
    spoken: Mapped[list[str]] = mapped_column(default=list)
    says: Mapped[dict[str, Any]] = mapped_column(default=dict)
    topic: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(40))
    credit: Mapped[str | None] = mapped_column(String(40))

    call: Mapped[Call] = relationship(back_populates="turns")


class RecordingStatus(StrEnum):
    """The state of a recording: the carrier's words first, then ours for one that is gone."""

    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABSENT = "absent"
    DISCARDED = "discarded"
    LOST = "lost"
    ERASED = "erased"


class Recording(Base):
    """A caller's message, or (with a `talk_id`) a conversation with the desk.

    `file` names the encrypted sound in the home. If a supervisor made the recording for all
    callers, it `is_announcement`. Then `sound` is what is played, or `unfit` is the reason why it
    cannot be.
    """

    __tablename__ = "recordings"

    id: Mapped[Key]
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("calls.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    duration_s: Mapped[int | None]
    made_at: Mapped[Moment]
    file: Mapped[str | None] = mapped_column(String(255))
    kept_until: Mapped[Moment | None] = mapped_column(index=True)
    is_announcement: Mapped[bool] = mapped_column(default=False, server_default=false())
    sound: Mapped[str | None] = mapped_column(String(32))
    unfit: Mapped[str | None] = mapped_column(String(20))
    talk_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("talks.id"), index=True)
