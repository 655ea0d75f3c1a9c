"""Sets of open activations: single copies cannot find them, the search over sets does."""

from __future__ import annotations

import numpy as np

from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import ascend, field_of
from solver.bounds.reduced_costs import reduced_costs_at
from solver.engines import Limits, solve
from solver.engines.facility.set_search import FacilitySetSearch
from solver.engines.state import State
from solver.packing import Packing
from solver.packing.check import check
from solver.params import DEFAULTS
from tests.solver.engines.tiny import budget_of


def facilities(customers: int, sites: int, seed: int) -> Packing:
    """Customers and sites in the unit square; a third of all capacity would do, opening costs much."""
    rng = np.random.default_rng(seed)
    distance = np.linalg.norm(rng.random((customers, 1, 2)) - rng.random((1, sites, 2)), axis=2)
    demand = rng.integers(5, 30, customers)
    return Packing(
        item_ptr=np.arange(customers + 1) * sites,
        item_count=np.ones(customers, dtype=np.int64),
        item_penalty=np.full(customers, 10_000),
        option_cost=np.round(100 * distance).astype(np.int64).ravel(),
        load_ptr=np.arange(customers * sites + 1),
        load_row=np.tile(np.arange(sites), customers),
        load_amount=np.repeat(demand, sites),
        row_capacity=np.full(sites, 3 * int(demand.sum()) // sites),
        option_activation=np.tile(np.arange(sites), customers),
        activation_cost=rng.integers(100, 300, sites),
    )


def test_changes_lead_from_a_poor_set_to_the_optimum() -> None:
    packing = facilities(20, 9, seed=1)
    view = compile_packing(packing)
    field = field_of(packing, view)
    guide = reduced_costs_at(view, field, ascend(view, field, None, 60), 0)
    costs: list[int] = []

    def found(state: State) -> None:
        chosen = np.flatnonzero(state.taken)
        cost, violations = check(
            packing, view.option_item[chosen].astype(np.int64), view.origin[chosen], state.taken[chosen]
        )
        assert not violations
        costs.append(cost)

    set_search = FacilitySetSearch(view, guide, 3, found, DEFAULTS)
    set_search.begin([np.ones(9, dtype=bool)], budget_of())
    begun = costs[-1]
    set_search.change(200, budget_of())
    assert costs == sorted(costs, reverse=True)
    solution = solve(packing, Limits(seconds=60, workers=1))
    assert solution.status == "optimal"
    assert solution.cost == costs[-1] < begun


def test_it_stops_when_told() -> None:
    packing = facilities(20, 9, seed=1)
    view = compile_packing(packing)
    field = field_of(packing, view)
    guide = reduced_costs_at(view, field, ascend(view, field, None, 10), 0)

    def found(_: State) -> None:
        raise AssertionError("nothing was to be tried")

    set_search = FacilitySetSearch(view, guide, 3, found, DEFAULTS)
    set_search.begin([np.ones(9, dtype=bool)], budget_of(0.0))
    set_search.change(10, budget_of(0.0))


def test_a_solve_with_activations_repeats() -> None:
    packing = facilities(40, 12, seed=2)
    first, second = (solve(packing, Limits(seconds=300, workers=1, seed=5, work=4)) for _ in range(2))
    assert (first.cost, first.bound) == (second.cost, second.bound)
    assert np.array_equal(first.option, second.option)
