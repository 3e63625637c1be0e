"""A job requested in a transaction; the row stays until it is done, so no queue can lose it."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_undone", "due_at", postgresql_where="done_at IS NULL"),)

    id: Mapped[Key]
    function: Mapped[str] = mapped_column(String(80))
    argument: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[Moment]
    due_at: Mapped[Moment]
    handed_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(200))
