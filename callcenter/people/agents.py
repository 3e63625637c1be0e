"""People of the desk: adds, changes and authenticates them.

Functions take the session and never commit.
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

import words
from callcenter.callers.identity import is_number, parse_caller
from callcenter.outbound import dial_policy
from callcenter.people import namesakes, passwords
from callcenter.privacy import pesel
from callcenter.privacy.visible_text import single_line, visible
from models import Agent, Device, Role, Topic

LONGEST_NAME = 120
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
SIP = re.compile(r"sips?:[^\s<>@]{1,120}@[A-Za-z0-9.:\[\]-]{1,120}")


class Unfit(StrEnum):
    """Why a value for a person is refused."""

    LOGIN = "login"
    TAKEN = "taken"
    NAME = "name"
    PERSONAL_LOGIN = "personal_login"
    PERSONAL_NAME = "personal_name"
    PERSONAL_ADDRESS = "personal_address"
    PASSWORD = "password"  # noqa: S105
    GUESSABLE = "guessable"
    LANGUAGES = "languages"
    TOPICS = "topics"
    NUMBER = "number"
    SIP = "sip"
    NOT_DIALLED = "not_dialled"


SENTENCES = {
    Unfit.LOGIN: "A login is 1 to 64 letters (a-z), digits, dots, hyphens, underscores or @.",
    Unfit.TAKEN: "The login is taken.",
    Unfit.NAME: "A name has 1 to 120 characters, all of which can be seen, on one line.",
    Unfit.PERSONAL_LOGIN: "A login is no PESEL.",
    Unfit.PERSONAL_NAME: "A name has no PESEL in it.",
    Unfit.PERSONAL_ADDRESS: "The address of a telephone has no PESEL in it.",
    Unfit.PASSWORD: f"A password needs at least {passwords.SHORTEST} characters.",
    Unfit.GUESSABLE: "The password is easily guessed: take several unrelated words.",
    Unfit.LANGUAGES: f"Languages are one or more of {', '.join(words.LANGUAGES)}.",
    Unfit.TOPICS: "A topic is not known.",
    Unfit.NUMBER: "A telephone needs its number as the address, like +48221234567.",
    Unfit.NOT_DIALLED: (
        "The line does not call this number: it must be an ordinary one of a country that is"
        " listed in CALL_COUNTRIES."
    ),
    Unfit.SIP: "A SIP telephone needs its address, like sip:ania@example.org.",
}


class UnfitError(ValueError):
    """A value for a person is refused; `what` is the reason, the text a sentence for operators."""

    def __init__(self, what: Unfit) -> None:
        super().__init__(SENTENCES[what])
        self.what = what


@dataclass(frozen=True)
class Work:
    """Which calls a person takes (languages, topics), and at which telephone: see models.Agent."""

    languages: Sequence[str] = ("pl",)
    topics: Sequence[str] = ()
    device: Device = Device.BROWSER
    address: str | None = None

    def checked(self) -> "Work":
        """A valid copy in the form that rows keep. Raises UnfitError."""
        known = [language for language in words.LANGUAGES if language in self.languages]
        if not known or len(known) != len(set(self.languages)):
            raise UnfitError(Unfit.LANGUAGES)
        if not set(self.topics) <= set(Topic):
            raise UnfitError(Unfit.TOPICS)
        topics = [topic.value for topic in Topic if topic in self.topics]
        return Work(known, topics, self.device, _address(self.device, self.address or ""))


def _address(device: Device, written: str) -> str | None:
    written = written.strip()
    if device is Device.BROWSER:
        return None
    if device is Device.SIP:
        if not SIP.fullmatch(written) or visible(written) != written:
            raise UnfitError(Unfit.SIP)
        if pesel.is_in(written):
            raise UnfitError(Unfit.PERSONAL_ADDRESS)
        _check_may_be_dialled(written.lower())
        return written
    number = parse_caller(written)
    if not is_number(number):
        raise UnfitError(Unfit.NUMBER)
    _check_may_be_dialled(number)
    return number


def _check_may_be_dialled(address: str) -> None:
    if dial_policy.refusal_of_address(address):
        raise UnfitError(Unfit.NOT_DIALLED)


def add_user(
    session: Session, login: str, name: str, password: str, role: Role, work: Work | None = None
) -> Agent:
    """Add a person of the desk; `login` is kept in lower case, and `work` None is the default Work.

    Raises UnfitError for a login that is taken or invalid, an invalid name, a PESEL in either, a
    password that is too short, too long or easily guessed, and an invalid `work`.
    """
    login = unicodedata.normalize("NFKC", login).strip().casefold()
    name = _name(name)
    if fault := _fault(session, login, name, password):
        raise UnfitError(fault)
    agent = Agent(
        login=login,
        name=name,
        role=Role(role),
        password=passwords.hashed(password),
        active=True,
        created_at=datetime.now(UTC),
        session_salt=secrets.token_hex(8),
    )
    set_work(agent, work or Work())
    session.add(agent)
    namesakes.disambiguate(session)
    return agent


def _name(written: str) -> str:
    """The name on one line, without outer spaces. Raises UnfitError."""
    name = single_line(written)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UnfitError(Unfit.NAME)
    if pesel.is_in(name):
        raise UnfitError(Unfit.PERSONAL_NAME)
    return name


def _fault(session: Session, login: str, name: str, password: str) -> Unfit | None:
    if not LOGIN.fullmatch(login):
        return Unfit.LOGIN
    if pesel.is_in(login):
        return Unfit.PERSONAL_LOGIN
    if fault := _fault_of_password(password, login, name):
        return fault
    if session.scalar(select(Agent.id).where(Agent.login == login)):
        return Unfit.TAKEN
    return None


def _fault_of_password(password: str, login: str, name: str) -> Unfit | None:
    if passwords.is_too_short(password):
        return Unfit.PASSWORD
    return Unfit.GUESSABLE if passwords.is_guessable(password, login, name) else None


def set_work(agent: Agent, work: Work) -> None:
    """Set which calls `agent` takes from now on, and at which telephone. Raises UnfitError."""
    fit = work.checked()
    agent.languages, agent.topics = list(fit.languages), list(fit.topics)
    agent.device, agent.address = fit.device, fit.address


def set_person(session: Session, agent: Agent, name: str, role: Role, *, active: bool) -> None:
    """Set the name and role of `agent`, and whether `agent` may sign in.

    Deactivating ends all sessions of `agent`. Raises UnfitError.
    """
    name = _name(namesakes.own_name(name, agent.login))
    agent.name, agent.role, agent.active = name, Role(role), active
    if not active:  # old sessions stay ended after a reactivation
        agent.session_salt = secrets.token_hex(8)
    namesakes.disambiguate(session)


def set_password(agent: Agent, password: str) -> None:
    """Set a new password, and end all sessions of `agent`. Raises UnfitError."""
    if fault := _fault_of_password(password, agent.login, agent.name):
        raise UnfitError(fault)
    agent.password = passwords.hashed(password)
    agent.session_salt = secrets.token_hex(8)


def check_password(session: Session, login: str, password: str) -> Agent | None:
    """The active person with this login and password, or None.

    An unknown login takes as long as a known one, so the response time does not reveal which logins
    exist. A hash that was made with older parameters is replaced.
    """
    login = login.strip().casefold()
    known = select(Agent).where(Agent.login == login)
    agent = session.scalar(known) if LOGIN.fullmatch(login) else None
    if not passwords.matches(agent.password if agent else None, password) or agent is None:
        return None
    if passwords.is_outdated(agent.password):
        agent.password = passwords.hashed(password)
    return agent if agent.active else None
