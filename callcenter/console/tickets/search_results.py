"""The results page of the search box: groups of tickets, each with the reason.

The typed text may be a caller's number or a name, so the address has it encrypted.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.console.layout import labels, shown
from callcenter.console.people.people import pages_for
from callcenter.tickets import full_text, lookup, search
from callcenter.tickets.lookup import Group, Why
from callcenter.tickets.relations import head_of
from models import Role, Topic
from models.session import transaction

LANGUAGES = ("pl", "en")

pages = pages_for(Role.AGENT, "found")


def where(session: Session, typed: str) -> str:
    """The address to redirect to: the ticket, a filtered ticket list, or the results page.

    A ticket with exactly this number comes first, even if `typed` could be a caller's number.
    """
    if ticket := search.ticket_by_number(session, typed):
        return str(url_for("tickets.show", number=head_of(ticket).number))
    groups = _groups(session, typed)
    if len(groups) == 1 and groups[0].why in (Why.CALLER, Why.WORDS) and groups[0].filters:
        return str(url_for("tickets.index", **groups[0].filters))
    return url_for("found.show", sealed=full_text.sealed(typed))


def _groups(session: Session, typed: str) -> list[Group]:
    is_supervisor = current_user.role is Role.SUPERVISOR
    return lookup.find(session, typed, _topics(), is_supervisor)


@cache
def _topics() -> Mapping[Topic, Sequence[str]]:
    """The names of each topic, in every language of the console."""
    names: dict[Topic, list[str]] = {topic: [] for topic in Topic}
    for language in LANGUAGES:
        with force_locale(language):
            for topic in Topic:
                names[topic].append(str(labels.TOPICS[topic]))
    return names


@pages.get("/<sealed>")
def show(sealed: str) -> ResponseReturnValue:
    try:
        typed = full_text.unsealed(sealed)
    except ValueError:
        abort(404)
    with transaction() as session:
        groups = _groups(session, typed)
        return render_template(
            "tickets/search_results.html", typed=typed, groups=groups, reason=_reason
        )


def _reason(group: Group) -> str:
    match group.why:
        case Why.NUMBER:
            return str(_("The ticket's number has %(part)s", part=group.of))
        case Why.CALLER if group.filters:
            return str(_("The caller is %(caller)s", caller=shown.caller(group.of)))
        case Why.CALLER:
            return str(_("The caller's number has %(part)s", part=group.of))
        case Why.TOPIC:
            return str(_("The topic is: %(topic)s", topic=labels.TOPICS[Topic(group.of)]))
        case Why.PERSON:
            return str(_("The ticket is with %(name)s", name=group.of))
        case Why.WORDS:
            return str(_("These words are in the notes"))
