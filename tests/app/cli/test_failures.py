"""What goes wrong is one sentence on standard error, how to go on, and an exit code that says which kind it is."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import pytest

from tests.app.cli.conftest import asking, failed
from tests.app.cli.scripted import Said, as_json, scripted

PROBLEM = {
    "type": "/v1/problems#invalid", "title": "The request is not valid", "status": 422, "code": "invalid",
    "detail": "Some fields are not as expected.", "instance": "/v1/plans",
    "errors": [{"field": f"workloads[{n}].devices", "message": "too few", "expected": None} for n in range(52)],
}  # fmt: skip


def test_a_service_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        said = failed(asking(base)("plan", "list"), 4, base, "refused", "edgeplan serve", "EDGEPLAN_SERVER")
        assert len(said.splitlines()) == 2
        assert asking(base)("plan", "list", "--json").stdout == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(200, b"<html>hello</html>", "text/html"), "it is not JSON"),
        (Said(502, b"<html>Bad Gateway</html>", "text/html"), "status 502"),
        (Said(500, b"", "text/plain"), "status 500"),
        (as_json({"items": [{"id": 3}], "next": None}), "items.0"),
        (as_json({"code": 3}, 404), "status 404"),
    ],
)
def test_something_else_answers(said: Said, words: str) -> None:
    with scripted(lambda asked, count: said) as (base, _):
        failed(asking(base)("plan", "list"), 4, "does not speak as Edgeplan does", "/v1/plans", words)


def test_an_answer_that_breaks_off() -> None:
    short = Said(200, b"{", headers={"Content-Length": "500"})
    with scripted(lambda asked, count: short) as (base, _):
        failed(asking(base)("plan", "list"), 4, base)


def test_a_refusal_names_the_fields() -> None:
    with scripted(lambda asked, count: as_json(PROBLEM, 422)) as (base, _):
        said = failed(asking(base)("plan", "list"), 3, "error (invalid): Some fields", "workloads[0].devices: too few")
    assert "and 2 more" in said


def test_a_newer_service_may_say_more() -> None:
    page = {"items": [], "next": None, "weather": "fine"}
    with scripted(lambda asked, count: as_json(page)) as (base, _):
        assert asking(base)("plan", "list", "--json").exit_code == 0


@pytest.mark.parametrize("server", ["nonsense", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_address_that_is_none(server: str) -> None:
    failed(asking("http://127.0.0.1:9")("plan", "list", "--server", server), 2, "--server")


def test_the_server_is_named_before_or_after_the_command() -> None:
    with scripted(lambda asked, count: as_json({"items": [], "next": None})) as (base, asked):
        for arguments in (["--server", base, "plan", "list"], ["plan", "list", "--server", base]):
            assert asking("http://127.0.0.1:9")(*arguments).exit_code == 0
        # What is nearer to the command counts.
        assert asking(base)("--server", "http://127.0.0.1:9", "plan", "list", "--server", base).exit_code == 0
    assert len(asked) == 3


@pytest.mark.parametrize(
    "arguments", [["plan", "shwo"], ["plan", "show", "--nonsense"], ["plan", "list", "--limit", "x"], ["fly"]]
)
def test_a_command_line_that_is_not_right(arguments: list[str]) -> None:
    said = failed(asking("http://127.0.0.1:9")(*arguments), 2, "--help")
    assert len(said.splitlines()) == 2


def test_markup_in_a_message_is_left_alone() -> None:
    problem = {**PROBLEM, "detail": "[bold]no[/bold] [/] ", "errors": []}
    with scripted(lambda asked, count: as_json(problem, 422)) as (base, _):
        failed(asking(base)("plan", "list"), 3, "[bold]no[/bold] [/]")


def refusal(*arguments: str, exit_code: int, base: str = "http://127.0.0.1:9") -> dict[str, Any]:
    """What machines are told of a command that fails: one object on standard error, and nothing else anywhere."""
    result = asking(base)(*arguments)
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    told: dict[str, Any] = json.loads(result.stderr)
    assert list(told) == ["code", "sentence", "how", "details", "faults", "exit_code"]
    assert told["exit_code"] == exit_code
    assert told["sentence"]
    return told


@pytest.mark.parametrize(
    ("line", "exit_code", "code"),
    [
        ("plan shwo --json", 2, "usage"),
        ("plan list --nonsense --json", 2, "usage"),
        ("plan list --json --limit x", 2, "usage"),
        ("--json plan", 2, "usage"),
        ("--json", 2, "usage"),
        ("--json plan show", 4, "not_reached"),
        ("plan submit --json", 2, "input"),
        ("plan submit nowhere.json --json", 2, "input"),
        ("network import nowhere --json", 2, "usage"),
        ("solve nowhere.npz --json", 2, "input"),
        ("node list --json --server nonsense", 2, "input"),
        ("node list --json", 4, "not_reached"),
        ("plot map map.pdf --json", 2, "input"),
        ("restore nowhere.db --json", 2, "input"),
    ],
)
def test_machines_are_told_of_a_failure_in_json(line: str, exit_code: int, code: str) -> None:
    assert refusal(*line.split(), exit_code=exit_code)["code"] == code


def test_machines_are_told_what_the_service_refuses_as_it_says_it() -> None:
    with scripted(lambda asked, count: as_json(PROBLEM, 422)) as (base, _):
        told = refusal("plan", "list", "--json", exit_code=3, base=base)
    assert told["code"] == "invalid"
    assert told["faults"][0] == {"field": "workloads[0].devices", "message": "too few", "expected": None}
    assert len(told["details"]) == 51


@pytest.mark.parametrize(
    ("raised", "exit_code", "code"), [(KeyboardInterrupt(), 130, "interrupted"), (KeyError("x"), 1, "internal")]
)
def test_machines_are_told_of_ctrl_c_and_of_faults(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, exit_code: int, code: str
) -> None:
    def fail(*_: object) -> None:
        print("by the way", file=sys.stderr)
        raise raised

    monkeypatch.setattr("app.cli.actions.plan.show_list", fail)
    assert refusal("plan", "list", "--json", exit_code=exit_code)["code"] == code


def test_json_that_is_handed_on_is_not_asked_for() -> None:
    assert "error" in asking("http://127.0.0.1:9")("plan", "list", "--limit", "x", "--", "--json").stderr
