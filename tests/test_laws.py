"""The laws of the house: who may know whom, what the history builds, what is written down."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import click
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import migrations
from cli import COMMANDS, centrala
from config import Settings, SettingsError
from installation.home import Home
from ivr.flows import SCRIPT
from tests.architecture import (
    DRAWING,
    FILES,
    NAMES,
    OURS,
    ROOMS,
    ROOT,
    drawing,
    imported,
    imports,
    layers,
    may_import,
)

EDGES = (
    "app",
    "observability.endpoints",
    "voice",
    "webhooks",
    "callcenter.console",
    "callcenter.api",
    "commands",
    "cli",
)
GLOSSARY = ROOT / "docs" / "glossary.md"
# A node of the script: its name stands in addresses that the carrier keeps.
KEPT_NAMES = {("ivr.nodes", "Talk")}
WEB = (*EDGES, "carrier")
PURE = (
    "ivr.engine",
    "ivr.answering",
    "ivr.transitions",
    "ivr.languages",
    "ivr.script",
    "ivr.proof",
)


def is_in(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def importers_of(*packages: str) -> set[str]:
    return {NAMES[path] for path in FILES for name in imports(path) if is_in(name, *packages)}


def outside(found: set[str], *allowed: str) -> set[str]:
    return {name for name in found if not is_in(name.removesuffix(".__init__"), *allowed)}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_what_it_says(room: str) -> None:
    assert not imported()[room] - may_import(room)


def test_rooms_stand_in_layers() -> None:
    """Whoever reads a room need not have read what stands above it."""
    assert [len(rooms) for rooms in layers()]


def test_the_drawing_of_the_rooms_is_current() -> None:
    assert DRAWING.read_text() == drawing(), "run `make drawing`"


def test_the_desk_does_not_know_its_pages() -> None:
    known = importers_of("callcenter.console", "callcenter.api")
    assert not outside(known, "callcenter.console", "callcenter.api", "app", "commands.outage")


def test_flask_stays_at_the_edges() -> None:
    assert not outside(importers_of("flask", "werkzeug"), *WEB)


def test_the_vendors_words_stop_at_two_rooms() -> None:
    assert not outside(importers_of("twilio.twiml"), "ivr.twiml")
    assert not outside(importers_of("twilio.rest", "twilio.http"), "callcenter.telephony")


def test_only_workers_and_commands_speak_to_the_carrier() -> None:
    known = importers_of("callcenter.telephony")
    allowed = ("callcenter.telephony", "callcenter.jobs", "commands", "app")
    assert not outside(known, *allowed)


@pytest.mark.parametrize("serve", ["voice", "all"])
def test_the_web_process_never_loads_the_carriers_rest_client(serve: str, tmp_path: Path) -> None:
    never = "{'twilio.rest', 'callcenter.telephony', 'callcenter.jobs'}"
    asked = f"import app, sys; app.from_environment(); print({never} & set(sys.modules))"
    environ = {"CENTRALA_HOME": str(tmp_path), "CENTRALA_DEMO": "1", "SERVE": serve}
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "set()"


@pytest.mark.parametrize("module", ["twilio.rest", "flask", "ivr"])
def test_worker_and_scheduler_start_without_what_they_may_never_need(module: str) -> None:
    """Each module of these three costs a start some tenths of a second of both cores."""
    asked = f"import app, callcenter.jobs, sys; print({module!r} in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


def test_the_script_and_its_engine_are_pure() -> None:
    impure = ("sqlalchemy", "psycopg", "flask", "twilio", "time", "datetime", "models.session")
    assert not {name for name in importers_of(*impure) if is_in(name, *PURE)}


def test_only_edges_open_transactions() -> None:
    assert not outside(
        importers_of("models.session.transaction", "models.session.at_once"),
        *EDGES,
        "callcenter.jobs",
        "callcenter.background",
    )


def test_nobody_inside_commits() -> None:
    committing = {NAMES[path] for path in FILES if re.search(r"\.commit\(\)", path.read_text())}
    assert not outside(committing, "carrier")


def test_only_the_edge_reads_the_environment() -> None:
    reading = {
        NAMES[path] for path in FILES if re.search(r"\bos\.(environ|getenv)", path.read_text())
    }
    edge = ("app", "commands", "installation.embedded", "observability")
    allowed = (*edge, "migrations.env", "carrier.__main__")
    assert not outside(reading, *allowed)
    settled = {NAMES[path] for path in FILES if "Settings.read(" in path.read_text()}
    assert not outside(settled, "app", "commands", "config")


def test_one_place_tells_the_clients_address() -> None:
    """Inside of it REMOTE_ADDR is the client. Who read the header again would believe anybody."""
    told = re.compile(r"x.forwarded.for|access_route|get_remote_address|ProxyFix", re.IGNORECASE)
    asking = {NAMES[path] for path in FILES if told.search(path.read_text())}
    assert asking <= {"serving.clients"}


def test_public_names_are_words_of_the_field() -> None:
    """The last column of docs/glossary.md names words that the code does not use."""
    rows = re.findall(r"^\|(?:[^|\n]*\|){4}([^|\n]*)\|$", GLOSSARY.read_text(), re.MULTILINE)
    avoided = {word.strip() for row in rows[2:] for word in row.split(",")} - {""}
    assert {"deed", "errand", "seldom"} <= avoided
    named = {
        (NAMES[path], name)
        for path in FILES
        if not is_in(NAMES[path], "carrier")
        for name in [path.stem, *public_names(path)]
        if avoided & set(re.findall("[a-z]+", re.sub("([A-Z])", r"_\1", name).lower()))
    }
    assert named <= KEPT_NAMES


def public_names(path: Path) -> list[str]:
    """Functions and classes at the top of the file that others may use."""
    nodes = ast.parse(path.read_text()).body
    named = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return [node.name for node in named if not node.name.startswith("_")]


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {
        "utils.py",
        "util.py",
        "helpers.py",
        "helper.py",
        "common.py",
        "misc.py",
        "manager.py",
    }
    assert not [path for path in FILES if path.name in drawers]
    assert not [NAMES[path] for path in FILES if len(path.read_text().splitlines()) > 300]


def test_every_module_says_why_it_exists() -> None:
    silent = [
        NAMES[path]
        for path in FILES
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_the_history_has_one_head_and_builds_the_models(server_home: Home, worker_id: str) -> None:
    name = f"history_{worker_id}"
    engine = create_engine(
        server_home.superuser_url, isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    config = migrations.config(server_home.superuser_url.replace("/centrala?", f"/{name}?"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
    command.upgrade(config, "head")
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")


class Asked(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(key)
        return super().get(key, default)


def documentation() -> str:
    pages = [ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(page.read_text() for page in pages)


def test_every_variable_is_documented() -> None:
    asked = Asked()
    with pytest.raises(SettingsError):
        Settings.read(asked)
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in sorted(asked.names) if f"`{name}`" not in operations] == []


def commands(group: click.Group, before: str = "centrala") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, f"{before} {name}")
        else:
            yield f"{before} {name}"


def test_every_command_is_documented() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in commands(centrala) if f"`{name}" not in operations] == []
    assert COMMANDS


def test_every_make_target_is_documented() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    written = documentation()
    assert [name for name in targets[1].split() if f"`make {name}`" not in written] == []


def test_every_flow_is_documented() -> None:
    written = documentation()
    assert [name for name in SCRIPT.flows if f"`{name}`" not in written] == []


def test_everything_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    declared = [*project["dependencies"], *extras]
    names = {_canonical(re.split(r"[\[<>=]", name)[0]) for name in declared}
    given_by = packages_distributions()
    imported = {name.split(".")[0] for path in FILES for name in imports(path)}
    foreign = imported - OURS - sys.stdlib_module_names - {"_typeshed"}
    assert {name for name in foreign if not names & set(map(_canonical, given_by[name]))} == set()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
