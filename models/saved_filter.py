"""Named filters of the ticket list."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key


class SavedFilter(Base):
    """`address` holds the filters as in the list's address, without personal data in clear."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("agent_id", "name"),)

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("agents.id"))
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[dict[str, Any]]
