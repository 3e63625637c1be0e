"""How pages show values: times in Warsaw, numbers as written in their country, labels for codes.

Also what every page knows: the colours chosen, whether this is a demo, where the style sheet is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import phonenumbers
from flask import Flask, request, url_for
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

import words
from callcenter.callers.identity import masked
from callcenter.console.forms.forms import LookForm
from callcenter.console.layout import labels

CONSOLE = Path(__file__).parent.parent
WORDS = str(CONSOLE / "translations")
PATTERNS = {
    "day": {"pl": "d MMM y", "en": "d MMM y", "uk": "d MMM y"},
    "minute": {"pl": "d MMM y, HH:mm", "en": "d MMM y, HH:mm", "uk": "d MMM y, HH:mm"},
    "second": {"pl": "HH:mm:ss", "en": "HH:mm:ss", "uk": "HH:mm:ss"},
    "clock": {"pl": "HH:mm", "en": "HH:mm", "uk": "HH:mm"},
}
KINDS_OF_NUMBER = {
    phonenumbers.PhoneNumberType.MOBILE: _l("mobile"),
    phonenumbers.PhoneNumberType.FIXED_LINE: _l("landline"),
}


def teach(app: Flask, *, demo: bool) -> None:
    """Give the templates of `app` these filters and values."""
    app.jinja_env.filters.update(
        moment=moment,
        written_moment=written_moment,
        since=since,
        caller=caller,
        masked=masked,
        in_country=in_country,
        recognised=recognised,
        number=number,
        lasted=lasted,
        word=word,
    )
    style = sha256((CONSOLE / "static" / "console.css").read_bytes()).hexdigest()[:12]

    def known() -> dict[str, Any]:
        return {
            "demo": demo,
            "phone": url_for("phone.show") if "phone.show" in app.view_functions else None,
            "theme": _theme(),
            "back": request.full_path if request.method == "GET" else url_for("desk.overview"),
            "locale": str(get_locale()),
            "labels": labels,
            "look": LookForm(formdata=None),
            "style": url_for("access.static", filename="console.css", v=style),
        }

    app.context_processor(known)


def _theme() -> str:
    chosen = request.cookies.get("theme")
    return chosen if chosen in ("light", "dark") else "auto"


def moment(at: datetime | None, pattern: str = "minute") -> Markup | str:
    """A time in Warsaw; the exact one, in UTC, for machines."""
    if at is None:
        return "—"
    exact = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    text = format_datetime(at, PATTERNS[pattern][str(get_locale())])
    # In the night that clocks are put back the time alone would not tell which one it was.
    if pattern != "day" and (season := words.season(str(get_locale()), at)):
        text = f"{text} {season}"
    return Markup('<time datetime="{}">{}</time>').format(exact, text)


def written_moment(text: str) -> Markup | str:
    """A time as a note's change keeps it."""
    return moment(datetime.fromisoformat(text))


def since(at: datetime | None) -> Markup | str:
    """A moment that a page with scripts shows as the time gone since then, counting on."""
    if at is None:
        return "—"
    exact = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = format_datetime(at, PATTERNS["clock"][str(get_locale())])
    return Markup('<time datetime="{}" data-since>{}</time>').format(exact, text)


def in_country(text: str) -> str:
    """A caller's number as it is written in its own country: `501 234 567`, `050 123 4567`."""
    parsed = _parsed(text)
    if parsed is None:
        return caller(text)
    form = phonenumbers.PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(parsed, form).replace(" ", "\N{NO-BREAK SPACE}")


def recognised(text: str) -> str:
    """What a number alone tells of a caller: country and kind, or why nothing is known."""
    parsed = _parsed(text)
    if parsed is None:
        known = {"withheld": _("the caller withholds it"), "unusable": _("the network sent none")}
        return str(known.get(text, _("an internet telephone")))
    region = phonenumbers.region_code_for_number(parsed) or ""
    country = get_locale().territories.get(region, "")
    kind = KINDS_OF_NUMBER.get(phonenumbers.number_type(parsed), "")
    return ", ".join(part for part in (f"+{parsed.country_code}", country, str(kind)) if part)


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text) if text.startswith("+") else None
    except phonenumbers.NumberParseException:
        return None


def caller(text: str) -> str:
    """A caller as people write one: `+48501234567` is `+48 501 234 567`."""
    kept = {"withheld": _("number withheld"), "unusable": _("unusable number")}
    if not text.startswith("+"):
        return str(kept.get(text, text))
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form).replace(" ", "\N{NO-BREAK SPACE}")


def number(digits: str) -> str:
    """A ticket's number in groups of three, as it is read out."""
    return "\N{NO-BREAK SPACE}".join(digits[start : start + 3] for start in range(0, 9, 3))


def lasted(span: timedelta | int | None) -> str:
    """A duration: `4 s`, `2 min 05 s`, `1 h 20 min`; `—` if not known."""
    if span is None:
        return "—"
    seconds = int(span.total_seconds()) if isinstance(span, timedelta) else span
    if seconds < 60:
        return f"{max(seconds, 0)} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def word(value: Any, known: Mapping[Any, Any]) -> str:
    """The desk's word for a code; the code itself when there is none yet, `—` for nothing."""
    return "—" if value is None else str(known.get(value, value))
