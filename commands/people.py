"""Commands about people of the desk, and about programs that may read it."""

from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

import words
from callcenter.calendar.deadlines import WARSAW, end_of_day
from callcenter.people import agents, pins, tokens
from callcenter.people.agents import Work
from callcenter.people.tokens import TokenError
from callcenter.privacy import encryption
from commands import environment
from models import Agent, Device, Role, TokenScope, Topic
from models.session import transaction

ROLE = click.Choice([role.value for role in Role])
SCOPES = ", ".join(TokenScope)
DEVICE = click.Choice([device.value for device in Device])


@click.group()
def user() -> None:
    """People of the desk."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="As others see it; the login unless given.")
@click.option("--role", type=ROLE, default=Role.AGENT.value, show_default=True)
@click.option(
    "--languages", default="pl", show_default=True, help=f"Of {','.join(words.LANGUAGES)}."
)
@click.option("--topics", default="", help=f"All unless given; of {', '.join(Topic)}.")
@click.option("--device", type=DEVICE, default=Device.BROWSER.value, show_default=True)
@click.option("--address", help="The number, or the sip: address, of a device that is no browser.")
@click.password_option(help="Asked for unless given.")
def add(
    login: str,
    name: str | None,
    role: str,
    languages: str,
    topics: str,
    device: str,
    address: str | None,
    password: str,
) -> None:
    """Let somebody sign in at the desk, and say whose calls they take, and where."""
    work = Work(_split(languages), _split(topics), Device(device), address)
    with environment.database():
        try:
            with transaction() as session:
                agents.add_user(session, login, name or login, password, Role(role), work)
        except ValueError as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo(f"{login} may sign in now.")


def _split(given: str) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()]


@user.command("pin")
@click.argument("login")
@click.option("--new", is_flag=True, help="Make one up, and print it alone on the last line.")
def pin(login: str, new: bool) -> None:
    """Set a supervisor's PIN for the telephone, typed or (--new) made up; the old one ends."""
    typed = (
        pins.new_pin() if new else click.prompt("PIN", hide_input=True, confirmation_prompt=True)
    )
    encryption.bind(environment.settings().data_key)
    with environment.database():
        try:
            with transaction() as session:
                pins.set_pin(session, _known(session, login), typed)
                if new:  # inside the transaction: if printing fails, the old PIN stays valid
                    _say_known(login)
                    click.echo(typed)
        except ValueError as fault:
            raise click.ClickException(str(fault)) from fault
    if not new:
        _say_known(login)


def _say_known(login: str) -> None:
    click.echo(f"{login} is known on the telephone: # in the main menu, then the PIN.")


def _known(session: Session, login: str) -> Agent:
    agent = session.scalar(select(Agent).where(Agent.login == login.strip().casefold()))
    if agent is None:
        raise ValueError(f"Nobody has the login {login}.")
    return agent


@click.group()
def token() -> None:
    """Tokens for programs that use the JSON interface."""


@token.command("create")
@click.option("--role", type=ROLE, required=True, help="What it may do, and how it sees numbers.")
@click.option("--name", default="program", show_default=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, help=f"Instead of the role's: {SCOPES}.")
@click.option("--days", type=click.IntRange(1, tokens.MOST_DAYS), help="How long it lives: 365.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Its last day, in Warsaw.")
def create(
    role: str, name: str, scopes: tuple[str, ...], days: int | None, expires: datetime | None
) -> None:
    """Make a token. It is printed once, alone on the last line."""
    if days and expires:
        raise click.UsageError("Give --days or --expires, not both.")
    ends = end_of_day(expires.date()) if expires else None
    ends = datetime.now(UTC) + timedelta(days=days) if days else ends
    wanted = [part for scope in scopes for part in _split(scope)]
    with environment.database():
        try:
            with transaction() as session:
                # Inside the transaction: a token that cannot be printed is not stored.
                click.echo(tokens.create_token(session, name, Role(role), wanted, ends))
        except TokenError as fault:
            raise click.ClickException(str(fault)) from fault


@token.command("list")
def list_() -> None:
    """All tokens: id, name, role, scopes, state, end, last use, and uses after the end."""
    now = datetime.now(UTC)
    with environment.database(), transaction() as session:
        for row in tokens.all_of(session):
            cells = (
                *(str(row.id), row.name, row.role, ",".join(row.scopes)),
                *(tokens.state_of(row, now), _day(row.expires_at), _day(row.used_at)),
                str(row.refused),
            )
            click.echo("\t".join(cells))


def _day(at: datetime | None) -> str:
    return at.astimezone(WARSAW).strftime("%Y-%m-%d") if at else "-"


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def revoke(token_id: int) -> None:
    """End a token now. `centrala token list` has the ids."""
    with environment.database(), transaction() as session:
        row = tokens.revoke(session, token_id, datetime.now(UTC))
        if row is None:
            raise click.ClickException(f"There is no token {token_id}.")
        click.echo(f"The token {row.name} opens nothing any more.")
