"""Announcements of what is out, their windows, and who heard them."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Key, Moment, words


class Scope(StrEnum):
    """What is out: the line itself, or the service that runs the accounts (e-Klient)."""

    SWITCHBOARD = "switchboard"
    SERVICE = "service"


class Template(StrEnum):
    OUTAGE = "outage"
    MAINTENANCE = "maintenance"


class Way(StrEnum):
    """The way in which an announcement was switched."""

    CONSOLE = "console"
    TELEPHONE = "telephone"
    COMMAND = "command"
    API = "api"
    WINDOW = "window"


class Announcement(Base):
    """One announcement. `uid` identifies it everywhere, also without a database.

    `text` has the words of each language, `sounds` the content hash of a recording of them. Neither
    is changed later: other words or another time make another announcement that `replaces` this
    one. So it stays known what each caller heard. `made_by` and `ended_by` name somebody outside
    the desk: a program by its token, or a person at the machine by the login.
    """

    __tablename__ = "announcements"

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    scope: Mapped[Scope] = mapped_column(words(Scope))
    template: Mapped[Template | None] = mapped_column(words(Template))
    text: Mapped[dict[str, str]] = mapped_column(JSONB)
    sounds: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    made_at: Mapped[Moment]
    made_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    made_by: Mapped[str | None] = mapped_column(String(120))
    made_how: Mapped[Way] = mapped_column(words(Way, "made_how"))
    ended_at: Mapped[Moment | None]
    ended_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    ended_by: Mapped[str | None] = mapped_column(String(120))
    ended_how: Mapped[Way | None] = mapped_column(words(Way, "ended_how"))
    replaces_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("announcements.id"))
    called_back_at: Mapped[Moment | None]

    windows: Mapped[list["Window"]] = relationship(
        order_by="Window.starts_at", back_populates="announcement", lazy="selectin"
    )
    replaces: Mapped["Announcement | None"] = relationship(
        remote_side="Announcement.id", lazy="selectin", join_depth=1
    )


class Window(Base):
    """When an announcement is on; `ends_at` null means that the end is not known."""

    __tablename__ = "windows"
    __table_args__ = (Index(None, "announcement_id"),)

    id: Mapped[Key]
    announcement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("announcements.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment | None]

    announcement: Mapped[Announcement] = relationship(back_populates="windows")


class Update(Base):
    """News about an announcement; `next_word_at` is when more will be told."""

    __tablename__ = "announcement_updates"
    __table_args__ = (Index(None, "announcement_id"),)

    id: Mapped[Key]
    announcement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("announcements.id"))
    at: Mapped[Moment]
    text: Mapped[dict[str, str]] = mapped_column(JSONB)
    next_word_at: Mapped[Moment | None]
    made_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))


class Hearing(Base):
    """A call in which an announcement was played."""

    __tablename__ = "hearings"
    __table_args__ = (
        UniqueConstraint("announcement_id", "call_id"),
        Index(None, "announcement_id", "at", "id"),
    )

    id: Mapped[Key]
    announcement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("announcements.id"))
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("calls.id"), index=True)
    at: Mapped[Moment]
