"""Presence: who can be offered a call now, and since when."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, words


class State(StrEnum):
    AVAILABLE = "available"
    ON_CALL = "on_call"
    WRAPPING_UP = "wrapping_up"
    AWAY = "away"


class Away(StrEnum):
    """Why a person is away: the first reasons are chosen, the others are set by the line."""

    BREAK = "break"
    MEAL = "meal"
    PAPERWORK = "paperwork"
    TRAINING = "training"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    GONE = "gone"
    SIGNED_OUT = "signed_out"


class Presence(Base):
    """One row for each person who ever was at the desk.

    `idle_since` orders available people: the longest without a call comes first. `seen_at` is the
    last sign of life of the browser. `wish` is the state that a person on a call chose for
    afterwards. During wrap-up, `ticket_id` is the ticket to finish by `wrap_up_until`, which was
    `extended` this many times.
    """

    __tablename__ = "presences"

    agent_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agents.id"), primary_key=True)
    state: Mapped[State] = mapped_column(words(State))
    away: Mapped[Away | None] = mapped_column(words(Away))
    since: Mapped[Moment]
    idle_since: Mapped[Moment]
    seen_at: Mapped[Moment | None]
    wish: Mapped[Away | None] = mapped_column(words(Away, "wish"))
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    wrap_up_until: Mapped[Moment | None]
    extended: Mapped[int] = mapped_column(default=0, server_default="0")
