"""A telephone in the terminal."""

import click

from commands import surroundings


@click.command()
@click.option("--keys", default="", help="Keys to press one after another: 1,2,1.")
@click.option("--from", "from_", default="+48600100200", show_default=True, help="Who calls.")
def call(keys: str, from_: str) -> None:
    """Call the running line and read what it says."""
    from carrier import terminal

    pressed = [key.strip() for key in keys.split(",") if key.strip()]
    terminal.place_call(surroundings.settings().twilio_api_base, from_, pressed, click.echo)
