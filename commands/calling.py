"""A telephone in the terminal."""

import click

from commands import environment
from config import CARRIER

KEYS = frozenset("0123456789*#")


@click.command()
@click.option("--keys", default="", help="Answers to give one after another: 1,2,123456782.")
@click.option("--from", "from_", default="+48600100200", show_default=True, help="Who calls.")
def call(keys: str, from_: str) -> None:
    """Call the running line and read what it says."""
    from carrier import terminal

    pressed = [key.strip() for key in keys.split(",") if key.strip()]
    if wrong := next((keys for keys in pressed if not KEYS.issuperset(keys)), None):
        raise click.BadParameter(f"{wrong!r} is not made of 0 to 9, * and #.", param_hint="--keys")
    base = environment.settings().twilio_api_base
    if base == CARRIER:
        raise click.ClickException("Calls are placed on a demo's telephone network: make run.")
    raise click.exceptions.Exit(terminal.place_call(base, from_, pressed, click.echo))
