"""The front door tells the truth: its map is the script's, its pictures and pages exist."""

import re
from pathlib import Path

from ivr.flows import SCRIPT
from ivr.map import mermaid

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_map_is_the_one_that_the_command_prints() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)
    assert drawn == [mermaid(SCRIPT)], "paste what `centrala flows map` prints"


def test_every_page_and_picture_it_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    missing = [name for name in named if "://" not in name and not (ROOT / name).exists()]
    assert named
    assert not missing
