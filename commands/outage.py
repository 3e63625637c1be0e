"""Announcements switched on this machine, even if no database can be reached or is running."""

import getpass
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import config
import words
from callcenter import background
from callcenter.announcements import board, drafts, records, switchboard
from callcenter.announcements.board import Board
from callcenter.announcements.drafts import AnnouncementError, Wanted
from callcenter.announcements.notices import Notice, Period, State
from callcenter.announcements.switchboard import Maker
from callcenter.api.announcement_schemas import AnnouncementAnswer
from callcenter.calendar.deadlines import WARSAW
from callcenter.calendar.local_times import WarsawTimeError, read_end, read_moment
from models import Scope, Template, Way, session
from models.session import DatabaseAway

SAVED_HERE = (
    "The database cannot be reached: saved on this machine, will be written to the database when "
    "it is back."
)
LAST_KNOWN = "The database cannot be reached: this is the last state known on this machine."
LIMIT_S = 3
STATES: tuple[State, ...] = ("on", "coming", "over")
SCOPE = click.Choice([scope.value for scope in Scope])
TEMPLATE = click.Choice([template.value for template in Template])

T = TypeVar("T")


@click.group()
def outage() -> None:
    """Announcements to callers that something is out."""


@outage.command()
@click.option("--scope", type=SCOPE, default=Scope.SWITCHBOARD.value, show_default=True)
@click.option("--template", type=TEMPLATE, help="outage, unless own words are given.")
@click.option("--from", "from_", metavar="TIME", help="HH:MM (today), YYYY-MM-DD HH:MM or ISO.")
@click.option(
    "--until",
    metavar="TIME",
    help="HH:MM before the start is tomorrow's. Not given: the end is not known.",
)
@click.option("--window", "windows", metavar="FROM/TO", multiple=True, help="As often as needed.")
@click.option("--text-pl", help="Own words in place of the template's.")
@click.option("--text-en", help="Polish is spoken where a language has no words.")
@click.option("--text-uk")
def start(
    scope: str,
    template: str | None,
    from_: str | None,
    until: str | None,
    windows: tuple[str, ...],
    **text: str | None,
) -> None:
    """Tell callers from now on, or at the times given, that something is out."""
    now = datetime.now(UTC)
    own = {name.removeprefix("text_"): words_ for name, words_ in text.items() if words_}
    chosen = Template(template) if template else None if own else Template.OUTAGE
    periods = _periods(from_, until, windows, now)
    try:
        notice = drafts.prepare(Wanted(Scope(scope), chosen, own, periods), now)
    except AnnouncementError as fault:
        raise click.UsageError(f"{fault.reason} ({fault.field})") from fault
    known, saved = _announce(notice)
    _print(known, now)
    click.echo(f"To end it: centrala outage stop {known.uid}")
    if not saved:
        click.echo(SAVED_HERE)


def _periods(
    from_: str | None, until: str | None, windows: Iterable[str], now: datetime
) -> list[Period]:
    given = [_window(window, now) for window in windows]
    if given and (from_ or until):
        raise click.UsageError("Give --window, or --from and --until, not both.")
    if from_ or until:
        given.append(_period(from_, until, now))
    return given


def _window(text: str, now: datetime) -> Period:
    start, slash, end = text.partition("/")
    if not slash:
        raise click.BadParameter("Write FROM/TO, like 07:30/09:30.", param_hint="--window")
    return _period(start or None, end or None, now)


