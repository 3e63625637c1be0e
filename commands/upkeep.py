"""Commands that maintain the database."""

from datetime import UTC, datetime

import click
import requests
from sqlalchemy import text
from twilio.base.exceptions import TwilioException

from callcenter.outbox import outbox
from callcenter.privacy import data_key, encryption
from callcenter.telephony.faults import why_not_done
from commands import environment
from models.session import transaction

GRACE = "Calls of the last minute are left alone: their first webhook may be on its way."
REDIS_AWAY = "Redis does not answer: jobs wait in the database until it does."


@click.group()
def db() -> None:
    """The database's form."""


@db.command()
@click.option("--new-data-key", is_flag=True, help="The old DATA_KEY is lost: this one is right.")
def upgrade(new_data_key: bool) -> None:
    """Bring the database to the form that this release needs."""
    key = environment.data_key()
    if new_data_key and not key:
        raise click.UsageError("DATA_KEY is missing: which is the new one?")
    with environment.database(waits=True):
        click.echo("The database has its newest form.")
        if key:
            encryption.bind(key)
            _note_key(new_data_key)


def _note_key(is_new: bool) -> None:
    with transaction() as session:
        if is_new:
            data_key.change(session, datetime.now(UTC))
        elif not data_key.note(session, datetime.now(UTC)):
            raise click.ClickException(data_key.ANOTHER)


@click.command()
def sweep() -> None:
    """Run the scheduler's sweep once: send jobs to the queue again that got lost."""
    import app
    from callcenter import jobs

    settings = environment.settings()
    with environment.servers():
        app.bind(settings)
        app.bind_telephony(settings)
        _insist_on_database()
        click.echo(f"Jobs handed over: {jobs.sweep()}.")
        faults = [] if outbox.is_reachable() else [REDIS_AWAY]
        try:
            opened, ended = jobs.compare_with_carrier()
        except (TwilioException, requests.RequestException) as fault:
            faults.append(f"The carrier did not list its calls: {why_not_done(fault)}")
        else:
            click.echo(f"Calls that never reached us: {opened}; that were over: {ended}.")
            click.echo(GRACE)
    if faults:
        raise click.ClickException(" ".join(faults))


def _insist_on_database() -> None:
    """Raise DatabaseAway if the database does not answer; after that, work has no time limit."""
    with transaction(environment.DATABASE_SECONDS) as session:
        session.execute(text("SELECT 1"))
