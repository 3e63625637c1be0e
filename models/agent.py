"""People of the desk, and the tokens of programs that read it."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, true
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, Moment, words


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"


class Device(StrEnum):
    """The device on which a person takes calls."""

    BROWSER = "browser"
    NUMBER = "number"
    SIP = "sip"


class Ring(StrEnum):
    """How a call sounds in a person's browser."""

    DOUBLE = "double"
    BELL = "bell"
    SOFT = "soft"
    RISING = "rising"


class Agent(Base):
    """A consultant or a supervisor. `password` and `pin` (for the telephone) are argon2 hashes.

    A PIN is looked up by its hash, so no two people can have the same. `languages` and `topics`
    select the calls to offer; no topics means all. `address` is the E.164 number or sip: address of
    a `device` other than a browser. `shortcuts`: whether single letters are keys of the desk.
    `ring`: how calls sound in the browser.
    """

    __tablename__ = "agents"

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    # A name of 120 characters, followed by the login if somebody else has the same name.
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(words(Role))
    password: Mapped[str] = mapped_column(String(200))
    pin: Mapped[str | None] = mapped_column(String(200), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]
    session_salt: Mapped[str] = mapped_column(String(32))
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["pl"], server_default='["pl"]')
    topics: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    device: Mapped[Device] = mapped_column(
        words(Device), default=Device.BROWSER, server_default=Device.BROWSER.value
    )
    address: Mapped[str | None] = mapped_column(String(255))
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=true())
    ring: Mapped[Ring] = mapped_column(
        words(Ring), default=Ring.DOUBLE, server_default=Ring.DOUBLE.value
    )


class PinAttempt(Base):
    """A wrong PIN typed on the telephone, by caller; it limits guessing."""

    __tablename__ = "pin_attempts"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[Key]
    caller: Mapped[str] = mapped_column(String(255))
    at: Mapped[Moment]


class SignIn(Base):
    """A browser in which a person is signed in. Signing out deletes the row and ends the session.

    `digest` is the SHA-256 of the id in the browser's cookie.
    """

    __tablename__ = "sign_ins"

    digest: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    agent_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("agents.id", ondelete="CASCADE"), index=True
    )
    began_at: Mapped[Moment] = mapped_column(index=True)


class Attempts(Base):
    """Wrong secrets of one guesser for one target; they delay the next attempt.

    `digest` stands for guesser and target, so no login and no address is stored. `kind` says what
    was guessed.
    """

    __tablename__ = "attempts"

    digest: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    wrong: Mapped[int]
    at: Mapped[Moment] = mapped_column(index=True)


class TokenScope(StrEnum):
    """What a program may do with its token."""

    READ = "read"
    ANNOTATE = "annotate"
    ANNOUNCE = "announce"
    SCRIPT = "script"
    ADMIN = "admin"


class ApiToken(Base):
    """A bearer token of another program: 256 random bits, of which only the SHA-256 is stored.

    `scopes` are its rights; `role` decides how callers' numbers are shown to it. `refused` counts
    its uses after its end. `used_at` is exact to a few minutes.
    """

    __tablename__ = "api_tokens"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(words(Role))
    digest: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    made_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agents.id"))
    scopes: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    expires_at: Mapped[Moment | None]
    used_at: Mapped[Moment | None]
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