def _period(start: str | None, end: str | None, now: datetime) -> Period:
    with _told(f"start {start}"):
        starts_at = read_moment(start, now) if start else now
    with _told(f"end {end}"):
        return Period(starts_at, read_end(end, now, starts_at) if end else None)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Name the time that is not accepted."""
    try:
        yield
    except WarsawTimeError as fault:
        raise click.UsageError(f"{name}: {fault}") from fault


def _announce(notice: Notice) -> tuple[Notice, bool]:
    """The resulting announcement, and whether it was saved in the database."""
    with _at_this_machine() as here:
        made = here.with_rows(
            lambda rows: switchboard.notice_of(switchboard.announce(rows, notice, _me()))
        )
        if made:
            return made, True
        known = [each for each in here.board.notices() if switchboard.is_announced(each, notice)]
        if not known:
            here.board.put_unsaved(replace(notice, by=_me().name))
        return known[0] if known else notice, False


def _me() -> Maker:
    """The person who types the command, by the login at this machine."""
    try:
        return Maker(Way.COMMAND, name=getpass.getuser())
    except (OSError, KeyError):
        return Maker(Way.COMMAND)


@dataclass(frozen=True)
class Here:
    """The board of the home, and whether the database answered."""

    board: Board
    has_rows: bool

    def with_rows(self, work: Callable[[Session], T]) -> T | None:
        """The result of `work`, committed; None if the database does not answer."""
        try:
            if self.has_rows:
                with session.transaction(LIMIT_S) as rows:
                    return work(rows)
        except (DatabaseAway, SQLAlchemyError) as fault:
            click.echo(f"The database gave up: {type(fault).__name__}.", err=True)
        return None


@contextmanager
def _at_this_machine() -> Iterator[Here]:
    """Synchronise board and database, and yield both. No database is started for this."""
    home = config.read_home(os.environ).path
    engine = session.bind(config.read_database_url(os.environ))
    try:
        shared = board.bind(home)
        here = Here(shared, _reconciled())
        if mend := shared.mend():
            click.echo(mend, err=True)
        yield here
    except OSError as fault:
        raise click.ClickException(f"The home {home} cannot be used: {fault.strerror}.") from fault
    finally:
        engine.dispose()


def _reconciled() -> bool:
    try:
        background.refresh_board()
    except (DatabaseAway, SQLAlchemyError):
        return False
    return True


@outage.command()
@click.argument("uid", metavar="[ID]", required=False)
@click.option("--all", "all_", is_flag=True, help="Everything that is on or coming.")
@click.option("--scope", type=SCOPE, help="What is on or coming of this scope.")
def stop(uid: str | None, all_: bool, scope: str | None) -> None:
    """End an announcement; without ID the one that is on. Ending twice does no harm."""
    if sum(map(bool, (uid, all_, scope))) > 1:
        raise click.UsageError("Give an ID, or --scope, or --all.")
    now = datetime.now(UTC)
    with _at_this_machine() as here:
        for notice in _chosen(_known(here, now)[0], uid, all_, scope, now):
            saved = _end(here, notice, now)
            click.echo(f"{notice.uid} is over: callers do not hear it any more.")
            if not saved:
                click.echo(SAVED_HERE)


def _chosen(
    notices: Sequence[Notice], uid: str | None, all_: bool, scope: str | None, now: datetime
) -> Sequence[Notice]:
    going_on = [notice for notice in notices if notice.state(now) != "over"]
    if uid:
        return _one(notices, uid)
    if all_ or scope:
        return _some([each for each in going_on if all_ or each.scope == scope])
    on = _some([notice for notice in going_on if notice.state(now) == "on"])
    if len(on) > 1:
        ids = ", ".join(notice.uid for notice in on)
        raise click.UsageError(f"Several are on ({ids}): give an ID, --scope or --all.")
    return on


def _one(notices: Sequence[Notice], uid: str) -> Sequence[Notice]:
    if found := [notice for notice in notices if notice.uid == uid]:
        return found
    raise click.ClickException(f"There is no announcement {uid}: see centrala outage list --past.")


def _some(notices: Sequence[Notice]) -> Sequence[Notice]:
    if notices:
        return notices
    raise click.ClickException("Nothing is on: callers hear no announcement.")


def _end(here: Here, notice: Notice, now: datetime) -> bool:
    """End the announcement; whether the end was saved in the database."""
    if here.with_rows(lambda rows: switchboard.end(rows, notice.uid, _me(), now)):
        return True
    ended = replace(notice, ended_at=notice.ended_at or now, by=_me().name)
    here.board.put_unsaved(ended)
    return False


def _known(here: Here, now: datetime) -> tuple[Sequence[Notice], Mapping[str, int]]:
    """The announcements, and in how many calls each was heard.

    Without the database these are the announcements of the board, without counts.
    """

    def work(rows: Session) -> tuple[Sequence[Notice], Mapping[str, int]]:
        made = [*records.current(rows, now), *records.past(rows, now)]
        return [switchboard.notice_of(each) for each in made], records.heard(rows, made)

    return here.with_rows(work) or (here.board.notices(), {})


@outage.command("list")
@click.option("--past", is_flag=True, help="Also what was over in the last 90 days.")
@click.option("--json", "as_json", is_flag=True, help="As the JSON interface answers.")
def list_(past: bool, as_json: bool) -> None:
    """Print what callers hear now and what comes."""
    now = datetime.now(UTC)
    with _at_this_machine() as here:
        known, heard = _known(here, now)
    shown = [each for each in known if past or each.state(now) != "over"]
    shown.sort(key=lambda notice: STATES.index(notice.state(now)))
    if as_json:
        answers = [AnnouncementAnswer.of(each, now, heard.get(each.uid)) for each in shown]
        click.echo(json.dumps([a.model_dump(mode="json") for a in answers], ensure_ascii=False))
        if not here.has_rows:
            click.echo(LAST_KNOWN, err=True)
        return
    for notice in shown:
        _print(notice, now, heard.get(notice.uid))
    if not shown:
        click.echo("Nothing is on and nothing is planned: callers hear no announcement.")
    if not here.has_rows:
        click.echo(LAST_KNOWN)


def _print(notice: Notice, now: datetime, heard: int | None = None) -> None:
    counted = "" if heard is None else f", heard in {heard} calls"
    click.echo(f"{notice.uid}  {notice.scope}  {notice.state(now)}{counted}")
    for period in notice.periods:
        click.echo(f"  from {_shown(period.starts_at)} until {_shown(period.ends_at)}")
    for language in words.LANGUAGES:
        click.echo(f"  {language}: {notice.text.get(language) or notice.text['pl']}")


def _shown(moment: datetime | None) -> str:
    if moment is None:
        return "further notice"
    return f"{moment.astimezone(WARSAW):%Y-%m-%d} {words.clock('en', moment)}"
