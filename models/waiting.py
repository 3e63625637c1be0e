"""Callers who wait for a consultant. These rows hold the order; the carrier only plays the loop."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment, words


class Left(StrEnum):
    """How a caller left the queue."""

    BRIDGED = "bridged"
    MESSAGE = "message"
    CALLBACK = "callback"
    MENU = "menu"
    TIMEOUT = "timeout"
    HANGUP = "hangup"
    FAULT = "fault"


class Waiting(Base):
    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_now", "queue", "since", postgresql_where="left_at IS NULL"),
        Index(None, "left_at"),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("calls.id"), index=True)
    step: Mapped[int]
    queue: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(2))
    topic: Mapped[str | None] = mapped_column(String(40))
    since: Mapped[Moment]
    left_at: Mapped[Moment | None]
    how: Mapped[Left | None] = mapped_column(words(Left))
