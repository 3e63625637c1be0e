"""What a page of the phone script is made of: one keyword a node, plain frozen data.

A target is the name of a node in the same flow, or of another flow, which is entered at its first
node.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from functools import cached_property

from callcenter.actions import Action
from models import Kind, Outcome, Topic
from words.facts import FACTS

Target = str
EVERYWHERE = frozenset({"0", "9", "*"})
# Stands among the prompts of a node where the announcements that are on now are spoken.
ANNOUNCEMENTS = "announcements"
# Stands among them where something that an action found is played: a variable of this name says
# what, "announcement:<uid>" or "sound:<name>".
PLAYED = "played"
PSEUDO_PROMPTS = frozenset({ANNOUNCEMENTS, PLAYED})


class Can(StrEnum):
    """What the caller's number allows: some keys are offered only where they can be kept."""

    SMS = "sms"
    CALLBACK = "callback"

    @property
    def refusal(self) -> str:
        """The prompt for a caller whose number does not allow it and who presses the key."""
        return f"notice-no-{self.value}"


@dataclass(frozen=True)
class Again:
    """A way that counts as an unusable answer: `node` asks once more, after saying `notice`."""

    node: Target
    notice: str


@dataclass(frozen=True)
class Node:
    """What all nodes share: `says` names the prompts, in order; entering the node sets `topic`."""

    says: str = ""
    _: KW_ONLY
    topic: Topic | None = None

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return tuple(self.says.split())

    def targets(self) -> Iterator[Target]:
        """Every target this node can lead to by itself."""
        return iter(())


@dataclass(frozen=True)
class Menu(Node):
    """A question answered by one key.

    `otherwise` is where three unusable answers in a row lead; after the first and second `again`
    asks once more (the node itself by default). `hidden` keys are accepted and not spoken;
    `only_if` names keys that are offered only to callers whose number allows it. With `languages`,
    8 and 7 change the language and lead to that node, which is offered before the `closing` words.
    A `bulletin` has none of the keys that work everywhere but *, and `silence` leads on at once;
    who leaves it by a hidden key has heard it, and `earns` that outcome. `patience_s` is how long
    an answer is waited for.
    """

    _: KW_ONLY
    press: Mapping[str, Target]
    otherwise: Target
    again: Target | None = None
    hidden: Mapping[str, Target] = field(default_factory=dict)
    only_if: Mapping[str, Can] = field(default_factory=dict)
    languages: Target | None = None
    closing: str = ""
    bulletin: bool = False
    earns: Outcome | None = None
    silence: Target | None = None
    patience_s: int = 6

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return (*self.says.split(), *self.closing.split())

    def targets(self) -> Iterator[Target]:
        yield from self.press.values()
        yield from self.hidden.values()
        yield self.otherwise
        yield from (target for target in (self.again, self.languages, self.silence) if target)


@dataclass(frozen=True)
class Ask(Node):
    """A question answered by `digits` digits, kept under the name `into`.

    Digits that fail `check` are an unusable answer: the caller hears `wrong`. A `secret` is never
    stored, logged or said in clear.
    """

    _: KW_ONLY
    digits: int
    into: str
    check: Callable[[str], bool]
    wrong: str
    then: Target
    otherwise: Target
    secret: bool = False

    def targets(self) -> Iterator[Target]:
        yield from (self.then, self.otherwise)


@dataclass(frozen=True)
class Say(Node):
    """Guidance in a document of its own; heard to its end, it `earns` that outcome."""

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True)
class Lead(Node):
    """Words that lead into the next node and are spoken in the same breath as its own.

    They can settle what `kind` of ticket this is.
    """

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None
    kind: Kind | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True, init=False)
class Do(Node):
    """An action of the desk (a function of `callcenter`), and a way for each of its outcomes.

    `unavailable` is always among them: it is taken when the action cannot be done now.
    """

    _: KW_ONLY
    action: Action
    ways: Mapping[str, Target | Again]

    def __init__(
        self,
        action: Action,
        *,
        unavailable: Target,
        topic: Topic | None = None,
        **ways: Target | Again,
    ) -> None:
        super().__init__(topic=topic)
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "ways", {**ways, "unavailable": unavailable})

    def targets(self) -> Iterator[Target]:
        for way in self.ways.values():
            yield way.node if isinstance(way, Again) else way


@dataclass(frozen=True)
class Record(Node):
    """A message after the tone, of at most `longest_s` seconds; a kept one `earns` its outcome."""

    _: KW_ONLY
    then: Target
    otherwise: Target
    earns: Outcome = Outcome.LEFT_OPEN
    kind: Kind | None = None
    longest_s: int = FACTS.message_minutes * 60

    def targets(self) -> Iterator[Target]:
        yield from (self.then, self.otherwise)


@dataclass(frozen=True)
class Transfer(Node):
    """Into the carrier's queue, where `wait` is played until a consultant takes the call.

    When our desk takes the caller, the caller is led to `taken`; `bridged` follows a conversation
    with somebody who took the caller from the carrier's queue, `failed` a queue that does not work.
    """

    _: KW_ONLY
    queue: str
    wait: Target
    bridged: Target
    failed: Target
    taken: Target | None = None

    def targets(self) -> Iterator[Target]:
        yield from (self.wait, self.bridged, self.failed)
        if self.taken:
            yield self.taken


@dataclass(frozen=True)
class Talk(Node):
    """In a conference with the desk; `parted` follows when nobody of it is there any more."""

    _: KW_ONLY
    parted: Target

    def targets(self) -> Iterator[Target]:
        yield self.parted


@dataclass(frozen=True)
class Wait(Node):
    """One round of the waiting loop; it starts again by itself until a key or a consultant comes.

    After `longest_s` seconds in the queue the caller is led to `overdue`.
    """

    _: KW_ONLY
    press: Mapping[str, Target]
    overdue: Target
    longest_s: int
    only_if: Mapping[str, Can] = field(default_factory=dict)

    def targets(self) -> Iterator[Target]:
        yield from self.press.values()
        yield self.overdue


@dataclass(frozen=True)
class End(Node):
    """Last words, and the outcome that the ticket of a call has when it ends here."""

    _: KW_ONLY
    outcome: Outcome
