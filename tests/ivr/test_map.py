"""The map draws every node and every way, and nothing else."""

import re

import pytest

from ivr.flows import SCRIPT
from ivr.map import mermaid


def test_every_node_stands_on_the_map_once() -> None:
    drawn = re.findall(r"^    (\w+?)[\[({]", mermaid(SCRIPT), re.MULTILINE)
    assert sorted(drawn) == sorted(f"{place.flow}_{place.node}" for place, _ in SCRIPT.places())


def test_every_way_out_of_a_node_is_an_arrow() -> None:
    arrows = set(re.findall(r'^  (\w+) -->\|"[^"]+"\| (\w+)$', mermaid(SCRIPT), re.MULTILINE))
    for place, node in SCRIPT.places():
        for target in node.targets():
            there = SCRIPT.resolve(target, place.flow)
            if target != getattr(node, "again", None):
                assert (f"{place.flow}_{place.node}", f"{there.flow}_{there.node}") in arrows


def test_one_flow_can_be_drawn_alone() -> None:
    assert "subgraph login" in mermaid(SCRIPT, "login")
    assert "subgraph about" not in mermaid(SCRIPT, "login")


def test_a_flow_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        mermaid(SCRIPT, "lost_luggage")
