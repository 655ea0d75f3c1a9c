"""It starts at once, says what it can do, and has one door for each command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from app.cli.main import app
from app.version import VERSION
from tests.app.cli.conftest import asking, told

ROOT = Path(__file__).parents[3]
#: What takes long to import, and only solving, drawing or serving needs.
HEAVY = {"numba", "numpy", "ortools", "scipy", "networkx", "matplotlib", "fastapi", "sqlalchemy", "uvicorn", "solver"}

LOADED = """
import json, sys
from app.cli.main import run
try:
    run(sys.argv[1:])
except SystemExit as left:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
    sys.exit(left.code)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a command line needs."""
    ended = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stderr.splitlines()[-1]))


def test_help_needs_nothing() -> None:
    assert not (HEAVY | {"httpx", "rich.table", "pydantic"}) & loaded("--help")
    assert not (HEAVY | {"httpx", "rich.table"}) & loaded("plan", "submit", "--help")


@pytest.mark.parametrize("arguments", [["plan", "list"], ["network", "show"], ["node", "list"], ["events", "--logged"]])
def test_commands_that_ask_a_service_do_not_load_the_solver(idle: httpx.Client, arguments: list[str]) -> None:
    assert not HEAVY & loaded(*arguments, "--server", str(idle.base_url))


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, as it is typed."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


EVERY = list(commands(get_command(app)))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...]) -> None:
    said = told(asking("http://127.0.0.1:9")(*path, "--help"))
    assert f"Usage: edgeplan {' '.join(path)}" in said.replace("root", "edgeplan")
    assert "  Example:\n" in said
    assert f"edgeplan {' '.join(path)}" in said.split("Example:")[1]
    if path[0] not in ("serve", "worker"):
        assert "--json" in said
    if path[0] not in ("serve", "worker", "solve", "check", "bench", "backup", "restore", "doctor"):
        assert "--server" in said


def test_every_command_is_listed() -> None:
    said = told(asking("http://127.0.0.1:9")("--help"))
    for name in {path[0] for path in EVERY}:
        assert f"\n  {name} " in said
    assert "to work?\n" in said
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "130 "):
        assert f"\n    {code}" in said


def test_a_group_alone_lists_its_commands() -> None:
    for arguments in ([], ["plan"], ["network"]):
        result = asking("http://127.0.0.1:9")(*arguments)
        assert result.exit_code == 2
        assert "Usage:" in result.stderr


def test_the_version_is_said_once() -> None:
    assert told(asking("http://127.0.0.1:9")("--version")) == f"edgeplan {VERSION}\n"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"edgeplan": "app.cli.main:run"}
    assert "version" in project["project"]["dynamic"]


def test_python_m_app_is_a_door_to_serve(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-m", "app", "--help"], capture_output=True, text=True)
    assert ended.returncode == 0
    assert "Usage: edgeplan serve" in ended.stdout
    assert "--seed-reference" in ended.stdout


def test_the_reference_network_is_found_from_anywhere(tmp_path: Path) -> None:
    code = "from app.settings import Settings; print((Settings().reference_dir / 'network.json').is_file())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.stdout == "True\n", ended.stderr
