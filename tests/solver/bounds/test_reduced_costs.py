"""What the guide lets engines leave out is never part of a better plan, and is as much as the bound's fraction allows."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.engines import Limits, SolveParams, solve
from solver.engines.bounding import PATTERNS, PRICES
from solver.engines.cpsat import Effort
from solver.engines.exact import solve_window, subproblem_below
from solver.engines.phase import Solve
from solver.packing import Packing
from solver.params import DEFAULTS, ExactParams
from solver.running.budget import Budget
from solver.running.incumbent import Incumbent
from tests.solver.engines.tiny import least_with_each_option, optimum, tiny_packing


def begun(packing: Packing) -> Solve:
    """A solve in which nothing has run yet."""
    limits = Limits(seconds=60, workers=1)
    clock = Budget(limits)
    return Solve(packing, limits, DEFAULTS, clock, Incumbent(packing, clock))


@cache
def guides(seed: int) -> tuple[Packing, CompiledPacking, list[ReducedCosts]]:
    """The guide at good prices, and the one that patterns sharpened."""
    packing = tiny_packing(seed)
    run = begun(packing)
    with run.held:
        PRICES.run(run)
        plain = run.guide
        PATTERNS.run(run)
    return packing, run.view, [plain, run.guide]


@pytest.mark.parametrize("seed", range(60))
def test_no_option_of_a_cheaper_plan_is_beyond_the_gap(seed: int) -> None:
    packing, view, both = guides(seed)
    least = least_with_each_option(packing)
    for guide in both:
        for option, origin in enumerate(view.origin):
            # A plan that costs so much uses the option, and is cheaper than what costs one more.
            assert guide.excess[option] <= guide.gap(least[int(origin)] + 1)


@pytest.mark.parametrize("seed", range(60))
def test_the_gap_goes_by_the_fraction_of_the_bound(seed: int) -> None:
    packing, _, both = guides(seed)
    for guide in both:
        cost = optimum(packing)
        assert guide.gap(cost) == pytest.approx(cost - 1 - guide.bound, abs=1e-4 * max(1, cost))
        assert guide.gap(cost) > cost - 1 - guide.bound


@pytest.mark.parametrize("seed", range(60))
def test_a_target_keeps_as_many_options_as_asked_for(seed: int) -> None:
    for guide in guides(seed)[2]:
        for options in range(guide.excess.size):
            target = guide.target(options, 3)
            assert target > 3
            assert target >= guide.bound
            assert np.count_nonzero(guide.excess <= guide.gap(target + 2)) > options
        assert guide.target(guide.excess.size, 0) > 2**60


@pytest.mark.parametrize("seed", range(60))
def test_what_is_proven_of_a_few_options_holds_for_all(seed: int) -> None:
    packing, view, both = guides(seed)
    least = optimum(packing)
    for guide in both:
        for options in range(0, guide.excess.size, 2):
            run = begun(packing)
            cost = guide.target(options, -1) + 1
            part = subproblem_below(view, np.zeros(guide.excess.size, np.int64), guide, cost)
            answer = solve_window(run, part, Effort(60, 1, 0, 5.0), cost)
            assert answer.optimal
            assert run.best.bound <= least <= run.best.cost
            assert run.best.bound == min(cost, run.best.cost) == min(cost, least)


@pytest.mark.parametrize("seed", range(60))
def test_growing_windows_end_at_the_optimum(seed: int) -> None:
    params = SolveParams(exact=ExactParams(spare=0.05))
    packing, least = guides(seed)[0], optimum(guides(seed)[0])
    solution = solve(packing, Limits(seconds=60, workers=1, work=20, seed=seed), params=params)
    assert (solution.cost, solution.bound) == (least, least)
