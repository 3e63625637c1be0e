"""What people type on the pages of the desk, and the sentences for what cannot be accepted."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Form,
    HiddenField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from callcenter.console import labels
from callcenter.search import Wanted, caller_written
from callcenter.ticket_numbers import LENGTH, is_number
from models import Kind, Status, Topic

LONGEST_NOTE = 10_000


class SignInForm(FlaskForm):  # type: ignore[misc]
    login = StringField(
        _l("Login"), [DataRequired(_l("Type your login.")), Length(max=64)], description=""
    )
    password = PasswordField(
        _l("Password"), [DataRequired(_l("Type your password.")), Length(max=1000)]
    )


class LookForm(FlaskForm):  # type: ignore[misc]
    language = StringField(validators=[Optional(), AnyOf(("pl", "en"))])
    theme = StringField(validators=[Optional(), AnyOf(("auto", "light", "dark"))])
    back = HiddenField()


class NoteForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _l("New note"),
        [
            DataRequired(_l("Type the note first.")),
            Length(max=LONGEST_NOTE, message=_l("A note has at most 10,000 characters.")),
        ],
    )


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    named = [SelectChoice(str(value), label) for value, label in words.items()]
    return [SelectChoice("", _l("any")), *named]


class NarrowForm(Form):  # type: ignore[misc]
    """What a list is narrowed to, as it stands in the address. A caller stands there as the
    number of one of that caller's tickets."""

    status = SelectField(_l("Status"), choices=_choices(labels.STATUSES), default="")
    topic = SelectField(_l("Topic"), choices=_choices(labels.TOPICS), default="")
    kind = SelectField(_l("Kind"), choices=_choices(labels.KINDS), default="")
    language = SelectField(_l("Language"), choices=_choices(labels.LANGUAGES), default="")
    day = DateField(
        _l("Day"), [Optional()], render_kw={"aria-describedby": "day-hint"}, format="%Y-%m-%d"
    )

    def wanted(self, caller: str | None) -> Wanted:
        return Wanted(
            caller=caller,
            status=Status(self.status.data) if self.status.data else None,
            topic=Topic(self.topic.data) if self.topic.data else None,
            kind=Kind(self.kind.data) if self.kind.data else None,
            language=self.language.data or None,
            day=self.day.data,
        )

    def address(self) -> dict[str, str]:
        """The filters in use, as they stand in an address."""
        return {
            name: str(self[name].data)
            for name in ("status", "topic", "kind", "language", "day")
            if self[name].data
        }


class FindForm(NarrowForm, FlaskForm):  # type: ignore[misc]
    """The same, with what must not stand in an address: it is posted."""

    number = StringField(_l("Ticket number"), [Optional(), Length(max=20)])
    caller = StringField(_l("Caller's number"), [Optional(), Length(max=255)])

    def validate_number(self, field: StringField) -> None:
        digits = "".join(field.data.split()).replace("-", "")
        if len(digits) != LENGTH or not digits.isdecimal():
            raise ValidationError(_l("A ticket number has nine digits."))
        if not is_number(digits):
            raise ValidationError(_l("A digit is wrong: no ticket can have this number."))

    def validate_caller(self, field: StringField) -> None:
        if caller_written(field.data) is None:
            raise ValidationError(
                _l("Type a telephone number, such as 501 234 567, or an address, such as sip:…")
            )
