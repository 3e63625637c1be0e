"""`centrala fallback`: what callers hear from the carrier itself when all of us is away."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

import config
import words
from callcenter.announcements import board
from commands import environment
from config import Settings
from ivr import speech, twiml
from ivr.line import Line
from ivr.speech import ANNOUNCEMENT, Speech

NAME = "fallback.xml"


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
def fallback(out: Path | None) -> None:
    """Write the static document for the carrier's fallback address, in three languages."""
    settings = environment.settings()
    board.bind(config.read_home(os.environ).path)
    there = (out or settings.home / NAME).resolve()
    if there.exists() and not there.is_file():
        raise click.ClickException(f"{there} is no file that could be replaced.")
    try:
        write(there, settings)
    except OSError as fault:
        raise click.ClickException(f"{there} cannot be written: {fault.strerror}.") from fault
    click.echo(f"Written to {there}: give it to a static host, and its address to the carrier.")


def write(there: Path, settings: Settings) -> bool:
    """Write the document unless it stands there already; whether it was written."""
    text = document(settings, datetime.now(UTC)).encode()
    if there.exists() and there.read_bytes() == text:
        return False
    new = there.with_name(f"{there.name}.new")
    new.write_bytes(text)
    new.replace(there)
    return True


def document(settings: Settings, now: datetime) -> str:
    """What is on at `now`, the channels that work, and the fallback number where one is set.

    Nothing in it leads back to us, nor to a sound that we would have to serve.
    """
    on = board.board().on_now(now)
    told = [f"{ANNOUNCEMENT}{notice.uid}" for notice in on]
    spoken = speech.in_every_language([*told, "outage-channels"])
    notices = {notice.uid: notice for notice in on}
    line = Line(settings.voices, fallback_number=settings.fallback_number)
    return twiml.static(line, Speech(tuple(spoken), {}, notices), words.LANGUAGES)
