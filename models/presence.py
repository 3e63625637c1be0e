"""Who of the desk can be offered a call now, and since when."""

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
    """Why somebody is away: the first ones are chosen, the others happen."""

    BREAK = "break"
    MEAL = "meal"
    PAPERWORK = "paperwork"
    TRAINING = "training"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    GONE = "gone"
    SIGNED_OUT = "signed_out"


class Presence(Base):
    """One row for each person who ever sat at the desk.

    `idle_since` orders those who are available: whoever had no call for longest comes first.
    `seen_at` is the last sign of life of the browser. `wish` is what somebody on a call chose to
    be afterwards. While wrapping up, `ticket_id` is the ticket that wants finishing by
    `wrap_up_until`, which was `extended` so many times.
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
