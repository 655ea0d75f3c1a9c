"""Branching over setup variables ends at the optimum, and whenever it ends before, its bound holds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from solver.bounds.ascent import PatternAscent
from solver.bounds.lagrangian import field_of, from_prices
from solver.bounds.reduced_costs import ReducedCosts, reduced_costs_at
from solver.bounds.setups import FREE
from solver.engines import Limits, solve
from solver.engines.cpsat import Effort
from solver.engines.facility.branching import Branching
from solver.engines.facility.set_search import FacilitySetSearch
from solver.packing import Packing, Placement
from solver.params import DEFAULTS
from solver.running.budget import Budget
from solver.running.incumbent import Incumbent
from tests.solver.bounds.test_patterns import coupled_packing, priced, prices_of
from tests.solver.engines.facility.test_set_search import facilities
from tests.solver.engines.tiny import budget_of, optimum, second_best

SEEDS = [seed for seed in range(0, 80, 2) if priced(coupled_packing(seed))[0].blocks.setup.size]


class NoPlans(FacilitySetSearch):
    """Leaves finding plans to CP-SAT, so that what is dropped wrongly is missed."""

    def attempt(self, opened: NDArray[np.bool_], guide: ReducedCosts | None = None) -> None:
        """Do nothing."""


def branched(
    packing: Packing, splits: int, passes: int = 3, work: float = 1.0, start: dict[int, int] | None = None
) -> Incumbent:
    """What branching alone makes of a packing, from a root that few passes have climbed."""
    best = Incumbent(packing, Budget(Limits(seconds=600)))
    if start:
        option = np.array(sorted(start), dtype=np.int64)
        best.offer_placement(Placement(packing.option_item[option], option, np.array([start[o] for o in option])), "start")
    pricing, unit = priced(packing)
    view = pricing.view
    field = field_of(packing, view)
    guide = reduced_costs_at(view, field, from_prices(view, field, prices_of(packing)), -1e9)
    guide = guide._replace(excess=np.zeros_like(guide.excess), left_out=np.zeros_like(guide.left_out))
    with pricing:
        ascent = PatternAscent(pricing, unit)
        for _ in range(passes + 1):
            ascent.step(best.cost)
        effort = Effort(60.0, 1, 0, work)
        set_search = NoPlans(view, guide, 0, lambda _: None, DEFAULTS)
        tree = Branching(pricing, unit, view, guide, best, set_search, effort, budget_of(), DEFAULTS.tree)
        tree.run(ascent.result(), splits)
        assert (pricing.forced == FREE).all()
    return best


@pytest.mark.parametrize("seed", SEEDS)
def test_it_ends_at_the_optimum_with_its_proof(seed: int) -> None:
    packing = coupled_packing(seed)
    best = branched(packing, 10_000)
    assert best.cost == best.bound == optimum(packing)


@pytest.mark.parametrize("seed", SEEDS)
def test_little_that_is_missing_is_not_overlooked(seed: int) -> None:
    packing = coupled_packing(seed)
    best = branched(packing, 10_000, start=second_best(packing))
    assert best.cost == best.bound == optimum(packing)


@pytest.mark.parametrize("splits", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", SEEDS[::2])
def test_cut_short_it_brackets_the_optimum(seed: int, splits: int) -> None:
    packing = coupled_packing(seed)
    best = branched(packing, splits)
    assert best.bound <= optimum(packing) <= best.cost


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_what_cp_sat_leaves_open_is_not_dropped(seed: int) -> None:
    packing = coupled_packing(seed)
    best = branched(packing, 30, work=1e-9)
    assert best.bound <= optimum(packing) <= best.cost
    best = branched(packing, 10_000, work=1e-7)
    assert best.cost == best.bound == optimum(packing)


def test_splits_close_what_one_relaxation_leaves_open() -> None:
    packing = facilities(40, 12, seed=2)
    one, all_of_them = branched(packing, 1, 200), branched(packing, 10_000, 200)
    assert one.bound < all_of_them.bound == all_of_them.cost


def test_a_solve_proves_a_facility_plan_by_work_alone() -> None:
    packing = facilities(40, 12, seed=2)
    solution = solve(packing, Limits(seconds=300, workers=1, seed=5, work=100))
    assert solution.status == "optimal"
