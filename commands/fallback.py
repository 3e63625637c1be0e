"""`centrala fallback`: what callers hear from the carrier itself when our servers are all away."""

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
    """Write the document, unless the file has it already; whether it was written."""
    text = document(settings, datetime.now(UTC)).encode()
    if there.exists() and there.read_bytes() == text:
        return False
    new = there.with_name(f"{there.name}.new")
    new.write_bytes(text)
    new.replace(there)
    return True


def document(settings: Settings, now: datetime) -> str:
    """The document: current announcements, the working channels, and the fallback number if set.

    It refers neither to our server nor to sounds that our server would have to send.
    """
    on = board.board().on_now(now)
    told = [f"{ANNOUNCEMENT}{notice.uid}" for notice in on]
    spoken = speech.in_every_language([*told, "outage-channels"])
    notices = {notice.uid: notice for notice in on}
    line = Line(settings.voices, fallback_number=settings.fallback_number)
    return twiml.static(line, Speech(tuple(spoken), {}, notices), words.LANGUAGES)
