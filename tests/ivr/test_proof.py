"""The proof must be able to fail: scripts with one fault each, and the sentence that names it."""

from dataclasses import replace

import pytest

from callcenter.actions import Action, ActionResult
from ivr.flows import SCRIPT
from ivr.proof import prove
from ivr.script import (
    Again,
    Ask,
    Can,
    Do,
    End,
    Flow,
    Menu,
    Node,
    Place,
    Record,
    Say,
    Script,
    Transfer,
    Wait,
)
from models import Outcome


def test_the_script_of_the_line_has_no_fault() -> None:
    proof = prove(SCRIPT)
    assert proof.faults == []
    assert len(proof.figures) == 5


def consultant(**changed: Node) -> Flow:
    nodes: dict[str, Node] = {
        "connecting": Transfer(
            "consultant-connecting", queue="q", wait="waiting", bridged="bye", failed="bye"
        ),
        "waiting": Wait(
            "consultant-place consultant-waiting",
            press={"1": "bye", "2": "bye"},
            only_if={"1": Can.CALLBACK},
            overdue="bye",
            longest_s=60,
        ),
        "bye": End("goodbye", outcome=Outcome.LEFT_OPEN),
    }
    return Flow("consultant", **{**nodes, **changed})


def script(*flows: Flow) -> Script:
    named = {flow.name: flow for flow in flows}
    named.setdefault("consultant", consultant())
    entry = Place("main", named["main"].entry)
    return Script(
        *named.values(), entry=entry, main=entry, consultant=Place("consultant", "connecting")
    )


def main(**nodes: Node) -> Flow:
    return Flow("main", **nodes)


ENOUGH = Menu("about-enough", press={"1": "bye", "2": "consultant"}, otherwise="consultant")
BYE = End("goodbye", outcome=Outcome.RESOLVED_BY_LINE)


def action(**outcomes: str) -> Action:
    given = {name: frozenset(says.split()) for name, says in outcomes.items()}
    return Action(lambda _session, _case: ActionResult("found"), given)


def sentence(*flows: Flow) -> str:
    return prove(script(*flows)).text


def test_a_small_faultless_script_is_proved() -> None:
    assert "no fault" in sentence(main(menu=ENOUGH, bye=BYE))


def test_a_prompt_that_no_language_says() -> None:
    unsaid = replace(ENOUGH, says="about-enough nobody-wrote-this")
    assert "main/menu: nobody-wrote-this is not said in pl" in sentence(main(menu=unsaid, bye=BYE))


def test_a_key_that_is_spoken_and_not_accepted() -> None:
    deaf = replace(ENOUGH, press={"1": "bye"})
    assert "main/menu speaks the keys 1 2 in pl, but accepts 1" in sentence(
        main(menu=deaf, bye=BYE)
    )


def test_a_key_that_is_accepted_and_not_spoken() -> None:
    mute = replace(ENOUGH, press={**ENOUGH.press, "5": "bye"})
    assert "speaks the keys 1 2 in uk, but accepts 1 2 5" in sentence(main(menu=mute, bye=BYE))


def test_a_hidden_key_need_not_be_spoken() -> None:
    assert "no fault" in sentence(main(menu=replace(ENOUGH, hidden={"#": "bye"}), bye=BYE))


def test_a_key_offered_to_callers_whose_number_does_not_allow_it() -> None:
    careless = consultant(
        waiting=Wait(
            "consultant-place consultant-waiting",
            press={"1": "bye", "2": "bye"},
            overdue="bye",
            longest_s=60,
        )
    )
    assert "consultant/waiting speaks the keys 2 in pl, but accepts 1 2" in sentence(
        main(menu=ENOUGH, bye=BYE), careless
    )


def test_a_menu_longer_than_a_caller_listens() -> None:
    endless = replace(ENOUGH, says="recording-notice everywhere-keys about-enough about-channels")
    assert "main/menu takes" in sentence(main(menu=endless, bye=BYE))


def test_a_silent_caller_who_goes_round_in_circles() -> None:
    mumbling = Say("goodbye", then="menu")
    again = replace(ENOUGH, otherwise="mumbling")
    assert "main/menu: a silent caller goes round in circles" in sentence(
        main(menu=again, mumbling=mumbling, bye=BYE)
    )


def test_a_way_that_never_ends_after_the_last_step() -> None:
    here = Say("goodbye", then="there")
    there = Say("goodbye", then="here")
    lost = replace(ENOUGH, press={"1": "here", "2": "bye"})
    assert "main/here: whoever goes on pressing keys never reaches help" in sentence(
        main(menu=lost, here=here, there=there, bye=BYE)
    )


