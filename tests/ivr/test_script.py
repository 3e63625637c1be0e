"""A phone script checks itself when it is built: each fault is an error that names its place."""

from dataclasses import FrozenInstanceError

import pytest

from callcenter.actions import ActionResult, action
from callcenter.tickets.ticket_numbers import is_number
from ivr.script import (
    Again,
    Ask,
    Can,
    Do,
    End,
    Flow,
    Lead,
    Menu,
    Node,
    Place,
    Record,
    Say,
    Script,
    ScriptError,
    Transfer,
    Wait,
)
from models import Outcome

BYE = End("goodbye", outcome=Outcome.GUIDED)


@action(found="", missing="")
def finds(*_: object) -> ActionResult:
    return ActionResult("found")


def menu(*targets: str, otherwise: str = "bye") -> Menu:
    keys = dict(zip("12345", targets, strict=False))
    return Menu("main-menu", press=keys, otherwise=otherwise)


def test_a_flow_begins_with_its_first_node() -> None:
    flow = Flow("trial", first=menu("second"), second=Say("about-hours", then="bye"), bye=BYE)
    assert flow.entry == "first"
    assert list(flow.nodes) == ["first", "second", "bye"]


@pytest.mark.parametrize(
    ("nodes", "fault"),
    [
        ({}, "flow trial has no nodes"),
        ({"first": Say("", then="bye"), "bye": BYE}, "trial/first says nothing"),
        ({"first": End("", outcome=Outcome.GUIDED)}, "trial/first says nothing"),
        (
            {"first": Menu("main-menu", press={}, otherwise="bye"), "bye": BYE},
            "trial/first accepts no key",
        ),
        (
            {"first": Menu("main-menu", press={"0": "bye"}, otherwise="bye"), "bye": BYE},
            "trial/first uses 0, which work everywhere",
        ),
        (
            {
                "first": Menu(
                    "main-menu", press={"1": "bye"}, hidden={"9": "bye", "*": "bye"}, otherwise="x"
                ),
                "bye": BYE,
            },
            "trial/first uses *, 9, which work everywhere",
        ),
        (
            {
                "first": Menu(
                    "main-menu", press={"1": "bye"}, only_if={"2": Can.SMS}, otherwise="bye"
                ),
                "bye": BYE,
            },
            "trial/first limits keys it does not have: 2",
        ),
        (
            {"first": Wait("consultant-place", press={}, overdue="bye", longest_s=9), "bye": BYE},
            "trial/first accepts no key",
        ),
        (
            {"first": menu("bye"), "bye": BYE, "lost": BYE, "found": Say("goodbye", then="lost")},
            "flow trial: no node leads to lost, found",
        ),
    ],
)
def test_a_flow_that_cannot_be_spoken_is_an_error(nodes: dict[str, Node], fault: str) -> None:
    with pytest.raises(ScriptError, match=rf"^{_literal(fault)}$"):
        Flow("trial", **nodes)


def _literal(text: str) -> str:
    return text.replace("*", r"\*").replace(".", r"\.")


def test_a_menu_must_say_what_three_unusable_answers_lead_to() -> None:
    with pytest.raises(TypeError, match="otherwise"):
        Menu("main-menu", press={"1": "bye"})  # type: ignore[call-arg]


def test_an_action_must_say_what_follows_when_it_cannot_be_done() -> None:
    with pytest.raises(TypeError, match="unavailable"):
        Do(finds, found="bye")  # type: ignore[call-arg]


def script(*flows: Flow, main: str = "main/start", consultant: str = "main/bye") -> Script:
    start, clerk = Place(*main.split("/")), Place(*consultant.split("/"))
    return Script(*flows, entry=start, main=start, consultant=clerk)


MAIN = Flow("main", start=menu("other", "bye"), bye=BYE)
OTHER = Flow("other", start=Say("about-hours", then="main"))


def test_a_target_may_be_a_node_or_another_flow() -> None:
    made = script(MAIN, OTHER)
    assert made.resolve("bye", "main") == Place("main", "bye")
    assert made.resolve("other", "main") == Place("other", "start")
    assert made.resolve("main", "other") == Place("main", "start")
    assert made.node(Place("other", "start")).prompts == ("about-hours",)
    assert not made.has(Place("other", "bye"))
    assert not made.has(Place("nowhere", "start"))
    assert len(list(made.places())) == 3


@pytest.mark.parametrize(
    "node",
    [
        menu("bye", "nowhere"),
        menu("bye", otherwise="nowhere"),
        Menu("main-menu", press={"1": "bye"}, otherwise="bye", again="nowhere"),
        Menu("main-menu", press={"1": "bye"}, otherwise="bye", languages="nowhere"),
        Menu("main-menu", press={"1": "bye"}, otherwise="bye", hidden={"#": "nowhere"}),
        Lead("goodbye", then="nowhere"),
        Say("goodbye", then="nowhere"),
        Ask("x", digits=1, into="x", check=is_number, wrong="x", then="bye", otherwise="nowhere"),
        Ask("x", digits=1, into="x", check=is_number, wrong="x", then="nowhere", otherwise="bye"),
        Do(finds, found="nowhere", missing="bye", unavailable="bye"),
        Do(finds, found="bye", missing=Again("nowhere", "x"), unavailable="bye"),
        Do(finds, found="bye", missing="bye", unavailable="nowhere"),
        Record(then="nowhere", otherwise="bye"),
        Record(then="bye", otherwise="nowhere"),
        Transfer("x", queue="q", wait="nowhere", bridged="bye", failed="bye"),
        Transfer("x", queue="q", wait="bye", bridged="nowhere", failed="bye"),
        Transfer("x", queue="q", wait="bye", bridged="bye", failed="nowhere"),
        Wait("x", press={"1": "nowhere"}, overdue="bye", longest_s=9),
        Wait("x", press={"1": "bye"}, overdue="nowhere", longest_s=9),
    ],
)
def test_a_wrong_target_is_an_error(node: Node) -> None:
    flow = Flow("main", start=menu("middle", "bye"), middle=node, bye=BYE)
    with pytest.raises(ScriptError, match=r"^main/middle leads to nowhere, which is nowhere$"):
        script(flow)


@pytest.mark.parametrize("place", ["main/nothing", "nowhere/start"])
@pytest.mark.parametrize("role", ["main", "consultant"])
def test_the_places_that_everybody_reaches_must_exist(role: str, place: str) -> None:
    with pytest.raises(ScriptError, match=rf"^there is no {place}$"):
        script(MAIN, OTHER, **{role: place})


def test_a_flow_that_nobody_enters_is_an_error() -> None:
    lost = Flow("lost", start=Say("goodbye", then="main"))
    with pytest.raises(ScriptError, match=r"^nothing leads to the flow lost$"):
        script(MAIN, OTHER, lost)


def test_a_node_must_not_be_called_like_a_flow() -> None:
    main = Flow("main", start=menu("other", "bye"), other=BYE, bye=BYE)
    with pytest.raises(ScriptError, match=r"^main/other has the name of a flow$"):
        script(main, OTHER)


def test_a_script_is_never_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BYE.says = "hello"  # type: ignore[misc]


def test_only_a_flow_that_exists_can_be_closed() -> None:
    flow = Flow("trial", first=menu("bye"), bye=BYE)
    here = Place("trial", "first")
    with pytest.raises(ScriptError, match="there is no flow cellar to close"):
        Script(flow, entry=here, main=here, consultant=here, closed={"cellar": "key"})
