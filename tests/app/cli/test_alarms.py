"""What is in trouble comes first, with commands that exist; every command that is named anywhere is one that parses."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import typer
from typer.main import get_command

from app.cli.answers import Alarms
from app.cli.main import app
from app.cli.views.alarms import Raised, troubles
from tests.app.cli.conftest import Edgeplan, document, told

CLI = Path(__file__).parents[3] / "app" / "cli"
QUIET = Alarms(
    failed_nodes=0, draining_nodes=0, disturbed_shards=0, unlawful_shards=0, refused_shards=0, stale=None
)  # fmt: skip
ALL = Alarms(
    failed_nodes=1, draining_nodes=5, disturbed_shards=14, unlawful_shards=1, refused_shards=3,
    stale={"plan": "9b2f6f0e-3d0c-4c52-8a53-0f5d2f0f6a11", "generation": 9, "changed": ["network", "policies"],
           "newest": 12},
)  # fmt: skip


def parsed(words: list[str]) -> list[str]:
    """The commands that a command line leads through; an error where one does not exist or does not take these words."""
    command, path = get_command(app), []
    while True:
        context = command.make_context(words[0], words[1:])
        path.append(words[0])
        if not hasattr(command, "commands"):
            return path
        _, command, left = command.resolve_command(context, [*context._protected_args, *context.args])
        words = [str(command.name), *left]


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    assert troubles(Raised(QUIET)) == []


def test_the_gravest_comes_first_and_each_has_commands_that_parse() -> None:
    found = troubles(Raised(ALL, [("hub", "Busan hub")], [("a", None), ("b", "b"), ("c", "C")], "cameras"))
    assert [one.said for one in found] == [
        "1 node failed: Busan hub (hub)",
        "1 shard is unlawful where it runs",
        "14 shards are disturbed",
        "5 nodes draining: a, b, C (c) and 2 more",
        "3 shards are unplaced",
        "The plan in force is stale: made from generation 9; network and policies changed since, up to 12",
    ]
    for one in found:
        for line in (one.see, one.mend):
            assert len(parsed(shlex.split(line))) >= 2
    assert any("--scope repair" in one.mend for one in found)
    assert found[0].mend == "edgeplan node activate hub"
    assert found[4].mend == "edgeplan explain cameras"


#: What is filled in where a name has one of these words.
FILLED = {"path": ".", "file": ".", "action": "drain"}
COMMAND = re.compile(r'(?<![/\w.-])(?<!this )edgeplan((?: +(?:[\w./<>=,-]+|"[^"]*"))+)')


def said_in_the_code() -> Iterator[tuple[str, str]]:
    """Every command line that a text of the command line's names, and where; what is filled in is a 1, or FILLED."""
    for file in sorted(CLI.rglob("*.py")):
        tree = ast.parse(file.read_text())
        # What a module is about is no hint.
        tree.body = tree.body[1:] if ast.get_docstring(tree) else tree.body
        inside = {id(part) for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for part in text.values}
        for text in ast.walk(tree):
            if isinstance(text, ast.JoinedStr):
                filled = "".join(
                    str(part.value) if isinstance(part, ast.Constant)
                    else next((given for word, given in FILLED.items() if word in ast.unparse(part)), "1")
                    for part in text.values
                )  # fmt: skip
            elif isinstance(text, ast.Constant) and isinstance(text.value, str) and id(text) not in inside:
                filled = text.value
            else:
                continue
            for line in COMMAND.findall(filled):
                if line.split()[0] not in ("COMMAND", "1"):
                    yield f"{file.name}:{text.lineno}", line.strip()


def as_typed(line: str) -> list[str]:
    words = [word.rstrip(".,") or "." for word in shlex.split(line)]
    stand_in = {"GENERATION": "1", "FILE": ".", "FOLDER": "."}
    return ["edgeplan", *(stand_in.get(word, word) for word in words)]


HINTS = sorted({(line, where) for where, line in said_in_the_code()})


@pytest.mark.parametrize(("line", "where"), HINTS, ids=[f"{where} {line}" for line, where in HINTS])
def test_every_command_that_is_named_exists_and_takes_these_options(line: str, where: str) -> None:
    words = as_typed(line)
    # A sentence may go on after the command: its words are let go, those of the command and its options are not.
    least = max((place + 1 for place, word in enumerate(words) if word.startswith("-")), default=2)
    told = []
    for count in range(len(words), max(least, 2) - 1, -1):
        try:
            parsed(words[:count])
        except typer.Exit:
            return
        except typer.TyperException as error:
            if "does not exist" in str(error) or type(error).__name__ == "NoArgsIsHelpError":
                return
            told.append(f"{words[:count]}: {error}")
        else:
            return
    raise AssertionError(f"{where}: {told}")


def test_trouble_comes_before_all_else(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    assert "node failed" not in told(edgeplan("node", "list"))
    assert tiny.post("/v1/nodes/centre/fail").status_code == 200
    for command in (["network", "show"], ["node", "list"], ["allocation", "show"]):
        lines = told(edgeplan(*command)).splitlines()
        assert lines[0] == "1 node failed: Centre (centre)"
        assert lines[1].split() == ["see", "it", "edgeplan", "node", "list", "--state", "failed"]
        assert "edgeplan node activate centre" in lines[2]
        assert lines[3] == "2 shards are disturbed"
        assert any("edgeplan explain stop-button" in line for line in lines)
        assert document(edgeplan(*command, "--json"))["alarms"]["failed_nodes"] == 1
    rows = [line.split()[:4] for line in lines_of_nodes(told(edgeplan("node", "list")))]
    assert rows == [["Centre", "centre", "regional", "failed"], ["Hub", "hub", "mec", "active"]]
    # Who asks for some nodes is told of these alone.
    assert told(edgeplan("node", "list", "--tier", "mec")).startswith("name")


def lines_of_nodes(said: str) -> list[str]:
    lines = said.splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("name ")) + 2 :]
