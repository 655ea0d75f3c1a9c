"""Contestants are held to their time, their plans to the checker, and packings to what each of them means."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solver.packing import Packing, Placement, save_placement
from solver.packing.check import check
from tests.bench import race
from tests.bench.__main__ import main
from tests.bench.bare import solve_bare
from tests.bench.contestants import CONTESTANTS, Task
from tests.bench.instances import edgewise_application, random_plane, read_gap, read_sscflp, shared_weights
from tests.bench.judge import judge
from tests.bench.mip import solve_mip
from tests.bench.prepare import sizes
from tests.bench.simple import SIMPLE, place_simply
from tests.bench.suites import BUNDLED, SUITES, Instance, suite

SPEAKER = "from tests.bench.say import say; say('began'); "


def speak(body: str) -> list[str]:
    return [sys.executable, "-c", SPEAKER + body, "tests.bench.row"]


def test_a_contestant_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "GRACE", 0.2)
    answer = race.run(speak("import time; time.sleep(60)"), 0.2, Path())
    assert answer.failure.startswith("killed: no answer")
    assert answer.process_seconds < 30
    assert not answer.ended


def test_a_contestant_that_breaks_says_how() -> None:
    assert race.run(speak("raise SystemExit('oops')"), 5.0, Path()).failure == "failed (exit code 1): oops"
    assert race.run(speak("raise SystemExit('not run: too large')"), 5.0, Path()).failure == "not run: too large"
    assert race.run(speak("import os; os.abort()"), 5.0, Path()).failure.startswith("failed (ended by signal 6)")
    assert race.run(["/nowhere/at/all"], 5.0, Path()).failure.startswith("not run: ")


def test_the_course_of_a_run_is_read() -> None:
    said = "say('step', seconds=0.5, cost=9, bound=None); print('chatter'); say('ended', status='done', seconds=1.0)"
    answer = race.run(speak(said), 5.0, Path())
    assert answer.course == [(0.5, 9, None)]
    assert answer.ended["status"] == "done"
    assert answer.peak_mib > 0
    assert not answer.failure


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("    1.50 s  cost 120  bound 100  unplaced 0  search", (1.5, 120, 100)),
        (" L       0       0         0   0.00%   6164.749246   6378     3.34%   1039    212     2     5779     1.3s",
         (7.0, 6378, 6165)),
        (" z       0       0         0   0.00%   -inf     1084000    Large    0      0      0         0     0.0s",
         (7.0, 1084000, None)),
        (" 0.1s|  1 |  0 |  1338 |  - |  15M |  0 |2000 | 120 | 120 | 0 |0 | 0 | 0 | 1.077e+03 | 2.5e+03 | 0.13%| -",
         (7.0, 2500, 1077)),
        ("Solving report", {}),
        ("{not json", {}),
    ],
)  # fmt: skip
def test_logs_of_solvers_are_read(line: str, step: object) -> None:
    assert race._read(line, 7.0) == step


def test_the_judge_believes_no_plan(tmp_path: Path) -> None:
    packing = read_gap(BUNDLED / "gap1-0.gz")
    packing.save(tmp_path / "i.npz")
    good = place_simply(packing, "cheapest")
    save_placement(tmp_path / "good.npz", good)
    cost, _ = check(packing, good.item, good.option, good.count)
    assert judge(tmp_path / "i.npz", tmp_path / "good.npz") == {
        "cost": cost, "placed": int(good.count.sum()), "unplaced": 15 - int(good.count.sum()), "legal": True, "faults": [],
    }  # fmt: skip
    # Every job at the first agent is far beyond its capacity.
    all_at_one = Placement(np.arange(15), np.arange(15) * 5, np.ones(15, np.int64))
    save_placement(tmp_path / "bad.npz", all_at_one)
    judged = judge(tmp_path / "i.npz", tmp_path / "bad.npz")
    assert not judged["legal"]
    assert judged["faults"][0].startswith("row 0")
    (tmp_path / "none.npz").write_text("no plan")
    assert "cost" not in judge(tmp_path / "i.npz", tmp_path / "none.npz")


PACKINGS = {
    "gap": read_gap(BUNDLED / "gap1-0.gz"), "sscflp": read_sscflp(BUNDLED / "holmberg-p1.gz"),
    "plane": random_plane(60, 6, 4, 3, 0.8, 1, classes=2), "weights": shared_weights(30, 5, 3, 4, 1),
    "edgewise": edgewise_application(32, 1),
}  # fmt: skip


@pytest.mark.parametrize("way", SIMPLE)
@pytest.mark.parametrize("name", PACKINGS)
def test_a_simple_placement_is_legal(name: str, way: str) -> None:
    packing = PACKINGS[name]
    placement = place_simply(packing, way)
    _, faults = check(packing, placement.item, placement.option, placement.count)
    assert not faults
    assert placement.count.sum() > 0


def test_a_simple_placement_respects_what_an_activation_loads() -> None:
    one = np.ones(1, np.int64)
    packing = Packing(
        np.array([0, 1]), 3 * one, 9 * one, one, np.array([0, 1]), 0 * one, one, 3 * one, 0 * one, 5 * one,
        np.array([0, 1]), 0 * one, 2 * one,
    )  # fmt: skip
    # Of three units the activation takes two, so one copy fits.
    assert [place_simply(packing, way).count.sum() for way in SIMPLE] == [1, 1, 1]
    # With a row of its own that is too small for it, the activation cannot be opened at all.
    apart = replace(packing, row_capacity=np.array([3, 1]), activation_load_row=one)
    assert [place_simply(apart, way).count.sum() for way in SIMPLE] == [0, 0, 0]


@pytest.mark.parametrize(("file", "read", "best"), [("gap1-0.gz", read_gap, 261), ("holmberg-p1.gz", read_sscflp, 8848)])
def test_exact_solvers_find_the_known_optimum(file: str, read: object, best: int) -> None:
    packing = read(BUNDLED / file)  # type: ignore[operator]
    start = place_simply(packing, "cheapest")
    for solver in ("highs", "scip"):
        answer = solve_mip(packing, solver, 20.0, 1, start)
        assert answer.placement is not None
        assert check(packing, *vars(answer.placement).values()) == (best, [])
        assert answer.bound == best
    bare = solve_bare(packing, 20.0, 1, 1, start)
    assert check(packing, *vars(bare.placement).values()) == (best, [])
    assert bare.bound == best


def test_the_application_forbids_pairs_that_are_too_far_apart() -> None:
    packing = PACKINGS["edgewise"]
    answer = solve_mip(packing, "highs", 20.0, 1)
    assert answer.placement is not None
    assert answer.placement.count.sum() == packing.items == 11
    limits = np.flatnonzero(packing.row_capacity == 1)
    assert limits.size > 0
    loader = packing.option_item[np.repeat(np.arange(packing.options), np.diff(packing.load_ptr))]
    loaded = [set(loader[packing.load_row == row].tolist()) for row in limits]
    # Each such row is between exactly two components.
    assert {len(components) for components in loaded} == {2}


def test_load_and_granularity_are_those_asked_for() -> None:
    facts = sizes(random_plane(1000, 20, 10, 3, 0.7, 1), 20)
    assert facts["items_per_node"] == 50
    assert facts["load"] == pytest.approx(0.7, abs=0.01)


def test_every_suite_names_each_instance_once_and_says_what_is_absent(tmp_path: Path) -> None:
    for name in SUITES:
        instances, absent = suite(name, 1, tmp_path)
        assert len({instance.name for instance in instances}) == len(instances)
        assert bool(absent) == (name in ("gap", "gap-all", "sscflp", "full"))


def test_a_listed_instance_knows_its_best_value(tmp_path: Path) -> None:
    (tmp_path / "gap").mkdir()
    (tmp_path / "gap" / "instances.csv").write_text(
        "file,agents,jobs,best_bound,best_value\nx/d05.gz,5,10,8,9\nx/a05.gz,5,10,7,7\n"
    )
    instances, absent = suite("gap", 1, tmp_path)
    assert [(instance.name, instance.best_known) for instance in instances] == [("gap-d05", 9)]
    assert not absent


def test_nobody_is_given_what_it_cannot_take(tmp_path: Path) -> None:
    instance = Instance("x", "file", "packing", ("file", "x.npz"))
    facts = {"options": 400_001, "activations": 0}
    assert CONTESTANTS["cp-sat"].excuse(instance, facts) == "not run: 400,001 options, more than the 400,000 it is given"
    assert CONTESTANTS["scip"].excuse(instance, facts) == ""
    task = Task(instance, facts, tmp_path / "x.npz", tmp_path / "p.npz", 5.0, 1, 3)
    assert CONTESTANTS["edgeplan"].command(task)[1:4] == ["-m", "solver", "solve"]


def test_one_command_makes_the_table_and_the_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    PACKINGS["gap"].save(tmp_path / "tiny.npz")
    # Alone, the proof takes about two seconds; a busy machine needs several times that.
    arguments = ["--packing", str(tmp_path / "tiny.npz"), "--peers", "cheapest", "--seconds", "20", "--workers", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    record = json.loads((tmp_path / "out" / "bench.json").read_text())
    ours, cheapest = record["instances"][0]["rows"]
    assert (ours["cost"], ours["bound"], ours["legal"]) == (261, 261, True)
    assert cheapest["legal"]
    assert "| tiny (20 s) |" in capsys.readouterr().out
    assert (tmp_path / "out" / "tiny.svg").exists()


def test_help_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "Race Edgeplan" in out
    assert all(option in out for option in ("--suite", "--seconds", "--seed", "--out", "--peers", "--extras", "edgewise"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--network", "300"], "'300' is not NODESxWORKLOADS, for instance 300x1000"),
        (["--network", "3x1000"], "'3x1000': 20 to 100000 nodes and 1 to 1000000 workloads can be made"),
        (["--plane", "10,2,3,1,0.5"], "no more options than nodes"),
        (["--peers", "nearest,luck"], "'luck' is not one of nearest, nearest+edge"),
        (["--seconds", "0"], "'0' is not a number of seconds above zero"),
        (["--suite", "all"], "invalid choice: 'all'"),
    ],
)
def test_a_bad_argument_is_refused_with_a_clear_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert says in capsys.readouterr().err
