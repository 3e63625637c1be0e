"""Upkeep of the rows."""

import click
import requests
from twilio.base.exceptions import TwilioException

from commands import surroundings


@click.group()
def db() -> None:
    """The database's form."""


@db.command()
def upgrade() -> None:
    """Bring the database to the form that this release needs."""
    with surroundings.database():
        click.echo("The database has its newest form.")


@click.command()
def sweep() -> None:
    """Do once what the scheduler does over and over: hand over jobs that were left behind."""
    import app
    from callcenter import jobs

    settings = surroundings.settings()
    with surroundings.servers():
        app.bind(settings)
        app.bind_telephony(settings)
        click.echo(f"Jobs handed over: {jobs.sweep()}.")
        try:
            opened, ended = jobs.compare_with_carrier()
        except (TwilioException, requests.RequestException) as fault:
            why = type(fault).__name__
            raise click.ClickException(f"The carrier did not list its calls ({why}).") from fault
        click.echo(f"Calls that never reached us: {opened}; that were over: {ended}.")
