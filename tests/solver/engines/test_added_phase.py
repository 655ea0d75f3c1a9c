"""A phase of one's own, named in the tuple that a solve is given, is run, timed, switched off and judged like the others."""

from __future__ import annotations

import numpy as np
import pytest

from solver.engines import PHASES, Limits, Phase, Progress, Solve, SolveParams, solve
from solver.packing.check import check
from solver.running.incumbent import WrongAnswer
from tests.bench.instances import random_plane
from tests.solver.extra.single import SINGLE

PACKING = random_plane(300, 30, 6, 2, 0.8, seed=3)
LIMITS = Limits(seconds=60, work=4)
#: The last of the phases goes on until the limit.
WITH_SINGLE = (*PHASES[:-1], SINGLE, PHASES[-1])


def test_it_runs_in_its_place_and_is_timed() -> None:
    solution = solve(PACKING, LIMITS, params=SolveParams(without=frozenset({"exact"})), phases=WITH_SINGLE)
    assert list(solution.phase_seconds)[-2:] == ["single", "improving"]
    assert solution.phase_seconds["single"] >= 0.0


def test_its_plan_is_reported_under_its_name() -> None:
    told: list[Progress] = []
    solution = solve(PACKING, LIMITS, told.append, phases=(SINGLE,))
    assert [step.phase for step in told] == ["single"]
    assert solution.count.tolist() == [1]
    assert check(PACKING, solution.item, solution.option, solution.count) == (solution.cost, [])


def test_it_is_switched_off_by_name() -> None:
    solution = solve(PACKING, LIMITS, params=SolveParams(without=frozenset({"single"})), phases=(SINGLE,))
    assert "single" not in solution.phase_seconds
    assert solution.unplaced == PACKING.item_count.sum()


def test_it_does_not_run_where_it_does_not_suit() -> None:
    unfit = SINGLE._replace(suits=lambda _: False)
    assert "single" not in solve(PACKING, LIMITS, phases=(unfit, *PHASES)).phase_seconds


def test_other_solves_do_not_know_it() -> None:
    with pytest.raises(ValueError, match="single"):
        solve(PACKING, LIMITS, params=SolveParams(without=frozenset({"single"})))


def test_an_illegal_plan_of_it_is_refused() -> None:
    def overfill(solve: Solve) -> None:
        solve.best.offer(solve.view, np.ones(solve.view.option_cost.size, np.int64), "overfilled")

    with pytest.raises(WrongAnswer, match=r"overfilled: .* violations"):
        solve(PACKING, LIMITS, phases=(*PHASES[:3], Phase("overfilled", lambda _: True, overfill)))


def test_a_false_bound_of_it_is_refused() -> None:
    def exaggerate(solve: Solve) -> None:
        solve.best.prove(solve.best.cost + 1, None, "exaggerated")

    with pytest.raises(WrongAnswer, match="exaggerated: bound"):
        solve(PACKING, LIMITS, phases=(*PHASES[:3], Phase("exaggerated", lambda _: True, exaggerate)))


def test_a_false_bound_that_it_has_only_heard_of_is_passed_over() -> None:
    def repeat(solve: Solve) -> None:
        solve.best.believe(solve.best.cost + 1, "heard")

    heard = solve(PACKING, LIMITS, phases=(*PHASES[:3], Phase("heard", lambda _: True, repeat)))
    assert heard.bound == solve(PACKING, LIMITS, phases=PHASES[:3]).bound < heard.cost


def test_a_proof_that_a_later_plan_contradicts_ends_the_solve() -> None:
    def exaggerate(solve: Solve) -> None:
        solve.best.prove(solve.best.cost - 1, None, "exaggerated")

    phases = (Phase("exaggerated", lambda _: True, exaggerate), Phase("later", lambda _: True, SINGLE.run))
    with pytest.raises(WrongAnswer, match="single: the verified cost"):
        solve(PACKING, LIMITS, phases=phases)


def test_a_bound_only_heard_of_falls_to_what_is_proven_when_a_plan_contradicts_it() -> None:
    def repeat(solve: Solve) -> None:
        solve.best.prove(7, None, "proven")
        solve.best.believe(solve.best.cost - 1, "heard")

    heard = solve(PACKING, LIMITS, phases=(Phase("heard", lambda _: True, repeat), SINGLE))
    assert heard.bound == 7 < heard.cost
