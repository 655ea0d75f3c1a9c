"""The whole portfolio against exhaustion, public instances, limits and repetition."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from solver.engines import PHASES, Limits, Progress, Solution, SolveParams, cpsat, exact, solve
from solver.packing import Packing, Placement
from solver.packing.check import check
from tests.bench.instances import random_plane, read_gap, read_sscflp
from tests.solver.engines.facility.test_set_search import facilities
from tests.solver.engines.tiny import optimum, tiny_packing

DATA = Path(__file__).parents[2] / "bench" / "data"
#: No exact engine on the whole packing.
INEXACT = SolveParams(without=frozenset({"exact", "linear"}))


@cache
def known(seed: int) -> tuple[Packing, int]:
    packing = tiny_packing(seed)
    return packing, optimum(packing)


def assert_legal(packing: Packing, solution: Solution) -> None:
    cost, violations = check(packing, solution.item, solution.option, solution.count)
    assert not violations
    assert cost == solution.cost
    assert solution.unplaced == packing.item_count.sum() - solution.count.sum()
    assert (solution.status == "optimal") == (solution.cost == solution.bound)


@pytest.mark.parametrize("seed", range(120))
def test_tiny_packings_are_solved_to_the_optimum(seed: int) -> None:
    packing, least = known(seed)
    solution = solve(packing, Limits(seconds=20, workers=1, seed=seed))
    assert_legal(packing, solution)
    assert solution.cost == solution.bound == least


@pytest.mark.parametrize("seed", range(60))
def test_without_an_exact_engine_the_optimum_stays_bracketed(seed: int) -> None:
    packing, least = known(seed)
    solution = solve(packing, Limits(seconds=20, workers=1, seed=seed, work=6), params=INEXACT)
    assert_legal(packing, solution)
    assert solution.bound <= least <= solution.cost
    assert solution.cost == least


@pytest.mark.parametrize(
    ("packing", "best"),
    [
        (read_gap(DATA / "gap1-0.gz"), 261),
        (read_gap(DATA / "c05100.gz"), 1931),
        (read_sscflp(DATA / "holmberg-p1.gz"), 8848),
    ],
    ids=["cattrysse gap1-0", "chu c05100", "holmberg p1"],
)
def test_public_instances_are_solved_to_their_best_known_value(packing: Packing, best: int) -> None:
    solution = solve(packing, Limits(seconds=60, workers=2))
    assert_legal(packing, solution)
    assert (solution.cost, solution.bound, solution.unplaced) == (best, best, 0)


def test_counts_beyond_counting() -> None:
    packing = Packing(
        item_ptr=np.array([0, 2, 3]),
        item_count=np.array([10**9, 10**12]),
        item_penalty=np.array([9, 2]),
        option_cost=np.array([1, 3, 1]),
        load_ptr=np.array([0, 1, 2, 3]),
        load_row=np.array([0, 1, 0]),
        load_amount=np.array([2, 1, 1]),
        row_capacity=np.array([10**9, 3 * 10**8]),
    )
    solution = solve(packing, Limits(seconds=20, workers=1))
    assert_legal(packing, solution)
    assert solution.unplaced > 0
    assert solution.gap < 1e-6


def test_empty_packings() -> None:
    none = np.zeros(0, dtype=np.int64)
    start = np.zeros(1, dtype=np.int64)
    nothing = Packing(start, none, none, none, start, none, none, none)
    solution = solve(nothing, Limits(seconds=5))
    assert (solution.cost, solution.bound, solution.status) == (0, 0, "optimal")
    hopeless = Packing(np.zeros(3, dtype=np.int64), np.array([2, 1]), np.array([5, 7]), none, start, none, none, none)
    solution = solve(hopeless, Limits(seconds=5))
    assert (solution.cost, solution.bound, solution.unplaced) == (17, 17, 3)


def test_progress_never_gets_worse_and_ends_at_the_answer() -> None:
    packing = random_plane(300, 30, 6, 2, 0.8, seed=3)
    steps: list[Progress] = []
    solution = solve(packing, Limits(seconds=20, workers=1, work=4), steps.append)
    assert_legal(packing, solution)
    assert len(steps) >= 3
    for before, after in zip(steps[:-1], steps[1:], strict=True):
        assert after.cost <= before.cost
        assert after.bound >= before.bound
        assert after.seconds >= before.seconds
    assert (steps[-1].cost, steps[-1].bound, steps[-1].unplaced) == (solution.cost, solution.bound, solution.unplaced)


@pytest.mark.parametrize("params", [SolveParams(), INEXACT], ids=["exact", "not exact"])
def test_same_seed_and_work_same_plan(params: SolveParams) -> None:
    packing = random_plane(400, 40, 8, 3, 0.85, seed=1)
    first, second = (solve(packing, Limits(seconds=300, workers=1, seed=5, work=8), params=params) for _ in range(2))
    assert first.cost == second.cost
    assert first.bound == second.bound
    for name in ("item", "option", "count"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_stop_is_honoured_and_the_best_survives() -> None:
    packing = random_plane(3000, 300, 20, 3, 0.85, seed=2)
    begin = time.monotonic()
    seen: list[Progress] = []
    # The limit is ten minutes; only the stop can end this in the test's time.
    solution = solve(packing, Limits(seconds=600, workers=2), seen.append, lambda: len(seen) >= 3)
    assert_legal(packing, solution)
    assert time.monotonic() - begin < 300
    assert solution.cost <= seen[2].cost


def test_a_time_limit_of_nothing_still_gives_a_legal_answer() -> None:
    packing = random_plane(3000, 300, 20, 3, 0.85, seed=2)
    solution = solve(packing, Limits(seconds=0.001, workers=2))
    assert_legal(packing, solution)


def test_a_start_is_never_lost_and_illegal_entries_are_dropped() -> None:
    packing = random_plane(200, 20, 5, 2, 0.9, seed=4)
    good = solve(packing, Limits(seconds=20, workers=1, work=6))
    again = solve(packing, Limits(seconds=20, workers=1, work=1), start=good.placement, prices=good.prices)
    assert again.cost <= good.cost
    rubbish = Placement(np.array([0, 1, 500]), np.array([0, 0, 10**6]), np.array([10**9, 1, 1]))
    assert_legal(packing, solve(packing, Limits(seconds=20, workers=1, work=1), start=rubbish))


def test_a_wrong_answer_of_cpsat_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = cpsat.solve_subproblem, []

    def liar(*args: object, **more: object) -> cpsat.Answer:
        answer = real(*args, **more)  # type: ignore[arg-type]
        asked.append(answer)
        return cpsat.Answer(answer.taken, 10**6, True, answer.work)

    monkeypatch.setattr(exact, "solve_subproblem", liar)
    # So few phases leave something to ask for.
    phases = tuple(phase for phase in PHASES if phase.name in ("first", "prices", "exact"))
    for seed in range(10):
        packing, least = known(seed)
        assert solve(packing, Limits(seconds=20, workers=1, work=2), phases=phases).bound <= least
    assert asked


def test_a_limit_of_nothing_still_buys_a_first_plan() -> None:
    packing = random_plane(40, 8, 6, 2, 0.6, 1)
    solution = solve(packing, Limits(seconds=0.0))
    assert solution.unplaced < packing.item_count.sum()


def test_a_start_survives_a_limit_of_nothing() -> None:
    packing = random_plane(40, 8, 6, 2, 0.6, 1)
    good = solve(packing, Limits(seconds=2.0))
    again = solve(packing, Limits(seconds=0.0), start=good.placement)
    assert again.cost <= good.cost


def phased(packing: Packing, *without: str) -> Solution:
    """A short solve without some phases."""
    return solve(packing, Limits(seconds=60, seed=3, work=4), params=SolveParams(without=frozenset(without)))


@pytest.mark.parametrize("left_out", [phase.name for phase in PHASES])
def test_any_phase_can_be_left_out(left_out: str) -> None:
    for seed in (1, 59, 77):
        packing, least = known(seed)
        solution = phased(packing, left_out)
        assert_legal(packing, solution)
        assert solution.bound <= least <= solution.cost
        assert left_out not in solution.phase_seconds


def test_without_any_phase_nothing_is_placed() -> None:
    packing, _ = known(1)
    solution = phased(packing, *(phase.name for phase in PHASES))
    assert_legal(packing, solution)
    assert solution.unplaced == packing.item_count.sum()


def test_a_phase_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="guessing"):
        phased(known(1)[0], "guessing", "exact")


def test_the_time_of_each_phase_that_ran_is_told() -> None:
    solution = phased(facilities(20, 9, seed=1), "exact")
    names = list(solution.phase_seconds)
    assert names[:3] == ["first", "prices", "rounding"]
    assert "openings" in names
    assert "dives" not in names
    assert names == sorted(names, key=[phase.name for phase in PHASES].index)
    assert all(seconds >= 0.0 for seconds in solution.phase_seconds.values())
    assert sum(solution.phase_seconds.values()) <= solution.seconds
