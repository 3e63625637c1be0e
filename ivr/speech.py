"""The words of a document: the prompts of its place, with the current announcements among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import words
from callcenter.announcements.notices import Notice
from callcenter.outbound import dial_policy
from ivr.script import ANNOUNCEMENTS, PLAYED, Can, Node
from models import Scope

ANNOUNCEMENT = "announcement:"
SOUND = "sound:"


@dataclass(frozen=True)
class Speech:
    """The words of a document: the names of its prompts, in order, and their variables.

    A prompt may carry its own language ("uk:outage-channels"). "announcement:UID" is one of the
    `notices`, which are keyed by uid. "sound:NAME" is a recording.
    """

    prompts: tuple[str, ...]
    variables: Mapping[str, Any]
    notices: Mapping[str, Notice] = field(default_factory=dict)


def prompts(node: Node, on: Iterable[Notice], played: str = "") -> list[str]:
    """The prompts of `node`, in order, with the pseudo-prompts replaced by `on` and `played`."""
    told = [f"{ANNOUNCEMENT}{notice.uid}" for notice in on]
    instead = {ANNOUNCEMENTS: told, PLAYED: [played] if played else []}
    return [spoken for prompt in node.prompts for spoken in instead.get(prompt, [prompt])]


def in_every_language(spoken: Sequence[str]) -> list[str]:
    """The prompts in one language after the other, for a caller whose language is not known."""
    return [f"{language}:{prompt}" for language in words.LANGUAGES for prompt in spoken]


def is_in_every_language(spoken: Sequence[str]) -> bool:
    """Whether the prompts are in the form that `in_every_language` gives."""
    return {split(prompt, "")[0] for prompt in spoken} == set(words.LANGUAGES)


def split(prompt: str, language: str) -> tuple[str, str]:
    """The language of a prompt (its own, else `language`) and its bare name."""
    own, mark, name = prompt.partition(":")
    return (own, name) if mark and own in words.LANGUAGES else (language, prompt)


def announced(spoken: Iterable[str]) -> list[str]:
    """The uids of the announcements among the prompts, without duplicates."""
    names = (split(prompt, "")[1] for prompt in spoken)
    uids = (name.removeprefix(ANNOUNCEMENT) for name in names if name.startswith(ANNOUNCEMENT))
    return list(dict.fromkeys(uids))


def variables(language: str, spoken: Iterable[str]) -> frozenset[str]:
    """The variables that the prompts take."""
    return _variables(language, tuple(spoken))


@lru_cache(maxsize=4096)
def _variables(language: str, spoken: Sequence[str]) -> frozenset[str]:
    parts = (split(prompt, language) for prompt in spoken)
    return frozenset(
        variable
        for spoken_in, name in parts
        if not is_played(name)
        for variable in words.variables(spoken_in, name)
    )


def is_played(prompt: str) -> bool:
    """Whether the prompt is an announcement or a recording, not an entry of the word files."""
    return prompt.startswith((ANNOUNCEMENT, SOUND))


def is_out(on: Iterable[Notice], scope: Scope) -> str:
    """Whether an announcement of `scope` is on, as the word files take it: yes or no."""
    return _yes(any(notice.scope is scope for notice in on))


def abilities(caller: str) -> frozenset[Can]:
    """What the caller's number allows by the dial policy (callcenter.outbound)."""
    able = {Can.SMS: dial_policy.may_text(caller), Can.CALLBACK: dial_policy.may_call(caller)}
    return frozenset(can for can, yes in able.items() if yes)


def flags(caller: str) -> Mapping[str, Any]:
    """The same as variables for the word files."""
    return _flags(abilities(caller))


@lru_cache(maxsize=8)
def _flags(able: frozenset[Can]) -> Mapping[str, Any]:
    return MappingProxyType({can.value: _yes(can in able) for can in Can})


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"
