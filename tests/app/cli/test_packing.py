"""`edgeplan solve`, `check` and `bench`: the same as `python -m solver` and `python -m tests.bench`, told to people."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.cli.actions.bench import race
from app.cli.failures import BadInput
from solver.packing import Placement, save_placement
from tests.app.cli.conftest import asking, document, failed, told
from tests.app.cli.terminal import terminal
from tests.bench.instances import random_plane, read_gap

DATA = Path(__file__).parents[2] / "bench" / "data"
edgeplan = asking("http://127.0.0.1:9")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packing whose best plan costs 261."""
    file = tmp_path_factory.mktemp("instance") / "gap.npz"
    read_gap(DATA / "gap1-0.gz").save(file)
    return file


@pytest.fixture(scope="module")
def solved(instance: Path) -> tuple[Path, str]:
    """The best plan for it, and what was said while it was looked for."""
    plan = instance.with_name("plan.npz")
    return plan, told(edgeplan("solve", instance, "--seconds", "60", "--workers", "1", "--seed", "3", "--out", plan))


def test_solve_then_check(instance: Path, solved: tuple[Path, str]) -> None:
    plan, said = solved
    assert re.search(r"^cost +261, proven optimal$", said, re.MULTILINE)
    assert str(plan) in said
    assert re.match(r" +[0-9.]+ s  cost [0-9]+  bound [0-9]+  gap ", said)
    assert told(edgeplan("check", instance, plan)) == "legal, cost 261\n"
    answer = document(edgeplan("check", instance, plan, "--json"))
    assert answer == {"cost": 261, "legal": True, "violations": []}


def test_machines_are_told_what_the_solver_tells(instance: Path) -> None:
    answer = document(edgeplan("solve", instance, "--seconds", "60", "--json"))
    solver = [sys.executable, "-m", "solver", "solve", str(instance), "--seconds", "60"]
    theirs = json.loads(subprocess.run(solver, capture_output=True, text=True, check=True).stdout)
    assert set(answer) == set(theirs)
    assert (answer["cost"], answer["status"]) == (theirs["cost"], theirs["status"]) == (261, "optimal")


def test_an_earlier_plan_is_begun_with(instance: Path, solved: tuple[Path, str]) -> None:
    again = told(edgeplan("solve", instance, "--seconds", "60", "--workers", "1", "--start", solved[0]))
    assert again.splitlines()[0].endswith("start")
    assert "cost 261" in again.splitlines()[0]


def test_what_of_an_earlier_plan_does_not_fit_is_left_behind(instance: Path, tmp_path: Path) -> None:
    plan = tmp_path / "elsewhere.npz"
    save_placement(plan, Placement(*(np.array(v) for v in ([0, 9_999, 1], [0, 9_999, -1], [1, 1, 1]))))
    assert document(edgeplan("solve", instance, "--seconds", "60", "--start", plan, "--json"))["cost"] == 261


def test_an_illegal_plan_is_a_no(instance: Path, tmp_path: Path) -> None:
    save_placement(tmp_path / "bad.npz", Placement(*(np.array(v) for v in ([0, 0], [0, 1], [1, 1]))))
    result = edgeplan("check", instance, tmp_path / "bad.npz")
    assert result.exit_code == 1
    assert "not legal: 1 violation" in result.stdout
    assert "item 0: 2 copies placed, it has 1" in result.stdout
    result = edgeplan("check", instance, tmp_path / "bad.npz", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["legal"] is False
    assert json.loads(result.stderr)["code"] == "no"


def test_files_that_cannot_be_read_or_written(instance: Path, tmp_path: Path) -> None:
    failed(edgeplan("solve", tmp_path / "absent.npz"), 2, "no such file")
    failed(edgeplan("check", instance, instance), 2, "error")
    failed(edgeplan("solve", instance, "--start", tmp_path / "absent.npz"), 2, "no such file")
    failed(edgeplan("solve", instance, "--seconds", "1", "--out", tmp_path / "no" / "where.npz"), 2, "where.npz")
    failed(edgeplan("solve", instance, "--seconds", "-1"), 2, "--seconds")


def test_ctrl_c_brings_the_answer(tmp_path: Path) -> None:
    file, plan = tmp_path / "plane.npz", tmp_path / "plan.npz"
    random_plane(3000, 300, 20, 3, 0.85, seed=2).save(file)
    with terminal("", "solve", str(file), "--seconds", "500", "--out", str(plan)) as screen:
        screen.wait_for("of 500 s")
        screen.wait_for("unplaced")
        screen.type("\x03")
        assert screen.ended() == 0
    assert "it was stopped" in screen.text
    assert "Traceback" not in screen.text
    assert "legal" in told(edgeplan("check", file, plan))


def test_bench_is_the_contest_of_the_checkout() -> None:
    command = [sys.executable, "-m", "app.cli", "bench"]
    handed_on = subprocess.run([*command, "--", "--help"], capture_output=True, text=True)
    assert handed_on.returncode == 0
    assert "Race Edgeplan" in handed_on.stdout
    wrong = subprocess.run([*command, "--suite", "nonsense"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "--suite" in wrong.stderr


def test_without_a_checkout_there_is_no_contest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="without its source tree"):
        race([], tmp_path)
