"""The tests of what was changed: `make quick` gives their files to pytest.

A test is chosen when it imports a changed module, by however many steps between. Laws are always
chosen; tests that start whole processes are left to `make check`.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.architecture import ROOT

ALWAYS = ("tests/test_laws.py", "tests/test_readme.py")
# Whole processes and browsers: minutes, not seconds.
LONG = (
    *("tests/faults/*", "*_seen.py", "*/test_keys.py", "*_extremes.py", "*/test_at_once.py"),
    *("tests/test_running.py", "tests/test_hanging.py", "tests/test_commands.py"),
    *("tests/test_home.py", "tests/test_gate.py", "tests/test_nginx.py"),
)
# So many steps from a test to what it tests; further away lies everything.
STEPS = 2
# They import everything, so a way through them says nothing.
HUBS = frozenset({"app.py", "models/__init__.py", "tests/conftest.py"})


def chosen() -> list[str]:
    """The files of tests for what differs from the main branch, or is not committed."""
    changed = {path for path in _changed() if path.endswith(".py")}
    graph = {path: set(_imported(ROOT / path)) for path in _files()}
    tests = [path for path in graph if Path(path).name.startswith("test_")]
    near = [path for path in tests if _reaches(graph, path, changed)]
    return sorted({*ALWAYS, *(path for path in near if not _is_long(path))})


def _is_long(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in LONG)


def _git(*arguments: str) -> list[str]:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def _changed() -> set[str]:
    base = _git("merge-base", "HEAD", "main")[0]
    return {*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")}


def _files() -> list[str]:
    return [*_git("ls-files", "*.py"), *_git("ls-files", "--others", "--exclude-standard", "*.py")]


def _imported(path: Path) -> Iterator[str]:
    """The files of ours that the file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            place = name.replace(".", "/")
            yield from (found for found in (f"{place}.py", f"{place}/__init__.py"))


def _reaches(graph: dict[str, set[str]], start: str, changed: Iterable[str]) -> bool:
    found, ahead = {start}, {start}
    for _ in range(STEPS):
        ahead = {to for path in ahead - HUBS for to in graph.get(path, ())} - found
        found |= ahead
    return not found.isdisjoint(changed)


if __name__ == "__main__":
    sys.stdout.write("\n".join(chosen()))
