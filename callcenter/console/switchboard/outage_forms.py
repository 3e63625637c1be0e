"""What supervisors fill in to switch an announcement: first until when, then what, then its words.

The page asks for the end first, because an announcement that nobody ends is the commonest fault.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from callcenter.announcements.drafts import LONGEST_TEXT, AnnouncementError, Wanted
from callcenter.announcements.notices import Notice, Period
from callcenter.calendar.deadlines import WARSAW
from callcenter.console.switchboard.moment_field import MomentField, local
from callcenter.console.switchboard.outage_labels import FAULTS, OWN, SCOPES, TEMPLATES
from models import Scope, Template
from words import LANGUAGES

SHIFTS_END = (time(6), time(14), time(22))
TOO_SOON = timedelta(minutes=15)
MORE_WINDOWS = (2, 3)


def shift_end(now: datetime) -> datetime:
    """When the shift ends that works at `now`; one that is all but over is not offered."""
    today = now.astimezone(WARSAW).date()
    ends = [
        datetime.combine(day, end, WARSAW).astimezone(UTC)
        for day in (today, today + timedelta(days=1))
        for end in SHIFTS_END
    ]
    return next(end for end in ends if end - now > TOO_SOON)


def _words(label: str) -> TextAreaField:
    return TextAreaField(label, [Length(max=10 * LONGEST_TEXT)])


class ShiftEndField(MomentField):
    """The end of the shift as it was offered, in ISO 8601; people do not see it."""

    widget = HiddenInput()


class OutageForm(FlaskForm):  # type: ignore[misc]
    """What is wanted. `replaces` names the announcement whose date is changed by it."""

    replaces = HiddenField()
    until = RadioField(
        _l("Until when?"),
        [InputRequired(_l("Choose until when."))],
        choices=[
            SelectChoice("shift", _l("until the end of the shift")),
            SelectChoice("time", _l("until a time")),
            SelectChoice("open", _l("until I end it; the end is not known")),
        ],
    )
    shift_ends_at = ShiftEndField(_l("End of the shift"))
    ends_at = MomentField(_l("End"))
    scope = RadioField(
        _l("What is out?"),
        [InputRequired(_l("Choose what is out."))],
        choices=[SelectChoice(str(scope), label) for scope, label in SCOPES.items()],
    )
    template = RadioField(
        _l("What shall callers hear?"),
        [InputRequired(_l("Choose what callers shall hear."))],
        choices=[SelectChoice(str(chosen), label) for chosen, label in TEMPLATES.items()],
    )
    text_pl = _words(_l("Polish"))
    text_en = _words(_l("English"))
    text_uk = _words(_l("Ukrainian"))
    start = RadioField(
        _l("From when?"),
        choices=[SelectChoice("now", _l("from now on")), SelectChoice("time", _l("from a time"))],
        default="now",
    )
    starts_at = MomentField(_l("Start"))
    from_2 = MomentField(_l("Second window: start"))
    to_2 = MomentField(_l("Second window: end"))
    from_3 = MomentField(_l("Third window: start"))
    to_3 = MomentField(_l("Third window: end"))

    def validate_ends_at(self, field: Field) -> None:
        if self.until.data == "time" and not field.data:
            raise ValidationError(_l("Choose until when."))

    def validate_starts_at(self, field: Field) -> None:
        if self.start.data == "time" and not field.data:
            raise ValidationError(_l("Choose from when."))

    def wanted(self, now: datetime) -> Wanted:
        """What the form says. Raises WarsawTimeError for a time that is none; its field says so."""
        own = self.template.data == OWN
        return Wanted(
            scope=Scope(self.scope.data),
            template=None if own else Template(self.template.data),
            text=texts(self) if own else {},
            periods=self._periods(now),
        )

    def _periods(self, now: datetime) -> list[Period]:
        starts_at = now if self.start.data == "now" else self.starts_at.moment(now)
        periods = [Period(starts_at, self._end(now, starts_at))]
        for number in MORE_WINDOWS:
            start, end = self[f"from_{number}"], self[f"to_{number}"]
            if start.data or end.data:
                begins_at = start.moment(now)
                periods.append(Period(begins_at, end.end(now, begins_at) if end.data else None))
        return periods

    def _end(self, now: datetime, starts_at: datetime) -> datetime | None:
        if self.until.data == "shift":
            return self.shift_ends_at.moment(now)
        return self.ends_at.end(now, starts_at) if self.until.data == "time" else None

    def refuse(self, fault: AnnouncementError) -> None:
        """Say at its field what is wrong."""
        self[_field_of(fault.field)].errors = [FAULTS[fault.reason]]


def _field_of(name: str) -> str:
    """The field of the form for a field of an announcement."""
    kind, *rest = name.split(".")
    if kind == "text":
        return f"text_{rest[0]}"
    if kind != "windows" or not rest:
        return "until"
    side = "from" if rest[1] == "starts_at" else "to"
    return f"{side}_{int(rest[0]) + 1}" if int(rest[0]) else rest[1]


def texts(form: FlaskForm) -> dict[str, str]:
    """The words in the form, by language."""
    return {language: form[f"text_{language}"].data or "" for language in LANGUAGES}


def filled_in(notice: Notice) -> Mapping[str, Any]:
    """The form's data that would make `notice` again."""
    first, *more = notice.periods
    data: dict[str, Any] = {
        "replaces": notice.uid,
        "scope": notice.scope.value,
        "template": notice.template or OWN,
        "until": "time" if first.ends_at else "open",
        "ends_at": local(first.ends_at, is_end=True),
        "start": "time",
        "starts_at": local(first.starts_at),
    }
    if not notice.template:
        data |= {f"text_{language}": text for language, text in notice.text.items()}
    for number, period in zip(MORE_WINDOWS, more, strict=False):
        data |= {f"from_{number}": local(period.starts_at), f"to_{number}": _ended(period)}
    return data


def _ended(period: Period) -> str:
    return local(period.ends_at, is_end=True)


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The exact words, before they go out. `prepared` is the announcement itself, signed."""

    prepared = HiddenField(validators=[InputRequired()])
    text_pl = _words(_l("Polish"))
    text_en = _words(_l("English"))
    text_uk = _words(_l("Ukrainian"))
    sound_pl = FileField(_l("Recording in Polish"))
    sound_en = FileField(_l("Recording in English"))
    sound_uk = FileField(_l("Recording in Ukrainian"))
    spoken_pl = BooleanField(_l("speak the text, not the recording"))
    spoken_en = BooleanField(_l("speak the text, not the recording"))
    spoken_uk = BooleanField(_l("speak the text, not the recording"))

    def refuse(self, fault: AnnouncementError) -> None:
        """Say at its field what is wrong."""
        name = _field_of(fault.field)
        self[name if name in self else "text_pl"].errors = [FAULTS[fault.reason]]


class UpdateForm(FlaskForm):  # type: ignore[misc]
    """What became known meanwhile, and when more will be told."""

    text_pl = _words(_l("Polish"))
    text_en = _words(_l("English"))
    text_uk = _words(_l("Ukrainian"))
    next_word_at = MomentField(_l("The next word"))

    def refuse(self, fault: AnnouncementError) -> None:
        """Say at its field what is wrong."""
        name = fault.field.replace("text.", "text_")
        late = _l("The next word must be later than now.")
        self[name].errors = [late if name == "next_word_at" else FAULTS[fault.reason]]


class SureForm(FlaskForm):  # type: ignore[misc]
    """Nothing but a button."""
