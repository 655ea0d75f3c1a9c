"""The command line, end to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from solver.__main__ import main
from solver.packing import Placement, save_placement
from tests.bench.instances import random_plane, read_gap

DATA = Path(__file__).parents[2] / "bench" / "data"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    read_gap(DATA / "gap1-0.gz").save(tmp_path / "gap.npz")
    return tmp_path / "gap.npz"


def test_solve_then_check(instance: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.npz"
    command = [sys.executable, "-m", "solver"]
    limits = ["--seconds", "30", "--workers", "1", "--seed", "3", "--progress"]
    solved = subprocess.run([*command, "solve", instance, *limits, "--out", plan], capture_output=True, text=True)
    assert solved.returncode == 0, solved.stderr
    assert len(solved.stdout.splitlines()) == 1
    answer = json.loads(solved.stdout)
    assert set(answer) == {"cost", "bound", "gap", "status", "unplaced", "seconds", "bound_seconds", "ended"}
    assert answer["ended"] == "finished"
    assert (answer["cost"], answer["bound"], answer["gap"], answer["status"]) == (261, 261, 0.0, "optimal")
    assert "cost 261" in solved.stderr
    checked = subprocess.run([*command, "check", instance, plan], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout) == {"cost": 261, "legal": True, "violations": []}


def interrupted(tmp_path: Path, *options: str, then: Callable[[int], None]) -> tuple[dict[str, Any], str]:
    """Solve what takes long; `then` is told the process once there is a plan. The answer, and what went to stderr."""
    file, plan = tmp_path / "plane.npz", tmp_path / "plan.npz"
    random_plane(3000, 300, 20, 3, 0.85, seed=2).save(file)
    command = [sys.executable, "-m", "solver", "solve", str(file), "--seconds", "500", "--out", str(plan), *options]
    with subprocess.Popen([*command, "--progress"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        then(process.pid)
        out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert main(["check", str(file), str(plan)]) == 0
    answer: dict[str, Any] = json.loads(out)
    # What was told of is never lost; something better may have been found since.
    assert answer["cost"] <= int(first.split("cost ")[1].split()[0])
    assert answer["unplaced"] < 3000
    return answer, errors


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_brings_the_answer(how: signal.Signals, tmp_path: Path) -> None:
    answer, errors = interrupted(tmp_path, then=lambda pid: os.kill(pid, how))
    assert answer["ended"] == "stopped"
    assert "error" not in errors


def test_a_crash_leaves_the_answer(tmp_path: Path) -> None:
    def kill_the_solving_process(pid: int) -> None:
        [child] = psutil.Process(pid).children()
        child.kill()

    answer, errors = interrupted(tmp_path, then=kill_the_solving_process)
    assert answer["ended"] == "lost"
    assert "error: the solving process was ended by signal 9" in errors


def test_nobody_outlives_the_command(tmp_path: Path) -> None:
    file = tmp_path / "plane.npz"
    random_plane(3000, 300, 20, 3, 0.85, seed=2).save(file)
    command = [sys.executable, "-m", "solver", "solve", str(file), "--seconds", "500", "--progress"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        [child] = psutil.Process(process.pid).children()
        process.kill()
        child.wait(60)


def test_beyond_its_memory_it_answers_with_what_it_has(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(instance), "--memory-mib", "1"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ended"], answer["status"]) == ("memory", "feasible")


def test_check_objects(instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = Placement(*(np.array(v) for v in ([0, 0], [0, 1], [1, 1])))
    save_placement(tmp_path / "bad.npz", bad)
    assert main(["check", str(instance), str(tmp_path / "bad.npz")]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["legal"] is False
    assert answer["violations"] == ["item 0: 2 copies placed, it has 1"]


def test_unreadable_files_give_one_line_and_exit_2(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(instance.read_bytes()[:300])
    for arguments in (
        ["solve", str(broken)],
        ["solve", str(tmp_path / "absent.npz")],
        ["check", str(instance), str(broken)],
        ["check", str(instance), str(instance)],
        ["solve", str(instance), "--seconds", "1", "--out", str(tmp_path / "no" / "where.npz")],
    ):
        assert main(arguments) == 2, arguments
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("error: ")
        assert len(captured.err.splitlines()) == 1


def test_phases_are_left_out(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left_out = [word for name in ("prices", "patterns", "exact", "improving") for word in ("--without", name)]
    assert main(["solve", str(instance), "--seconds", "30", "--workers", "1", *left_out]) == 0
    # What would prove anything is left out.
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["bound"] < answer["cost"]) == ("feasible", True)


@pytest.mark.parametrize(
    "arguments",
    [["solve"], ["solve", "x", "--seconds", "-1"], ["solve", "x", "--workers", "0"], ["solve", "x", "--without", "none"]],
)
def test_wrong_usage_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_explains_the_gap(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["solve", "--help"])
    assert "max(1, |cost|)" in capsys.readouterr().out
