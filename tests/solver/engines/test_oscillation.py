"""The walk through overloads keeps its books right, and what it keeps is legal."""

from __future__ import annotations

import numpy as np
import pytest

from solver.check_packing import check
from solver.engines import Limits, portfolio, solve
from solver.engines.first import first_plan
from solver.engines.guide import ranking
from solver.engines.oscillation import Walk, best_taken, suits, walk_from, wander
from solver.engines.search import random_source
from solver.engines.view import View, view_of
from solver.packing import Packing
from tests.bench.instances import random_plane
from tests.solver.engines.tiny import optimum


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


def begin(packing: Packing) -> tuple[View, Walk]:
    view = view_of(packing)
    price = np.ones(packing.rows)
    rank = ranking(view, view.option_cost.astype(np.float64))
    return view, walk_from(view, first_plan(view).taken, rank, price)


@pytest.mark.parametrize("seed", range(12))
def test_the_books_stay_right_and_the_best_is_legal(seed: int) -> None:
    packing = assignment(40, 5, 0.85, seed)
    view, walk = begin(packing)
    source = random_source(seed)
    for warmth, proposals in ((30.0, 5000), (5.0, 5000), (1.0, 300_000)):
        wander(view, walk, source, proposals, warmth, warmth)
        load = np.zeros(packing.rows, dtype=np.int64)
        np.add.at(load, walk.option_row[walk.chosen], walk.option_amount[walk.chosen])
        assert np.array_equal(packing.row_capacity - load, walk.free)
        assert walk.total[0] == view.option_cost[walk.chosen].sum()
        assert walk.total[1] == (walk.free < 0).sum()
        assert np.array_equal(view.option_item[walk.chosen], np.arange(packing.items))
        for row, members in enumerate(walk.members):
            assert sorted(walk.member[row, :members]) == np.flatnonzero(walk.option_row[walk.chosen] == row).tolist()
    assert walk.total[2] >= 0
    option = np.flatnonzero(best_taken(view, walk))
    cost, violations = check(packing, view.option_item[option].astype(np.int64), view.origin[option], np.ones_like(option))
    assert not violations
    assert cost == walk.total[2]


@pytest.mark.parametrize("seed", range(8))
def test_small_assignments_are_solved_to_the_optimum_by_walking(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "LARGEST_MODEL", -1)
    packing = assignment(7, 3, 0.9, seed)
    assert suits(view_of(packing))
    solution = solve(packing, Limits(seconds=60, seed=seed, work=6))
    assert solution.cost == optimum(packing) >= solution.bound


def test_same_seed_and_work_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "LARGEST_MODEL", -1)
    packing = assignment(60, 8, 0.85, 1)
    first, second = (solve(packing, Limits(seconds=300, seed=5, work=8)) for _ in range(2))
    assert np.array_equal(first.option, second.option)
    assert (first.cost, first.bound) == (second.cost, second.bound)


def test_items_that_reach_few_rows_or_load_several_do_not_suit() -> None:
    assert not suits(view_of(random_plane(100, 20, 4, 1, 0.8, 1)))
    assert not suits(view_of(random_plane(100, 20, 20, 2, 0.8, 1)))
