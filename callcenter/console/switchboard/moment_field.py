"""A field for a day and a time in Warsaw, also in the night that has an hour twice.

A browser's own field for a local time takes no offset. So a time that comes twice is offered as a
text with its offset; and where one was sent without, the two readings are offered beside it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, StringField
from wtforms.validators import Length
from wtforms.widgets import DateTimeLocalInput, TextInput

import words
from callcenter.calendar.deadlines import WARSAW
from callcenter.calendar.local_times import TimeFault, WarsawTimeError, read_end, read_moment
from callcenter.console.switchboard.outage_labels import FAULTS

READINGS = {"summer": "+02:00", "winter": "+01:00"}
LABELS = {
    "summer": _l("summer time, before clocks are put back (+02:00)"),
    "winter": _l("winter time, after clocks are put back (+01:00)"),
}


def _drawn(field: Field, **attributes: Any) -> Markup:
    """The browser's field for a local time, or a text where it could not hold the value."""
    is_text = len(field.data or "") > len("2026-10-25T02:30:00")
    drawn = TextInput() if is_text else DateTimeLocalInput()
    return Markup("").join((drawn(field, **attributes), _note(is_text), _choice(field)))


def _note(is_text: bool) -> Markup:
    if not is_text:
        return Markup("")
    note = _l("This time comes twice: +02:00 behind it is summer time, +01:00 is winter time.")
    return Markup('<p class="hint">{}</p>').format(note)


def _choice(field: Field) -> Markup:
    if not field.comes_twice:
        return Markup("")
    option = Markup(
        '<div class="option"><input type="radio" id="{id}" name="{name}" value="{value}"{on}> '
        '<label for="{id}">{label}</label></div>'
    )
    options = [
        option.format(
            id=f"{field.id}-{value}",
            name=f"{field.name}-reading",
            value=value,
            on=Markup(" checked") if field.reading == value else "",
            label=label,
        )
        for value, label in LABELS.items()
    ]
    legend = Markup("<legend>{}</legend>").format(_l("Which of the two?"))
    return (
        Markup('<fieldset class="choice">')
        + legend
        + Markup("").join(options)
        + Markup("</fieldset>")
    )


class MomentField(StringField):  # type: ignore[misc]
    """What was typed; `reading` is which of two equal times was chosen, if it had to be."""

    widget = staticmethod(_drawn)
    reading = ""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, [Length(max=40)], **more)

    def process(self, formdata: Any, *more: Any, **options: Any) -> None:
        super().process(formdata, *more, **options)
        chosen = formdata.get(f"{self.name}-reading", "") if formdata else ""
        self.reading = chosen if chosen in READINGS else ""

    def moment(self, now: datetime) -> datetime:
        """The moment that is meant. Raises WarsawTimeError; the field says why."""
        return self._told(lambda text: read_moment(text, now))

    def end(self, now: datetime, starts_at: datetime) -> datetime:
        """The same of the end of a window. Raises WarsawTimeError; the field says why."""
        return self._told(lambda text: read_end(text, now, starts_at))

    def _told(self, read: Callable[[str], datetime]) -> datetime:
        try:
            return self._read(read)
        except WarsawTimeError as fault:
            self.errors = [f"{self.label.text}: {FAULTS[fault.fault]}"]
            raise

    def _read(self, read: Callable[[str], datetime]) -> datetime:
        text = (self.data or "").strip()
        try:
            return read(text)
        except WarsawTimeError as fault:
            if fault.fault is not TimeFault.TWICE or not self.reading:
                raise
            return read(text + READINGS[self.reading])

    @property
    def comes_twice(self) -> bool:
        """Whether it has to be told which of two equal times is meant."""
        try:
            read_moment(self.data or "", datetime.now(UTC))
        except WarsawTimeError as fault:
            return fault.fault is TimeFault.TWICE
        return False


def local(moment: datetime | None, *, is_end: bool = False) -> str:
    """As the field takes it: with its offset where it comes twice, an end with its seconds."""
    if moment is None:
        return ""
    if is_end and moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    here = moment.astimezone(WARSAW)
    if words.season("en", moment):
        return here.isoformat(timespec="seconds" if here.second and is_end else "minutes")
    return f"{here:%Y-%m-%dT%H:%M:%S}" if here.second and is_end else f"{here:%Y-%m-%dT%H:%M}"
