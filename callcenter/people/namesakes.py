"""Appends the login to the names of people of the desk whose names look the same.

The row keeps the name with the login, so every page, list and export shows it.
"""

import unicodedata
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agent

# Cyrillic, Greek and other letters that look like Latin ones.
# Source: https://www.unicode.org/Public/security/latest/confusables.txt
_LOOKS_LIKE = str.maketrans(
    {
        **dict(
            zip(
                "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455",
                "aeopcyxijs",
                strict=True,
            )
        ),
        **dict(zip("\u0432\u043a\u043c\u043d\u0442", "bkmht", strict=True)),
        **dict(zip("\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba", "aopvik", strict=True)),
        "\u0131": "i",
    }
)


def lookalike_key(name: str) -> str:
    """A key that is equal for names that look the same to a reader."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    seen = (letter for letter in apart if unicodedata.category(letter)[0] not in "MC")
    return " ".join("".join(seen).translate(_LOOKS_LIKE).split())


def own_name(name: str, login: str) -> str:
    """`name` without the login that `disambiguate` appended."""
    return name.strip().removesuffix(_mark(login))


def disambiguate(session: Session) -> None:
    """Append the login to each name that looks like another person's; remove it from all others."""
    session.flush()
    alike = defaultdict(list)
    for agent in session.scalars(select(Agent).order_by(Agent.id).with_for_update()):
        alike[lookalike_key(own_name(agent.name, agent.login))].append(agent)
    for people in alike.values():
        for agent in people:
            name = own_name(agent.name, agent.login)
            wanted = name + _mark(agent.login) if len(people) > 1 else name
            if agent.name != wanted:
                agent.name = wanted
    session.flush()


def _mark(login: str) -> str:
    return f" ({login})"
