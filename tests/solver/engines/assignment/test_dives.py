"""Dives fill rows best, keep what they try legal, and end at the optimum of small assignments."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from solver.bounds.compiled_packing import CompiledPacking, compile_packing
from solver.bounds.lagrangian import field_of, from_prices
from solver.bounds.reduced_costs import reduced_costs_at
from solver.engines import Limits, SolveParams, solve
from solver.engines.assignment.dives import Dives, DualAscent
from solver.engines.assignment.diving import dive_step
from solver.engines.assignment.knapsack import scratch_for, solutions_of, solve_knapsack
from solver.engines.assignment.matrix import AssignmentMatrix, applies, matrix_of, taken_of
from solver.engines.search import random_source
from solver.packing import IntArray, Packing
from solver.packing.check import check
from solver.packing.solution import Prices
from solver.params import DEFAULTS, MatrixParams
from tests.bench.instances import random_plane
from tests.solver.engines.tiny import budget_of, optimum

#: Leaves it to the dives.
INEXACT = SolveParams(without=frozenset({"exact"}))


def assignment(items: int, rows: int, slack: float, seed: int) -> Packing:
    """Every item to one row; dear where it is light, as in the hard public families."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 100, (items, rows))
    cost = 111 - weight + rng.integers(-10, 11, weight.shape)
    return Packing(
        item_ptr=np.arange(items + 1) * rows,
        item_count=np.ones(items, dtype=np.int64),
        item_penalty=np.full(items, cost.max(axis=1).sum() + 1),
        option_cost=cost.ravel(),
        load_ptr=np.arange(items * rows + 1),
        load_row=np.tile(np.arange(rows), items),
        load_amount=weight.ravel(),
        row_capacity=np.full(rows, int(slack * weight.mean() * items / rows)),
    )


def tabled(packing: Packing, price: float = 1.0, finest: int = 20_000) -> tuple[CompiledPacking, AssignmentMatrix]:
    view = compile_packing(packing)
    field = field_of(packing, view)
    prices = Prices(np.full(packing.rows, round(1000 * price)), np.zeros(0, dtype=np.int64), 1000)
    guide = reduced_costs_at(view, field, from_prices(view, field, prices), 0)
    return view, matrix_of(view, guide, prices.row / prices.scale, MatrixParams(finest=finest))


def cost_of(packing: Packing, view: CompiledPacking, taken: IntArray) -> int:
    """The checker's cost of a placement, which must be legal."""
    option = np.flatnonzero(taken)
    cost, violations = check(packing, view.option_item[option].astype(np.int64), view.origin[option], taken[option])
    assert not violations
    return cost


@pytest.mark.parametrize("seed", range(20))
def test_a_knapsack_solution_is_worth_what_the_best_subset_is(seed: int) -> None:
    _, matrix = tabled(assignment(12, 3, 0.9, seed))
    solutions, scratch = solutions_of(matrix), scratch_for(matrix)
    random = np.random.default_rng(seed)
    # Twice, since the second time starts from what the first has left behind, at other dual values.
    for row in (0, 1, 2, 0, 1, 2):
        solutions.dual[:] = random.integers(20, 120, 12)
        solutions.loose[:] = random.random(12) < 0.8
        loose = np.flatnonzero(solutions.loose)
        values, amounts = solutions.dual - matrix.cost[row], matrix.amount[row]
        best = max(
            float(values[list(some)].sum())
            for size in range(loose.size + 1)
            for some in itertools.combinations(loose, size)
            if amounts[list(some)].sum() <= matrix.capacity[row]
        )
        value = solve_knapsack(matrix, solutions, scratch, row, 0.0, 0.0)
        inside = solutions.solution[row]
        assert value == pytest.approx(best, abs=1e-3)
        assert values[inside].sum() == pytest.approx(best, abs=1e-3)
        assert amounts[inside].sum() <= matrix.capacity[row]
        assert not (inside & ~solutions.loose).any()


