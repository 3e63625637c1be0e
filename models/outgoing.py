"""How many calls and SMS were promised on a day: the counters behind the dial policy's limits."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class OutgoingCount(Base):
    """A counter of one day (in Warsaw) for calls or SMS.

    `scope` and `key` name what is counted: the whole day, a prefix, a number, or refusals for the
    reason `key`.
    """

    __tablename__ = "outgoing_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(10), primary_key=True)
    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
