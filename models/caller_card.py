"""Caller cards: what the desk knows of a caller beyond the number."""

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class CallerCard(Base):
    """The card of a caller who has a number or an address. `sealed` is encrypted.

    `version` counts the changes, so that simultaneous changes are detected.
    """

    __tablename__ = "caller_cards"

    id: Mapped[Key]
    caller: Mapped[str] = mapped_column(String(255), unique=True)
    sealed: Mapped[bytes] = mapped_column(BYTEA)
    version: Mapped[int]


class CardChange(Base):
    """What a card said from a moment on, and who wrote it. It is deleted with the card."""

    __tablename__ = "caller_card_changes"

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("caller_cards.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[Moment]
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agents.id"))
    sealed: Mapped[bytes] = mapped_column(BYTEA)
