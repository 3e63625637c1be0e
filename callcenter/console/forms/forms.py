"""What people type on the pages of the desk, and the sentences for what cannot be accepted."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
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

from callcenter.calendar.deadlines import FURTHEST, Due, end_of_day, is_working_day, span_of
from callcenter.console.layout import labels
from callcenter.privacy.visible_text import normal_newlines
from callcenter.tickets import full_text
from callcenter.tickets.resolutions import Resolution, for_topic
from callcenter.tickets.search import Sort, Wanted, caller_written
from callcenter.tickets.ticket_numbers import is_number, written
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


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What somebody decides of a ticket: the note, what is picked, and upon which version.

    One form for all, so that what was typed is never lost between two of them.
    """

    version = HiddenField()
    ticket = HiddenField()
    over = HiddenField()
    text = TextAreaField(
        _l("New note"),
        [Length(max=LONGEST_NOTE, message=_l("A note has at most 10,000 characters."))],
        filters=[normal_newlines],
    )
    topic = SelectField(_l("Topic"), choices=[], validate_choice=False)
    resolution = SelectField(_l("Resolution"), choices=[], validate_choice=False)
    due_on = DateField(_l("Due"), [Optional()], format="%Y-%m-%d")
    assigned_to = SelectField(_l("With"), choices=[], validate_choice=False)
    text_wanted = BooleanField(_l("Tell the caller by SMS that it is answered"))
    other = StringField(_l("Another ticket"), [Optional(), Length(max=60)])

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """Fill the lists: topics, each topic's resolutions (the picked one's first), people."""
        picked_first = sorted(Topic, key=lambda topic: topic.value != self.topic.data)
        self.topic.choices = [
            SelectChoice("", _l("choose")),
            *(SelectChoice(code.value, labels.TOPICS[code]) for code in Topic),
        ]
        self.resolution.choices = [
            SelectChoice("", _l("choose")),
            *(
                SelectChoice(
                    code, labels.RESOLUTIONS[Resolution(code)], optgroup=labels.TOPICS[topic]
                )
                for topic in picked_first
                for code in for_topic(topic)
            ),
        ]
        self.assigned_to.choices = [
            SelectChoice("", _l("nobody in particular")),
            *(SelectChoice(str(id_), name) for id_, name in people),
        ]

    def validate_due_on(self, field: DateField) -> None:
        if field.data and field.data > datetime.now(UTC).date() + FURTHEST:
            raise ValidationError(_l("This day is too far away."))
        if field.data and not is_working_day(field.data):
            raise ValidationError(_l("This is no working day."))
        if field.data and end_of_day(field.data) < datetime.now(UTC):
            raise ValidationError(_l("This day is over."))

    def typed(self) -> dict[str, str]:
        """The fields as a draft keeps them."""
        names = ("text", "topic", "resolution", "due_on", "assigned_to", "text_wanted", "other")
        return {name: str(self[name].data) for name in names if self[name].data}


def choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """A list to choose from, with `any` before all."""
    named = [SelectChoice(str(value), label) for value, label in words.items()]
    return [SelectChoice("", _l("any")), *named]


class NarrowForm(Form):  # type: ignore[misc]
    """What a list is narrowed to, as it stands in the address. A caller stands there as the
    number of one of that caller's tickets."""

    status = SelectField(_l("Status"), choices=choices(labels.STATUSES), default="")
    topic = SelectField(_l("Topic"), choices=choices(labels.TOPICS), default="")
    kind = SelectField(_l("Kind"), choices=choices(labels.KINDS), default="")
    language = SelectField(_l("Language"), choices=choices(labels.LANGUAGES), default="")
    day = DateField(
        _l("Day"), [Optional()], render_kw={"aria-describedby": "day-hint"}, format="%Y-%m-%d"
    )

    due = SelectField(_l("Due"), choices=choices(labels.BOARDS), default="")
    person = SelectField(_l("With"), choices=[], validate_choice=False, default="")
    words = HiddenField()
    sort = HiddenField(validators=[Optional(), AnyOf([*Sort])])

    def validate_day(self, field: DateField) -> None:
        if field.data and not 2000 <= field.data.year <= 2199:
            raise ValidationError(_l("This day is too far away."))

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """Fill the list of those with whom a ticket can be."""
        self.person.choices = choices(dict(people))

    def validate_person(self, field: SelectField) -> None:
        if field.data and not re.fullmatch("[0-9]{1,18}", field.data):
            raise ValidationError(_l("Choose somebody of the desk."))

    def wanted(self, caller: str | None, words: str | None, now: datetime) -> Wanted:
        return Wanted(
            caller=caller,
            words=words,
            due=span_of(Due(self.due.data), now) if self.due.data else None,
            status=Status(self.status.data) if self.status.data else None,
            topic=Topic(self.topic.data) if self.topic.data else None,
            kind=Kind(self.kind.data) if self.kind.data else None,
            language=self.language.data or None,
            day=self.day.data,
            sort=Sort(self.sort.data) if self.sort.data else None,
            assigned_to=int(self.person.data) if self.person.data else None,
        )

    def address(self) -> dict[str, str]:
        """The filters in use, as they stand in an address."""
        return {
            name: str(self[name].data)
            for name in ("status", "topic", "kind", "language", "day", "due", "person", "sort")
            if self[name].data
        }


class FindForm(NarrowForm, FlaskForm):  # type: ignore[misc]
    """The same, with what must not stand in an address: it is posted."""

    words = StringField(_l("Words in notes"), [Length(max=600)])
    number = StringField(_l("Ticket number"), [Optional(strip_whitespace=False), Length(max=60)])
    caller = StringField(_l("Caller's number"), [Optional(strip_whitespace=False), Length(max=255)])

    def validate_words(self, field: StringField) -> None:
        if field.data and (why := full_text.unasked(field.data)):
            raise ValidationError(labels.UNASKED[why])

    def validate_number(self, field: StringField) -> None:
        digits = written(field.data)
        if digits is None:
            raise ValidationError(_l("A ticket number has nine digits."))
        if not is_number(digits):
            raise ValidationError(_l("A digit is wrong: no ticket can have this number."))

    def validate_caller(self, field: StringField) -> None:
        if caller_written(field.data) is None:
            raise ValidationError(
                _l("Type a telephone number, such as 501 234 567, or an address, such as sip:…")
            )
