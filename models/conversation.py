"""A caller's conversations with the desk, and the legs of the people in them."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Moment, words
from models.call import Call
from models.ticket import Ticket


class Purpose(StrEnum):
    """The purpose of a leg. A `take` is an offer from the queue, or for a callback that is due."""

    TAKE = "take"
    HANDOVER = "handover"
    CONSULT = "consult"
    THIRD = "third"
    LISTEN = "listen"
    WHISPER = "whisper"
    JOIN = "join"


class Ended(StrEnum):
    """How a leg ended: `withdrawn` by us, the others by its person or by the carrier."""

    LEFT = "left"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Conversation(Base):
    """One conversation: a conference at the carrier, whose name is `room`.

    It is created with the first offer of a waiting caller (`waiting_id`) or of a callback that is
    due (`callback_id`), so each wait has one conversation. `call_id` is the caller's leg, null
    until a callback has one. `began_at` is when a consultant accepted. `is_held` is true while the
    caller hears music, `recording_paused` while the desk wants nothing recorded.
    """

    __tablename__ = "talks"
    __table_args__ = (Index("ix_talks_now", "id", postgresql_where="ended_at IS NULL"),)

    id: Mapped[Key]
    room: Mapped[str] = mapped_column(String(40), unique=True)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"), index=True)
    call_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("calls.id"), index=True)
    waiting_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("waiting.id"), unique=True
    )
    callback_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("callbacks.id"), index=True
    )
    made_at: Mapped[Moment]
    began_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    is_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    recording_paused: Mapped[bool] = mapped_column(default=False, server_default=false())

    ticket: Mapped[Ticket] = relationship()
    call: Mapped[Call | None] = relationship()
    legs: Mapped[list["Leg"]] = relationship(order_by="Leg.id", back_populates="conversation")


class Leg(Base):
    """A person of the desk (or an outside `number`) in a conversation, or invited into it.

    Constraints enforce that nobody has two legs at once, and that a conversation is offered to one
    person at a time.
    """

    __tablename__ = "legs"
    __table_args__ = (
        CheckConstraint("(agent_id IS NULL) <> (number IS NULL)", "somebody"),
        Index(None, "agent_id", "joined_at"),
        Index("uq_legs_agent_now", "agent_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(
            "uq_legs_offered_now",
            "talk_id",
            unique=True,
            postgresql_where="ended_at IS NULL AND purpose = 'take'",
        ),
    )

    id: Mapped[Key]
    talk_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("talks.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    number: Mapped[str | None] = mapped_column(String(20))
    purpose: Mapped[Purpose] = mapped_column(words(Purpose))
    asked_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    asked_at: Mapped[Moment]
    call_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    answered_at: Mapped[Moment | None]
    joined_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    how: Mapped[Ended | None] = mapped_column(words(Ended))

    conversation: Mapped[Conversation] = relationship(back_populates="legs")
