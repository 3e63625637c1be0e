"""Who may sit at the desk, and which programs may read it."""

import click

from callcenter import agents
from commands import surroundings
from models import Role
from models.session import transaction

ROLE = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """People of the desk."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="As others see it; the login unless given.")
@click.option("--role", type=ROLE, default=Role.AGENT.value, show_default=True)
@click.password_option(help="Asked for unless given.")
def add(login: str, name: str | None, role: str, password: str) -> None:
    """Let somebody sign in at the desk."""
    with surroundings.database():
        try:
            with transaction() as session:
                agents.add_user(session, login, name or login, password, Role(role))
        except ValueError as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo(f"{login} may sign in now.")


@click.group()
def token() -> None:
    """Tokens for programs that use the JSON interface."""


@token.command("create")
@click.option("--role", type=ROLE, required=True, help="What the program may do.")
@click.option("--name", default="program", show_default=True, help="What the token is for.")
def create(role: str, name: str) -> None:
    """Make a token. It is printed once, alone on the last line."""
    with surroundings.database(), transaction() as session:
        made = agents.create_token(session, name, Role(role))
    click.echo(made)
