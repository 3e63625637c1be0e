"""The nodes of the phone script: frozen data, one class for each kind of node.

A target is the name of a node in the same flow, or the name of another flow, which is entered at
its first node.
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
# A pseudo-prompt: it is replaced by the announcements that are on.
ANNOUNCEMENTS = "announcements"
# A pseudo-prompt: it is replaced by what an action found. The variable of this name holds
# "announcement:<uid>" or "sound:<name>".
PLAYED = "played"
PSEUDO_PROMPTS = frozenset({ANNOUNCEMENTS, PLAYED})


class Can(StrEnum):
    """What the caller's number allows; some keys are offered only if it does."""

    SMS = "sms"
    CALLBACK = "callback"

    @property
    def refusal(self) -> str:
        """The prompt for a caller who presses the key although the number does not allow it."""
        return f"notice-no-{self.value}"


@dataclass(frozen=True)
class Again:
    """A target that counts as an unusable answer: say `notice`, then ask again at `node`."""

    node: Target
    notice: str


@dataclass(frozen=True)
class Node:
    """The fields of every node.

    `says` names the prompts, in order. Entering the node sets `topic`.
    """

    says: str = ""
    _: KW_ONLY
    topic: Topic | None = None

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        return tuple(self.says.split())

    def targets(self) -> Iterator[Target]:
        """Every target that this node can lead to by itself."""
        return iter(())


@dataclass(frozen=True)
class Menu(Node):
    """A question answered by one key.

    After the first and second unusable answer in a row, `again` asks once more (by default the node
    itself); the third leads to `otherwise`. `hidden` keys are accepted but not spoken. `only_if`
    names keys that are offered only to callers whose number allows it. With `languages`, keys 8 and
    7 change the language and lead to that node; they are offered before the `closing` words. In a
    `bulletin`, * is the only key that works as everywhere else, and `silence` leads on at once. A
    caller who leaves a bulletin by a hidden key has heard it, and `earns` that outcome.
    `patience_s` is the time to wait for an answer, in seconds.
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
    """A question answered by `digits` digits, which are kept under the name `into`.

    Digits that fail `check` are an unusable answer, and the caller hears `wrong`. A `secret` is
    never stored, logged or spoken.
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
    """Guidance in a document of its own; a caller who hears it to its end `earns` that outcome."""

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True)
class Lead(Node):
    """Words spoken in the same document as the next node's. They can set the ticket's `kind`."""

    _: KW_ONLY
    then: Target
    earns: Outcome | None = None
    kind: Kind | None = None

    def targets(self) -> Iterator[Target]:
        yield self.then


@dataclass(frozen=True, init=False)
class Do(Node):
    """An action of the desk (a function of `callcenter`), and a target for each outcome.

    There is always an `unavailable` target for when the action cannot be performed now.
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
    """A message after the tone, at most `longest_s` seconds; a kept message `earns` its outcome."""

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
    """Puts the caller into the carrier's queue, where `wait` plays until a consultant answers.

    The caller goes to `taken` when our desk takes the call, to `bridged` after a conversation with
    somebody who took the call from the carrier's queue, and to `failed` if the queue does not work.
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
    """A conference with the desk; `parted` follows when everybody of the desk has left."""

    _: KW_ONLY
    parted: Target

    def targets(self) -> Iterator[Target]:
        yield self.parted


@dataclass(frozen=True)
class Wait(Node):
    """One round of the waiting loop. It repeats until a key is pressed or a consultant comes.

    After `longest_s` seconds in the queue the caller goes to `overdue`.
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
    """Last words, and the ticket's outcome for a call that ends here."""

    _: KW_ONLY
    outcome: Outcome
