"""The documents tell the truth: the map is the script's, and every link leads somewhere."""

import re
from pathlib import Path

from ivr.flows import SCRIPT
from ivr.map import mermaid

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def test_the_map_is_the_one_that_the_command_prints() -> None:
    drawn = re.findall(
        r"```mermaid\n(.*?)```", (ROOT / "docs" / "flow-map.md").read_text("utf-8"), re.DOTALL
    )
    assert drawn == [mermaid(SCRIPT)], "paste what `centrala flows map` prints"


def test_every_link_leads_somewhere() -> None:
    named = [(path, name) for path in DOCUMENTS for name in LINK.findall(path.read_text("utf-8"))]
    inside = [(path, name) for path, name in named if "://" not in name]
    assert len(inside) > 50
    assert [(path.name, name) for path, name in inside if not (path.parent / name).exists()] == []
