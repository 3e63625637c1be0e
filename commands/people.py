"""Who may sit at the desk, and which programs may read it."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

import words
from callcenter import agents, pins, vault
from callcenter.agents import Work
from commands import surroundings
from models import Agent, Device, Role, Topic
from models.session import transaction

ROLE = click.Choice([role.value for role in Role])
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
    with surroundings.database():
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
    """Set a supervisor's PIN for the telephone. Asked for unless made up; an old one is void."""
    typed = (
        pins.new_pin() if new else click.prompt("PIN", hide_input=True, confirmation_prompt=True)
    )
    vault.bind(surroundings.settings().data_key)
    with surroundings.database():
        try:
            with transaction() as session:
                pins.set_pin(session, _known(session, login), typed)
                if new:  # inside: one that cannot be printed does not end the old one
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
@click.option("--role", type=ROLE, required=True, help="What the program may do.")
@click.option("--name", default="program", show_default=True, help="What the token is for.")
def create(role: str, name: str) -> None:
    """Make a token. It is printed once, alone on the last line."""
    with surroundings.database(), transaction() as session:
        # Inside: one that cannot be printed is not kept.
        click.echo(agents.create_token(session, name, Role(role)))
