"""Two releases run side by side during a deploy: a migration only adds what old code can ignore."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSIONS = sorted((Path(__file__).parent.parent / "migrations" / "versions").glob("*.py"))
TAKES_AWAY = {"drop_column", "drop_table", "rename_table", "alter_column"}
# What was looked at, and does old code no harm: file and operation.
HARMLESS: set[tuple[str, str]] = {
    ("0009_forms_sent_once", "alter_column"),  # a longer text: old code writes shorter ones
}


def operations(path: Path) -> Iterator[ast.Call]:
    """What `upgrade` asks of the database."""
    tree = ast.parse(path.read_text())
    (upgrade,) = (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    for node in ast.walk(upgrade):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


def needs_a_value(column: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in column.keywords}
    nullable = given.get("nullable")
    is_required = isinstance(nullable, ast.Constant) and nullable.value is False
    return is_required and "server_default" not in given


def faults(path: Path) -> Iterator[tuple[str, str]]:
    for call in operations(path):
        assert isinstance(call.func, ast.Attribute)
        name = call.func.attr
        if name in TAKES_AWAY:
            yield path.stem, name
        if name == "add_column":
            yield from (
                (path.stem, name)
                for each in call.args
                if isinstance(each, ast.Call) and needs_a_value(each)
            )


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    assert {*faults(path)} - HARMLESS == set()