def test_an_end_without_a_ticket_outcome() -> None:
    assert "main/bye ends a call without a ticket outcome" in sentence(
        main(menu=ENOUGH, bye=End("goodbye", outcome=None))  # type: ignore[arg-type]
    )


def test_a_recording_without_a_ticket_outcome() -> None:
    tone = Record(then="bye", otherwise="consultant", earns=None)  # type: ignore[arg-type]
    assert "main/tone ends a call without" in sentence(
        main(menu=replace(ENOUGH, press={"1": "tone", "2": "bye"}), tone=tone, bye=BYE)
    )


def test_an_outcome_of_an_action_that_leads_nowhere() -> None:
    look = Do(action(found="", missing=""), found="bye", unavailable="bye")
    assert "main/look: the outcome missing leads nowhere" in sentence(
        main(menu=replace(ENOUGH, press={"1": "look", "2": "bye"}), look=look, bye=BYE)
    )


def test_a_way_that_no_outcome_of_its_action_takes() -> None:
    look = Do(action(found=""), found="bye", unavailable="bye", lost="bye")
    assert "main/look: the outcome lost never happens" in sentence(
        main(menu=replace(ENOUGH, press={"1": "look", "2": "bye"}), look=look, bye=BYE)
    )


@pytest.mark.parametrize(
    ("gives", "unsaid"), [("number due sms", False), ("number sms", True), ("", True)]
)
def test_a_variable_that_is_not_known_on_every_way(gives: str, unsaid: bool) -> None:
    look = Do(action(found=gives), found="number", unavailable="bye")
    number = Say("kept-number", then="bye")
    proved = sentence(
        main(
            menu=replace(ENOUGH, press={"1": "look", "2": "bye"}),
            look=look,
            number=number,
            bye=BYE,
        )
    )
    assert ("main/number: kept-number needs" in proved) is unsaid


@pytest.mark.parametrize(("gives", "unknown"), [("played", False), ("", True)])
def test_something_played_that_no_action_found(gives: str, unknown: bool) -> None:
    look = Do(action(found=gives), found="hear", unavailable="bye")
    hear = Say("played", then="bye")
    asks = replace(ENOUGH, press={"1": "look", "2": "bye"})
    proved = sentence(main(menu=asks, look=look, hear=hear, bye=BYE))
    assert ("main/hear: what is played there is not known" in proved) is unknown


@pytest.mark.parametrize(
    ("gives", "leads", "open_"),
    [("badge", "bye", False), ("", "bye", True), ("badge", "inner", True)],
)
def test_a_closed_flow_with_an_open_door(gives: str, leads: str, open_: bool) -> None:
    look = Do(action(found=gives, missing=""), found="inner", missing=leads, unavailable="bye")
    asks = replace(ENOUGH, press={"1": "look", "2": "bye"})
    inner = Flow("inner", room=replace(ENOUGH, press={"1": "out", "2": "consultant"}), out=BYE)
    flows = (main(menu=asks, look=look, bye=BYE), inner, consultant())
    entry, help_ = Place("main", "menu"), Place("consultant", "connecting")
    closed = Script(*flows, entry=entry, main=entry, consultant=help_, closed={"inner": "badge"})
    assert ("inner/room can be reached without badge" in prove(closed).text) is open_


def test_digits_that_are_refused_lead_on_after_three_tries() -> None:
    number = Ask(
        "existing-number",
        digits=9,
        into="ticket",
        check=lambda digits: False,
        wrong="existing-number-wrong",
        then="bye",
        otherwise="consultant",
    )
    asks = replace(ENOUGH, press={"1": "number", "2": "bye"})
    assert "no fault" in sentence(main(menu=asks, number=number, bye=BYE))


def test_an_unusable_outcome_is_counted_too() -> None:
    number = asks_for_a_number()
    look = Do(
        action(missing=""), missing=Again("number", "existing-number-unknown"), unavailable="x"
    )
    asks = replace(ENOUGH, press={"1": "number", "2": "x"})
    assert "no fault" in sentence(main(menu=asks, number=number, look=look, x=BYE))


def asks_for_a_number() -> Ask:
    return Ask(
        "existing-number",
        digits=9,
        into="ticket",
        check=str.isdecimal,
        wrong="existing-number-wrong",
        then="look",
        otherwise="consultant",
    )
