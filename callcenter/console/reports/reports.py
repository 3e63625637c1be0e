"""Figures of the days that are asked for: how calls ended, how long people waited, topics, hours.

They are about the line, with nothing of a person of the desk or a caller in them, so everybody of
the desk sees them.
"""

from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, ValidationError
from wtforms.validators import InputRequired

from callcenter.console.layout.labels import Words
from callcenter.console.people.people import pages_for
from callcenter.reporting import reports
from callcenter.reporting.reports import Days, Ending
from models import Role
from models.session import transaction

SPANS = (1, 7, 30)
YEARS = range(2000, 2100)
ENDINGS: Words = {
    Ending.BY_LINE: _l("resolved by the line"),
    Ending.GUIDED: _l("heard the guidance"),
    Ending.BY_AGENT: _l("resolved by a consultant in the call"),
    Ending.LEFT_OPEN: _l("left open"),
    Ending.ANSWERED_LATER: _l("answered after the call"),
    Ending.ABANDONED: _l("hung up before help"),
    Ending.INFORMED_OF_OUTAGE: _l("informed of the outage"),
}
NO_DAY = _l("Choose a day, such as 2026-11-23.")

pages = pages_for(Role.AGENT, "reports")


class DayField(DateField):  # type: ignore[misc]
    """A day of the years that a log may be of."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NO_DAY) from None

    def pre_validate(self, form: Form) -> None:
        if self.data and self.data.year not in YEARS:
            raise ValidationError(NO_DAY)


class DaysForm(Form):  # type: ignore[misc]
    """From which to which day, as it stands in the address."""

    first = DayField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    last = DayField(_l("Last day"), [InputRequired(_l("Choose the last day."))])

    def validate_last(self, field: DayField) -> None:
        if self.first.errors or not self.first.data or not field.data:
            return
        if field.data < self.first.data:
            raise ValidationError(_l("The last day is before the first."))
        if field.data - self.first.data >= reports.LONGEST:
            raise ValidationError(_l("A report is of 366 days at most."))

    def days(self) -> Days:
        return Days(self.first.data, self.last.data)


@pages.get("")
def show() -> ResponseReturnValue:
    now = datetime.now(UTC)
    usual = reports.last_days(7, now)
    given = request.args if {"first", "last"} & set(request.args) else None
    form = DaysForm(given, first=usual.first, last=usual.last)
    if given is not None and not form.validate():
        return _page(form, now, found=None), 422
    with transaction() as session:
        return _page(form, now, found=reports.report(session, form.days()))


def _page(form: DaysForm, now: datetime, found: reports.Report | None) -> str:
    spans: dict[int, Any] = {count: reports.last_days(count, now) for count in SPANS}
    return render_template(
        "reports/reports.html",
        form=form,
        found=found,
        now=now,
        spans=spans,
        endings=ENDINGS,
        Ending=Ending,
    )