@pytest.mark.parametrize("seed", range(6))
def test_a_dive_fixes_every_row_once_within_its_capacity(seed: int) -> None:
    packing = assignment(40, 5, 0.8, seed)
    view, matrix = tabled(packing)
    solutions, scratch, source = solutions_of(matrix), scratch_for(matrix), random_source(seed)
    row_of = np.full(packing.items, -1, dtype=np.int32)
    for fixed in range(packing.rows):
        before = row_of.copy()
        assert solutions.open.sum() == packing.rows - fixed
        dive_step(matrix, solutions, scratch, 10, source, row_of, DEFAULTS.diving)
        assert np.array_equal(row_of[before >= 0], before[before >= 0])
        assert np.array_equal(solutions.loose, row_of < 0)
    assert not solutions.open.any()
    assert (row_of >= 0).sum() > packing.items // 2
    cost_of(packing, view, taken_of(matrix, view, row_of))


@pytest.mark.parametrize("finest", [20_000, 60])
def test_steps_report_the_true_cost_of_legal_placements(finest: int) -> None:
    packing = assignment(40, 6, 0.75, 3)
    view, matrix = tabled(packing, finest=finest)
    assert matrix.capacity.max() <= finest
    dives = Dives(view, DualAscent(matrix, budget_of(), DEFAULTS), 1)
    dives.dive(budget_of())
    cost_of(packing, view, dives.tried())
    costs = []
    for step in range(60):
        cost = dives.step(1.0 - step / 60)
        assert cost == cost_of(packing, view, dives.tried())
        costs.append(cost)
    assert min(costs) < packing.item_penalty[0]


def test_a_restart_goes_on_from_the_better_placement() -> None:
    packing = assignment(30, 4, 0.85, 5)
    view, matrix = tabled(packing)
    ascent = DualAscent(matrix, budget_of(), DEFAULTS)
    first, second = Dives(view, ascent, 1), Dives(view, ascent, 2)
    first.dive(budget_of())
    second.restart(first.tried())
    assert np.array_equal(second.tried(), first.tried())
    second.restart(np.zeros_like(first.tried()))
    assert np.array_equal(second.tried(), first.tried())


@pytest.mark.parametrize("seed", range(8))
def test_small_assignments_are_solved_to_the_optimum_by_dives(seed: int) -> None:
    packing = assignment(7, 3, 0.9, seed)
    assert applies(compile_packing(packing), DEFAULTS.matrix)
    solution = solve(packing, Limits(seconds=60, seed=seed, work=60), params=INEXACT)
    assert solution.cost == optimum(packing) >= solution.bound


def test_an_item_that_fits_nowhere_stays_behind() -> None:
    whole = assignment(20, 3, 0.9, 2)
    amount = whole.load_amount.copy()
    amount[:3] = whole.row_capacity[0] + 1
    packing = replace(whole, load_amount=amount)
    solution = solve(packing, Limits(seconds=60, work=20))
    assert solution.unplaced == 1
    assert 0 not in solution.item


def test_same_seed_and_work_same_plan() -> None:
    packing = assignment(60, 8, 0.85, 1)
    first, second = (solve(packing, Limits(seconds=300, seed=5, work=40), params=INEXACT) for _ in range(2))
    assert np.array_equal(first.option, second.option)
    assert (first.cost, first.bound) == (second.cost, second.bound)


def test_items_that_reach_few_rows_or_load_several_do_not_suit() -> None:
    assert not applies(compile_packing(random_plane(100, 20, 4, 1, 0.8, 1)), DEFAULTS.matrix)
    assert not applies(compile_packing(random_plane(100, 20, 20, 2, 0.8, 1)), DEFAULTS.matrix)
    assert not applies(compile_packing(random_plane(100, 20, 20, 1, 0.8, 1, classes=2)), DEFAULTS.matrix)
    assert applies(compile_packing(random_plane(100, 20, 20, 1, 0.8, 1)), DEFAULTS.matrix)
