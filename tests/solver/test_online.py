"""Arrivals one after the other, against filling all at once; and after a solve, into the room that it left."""

from __future__ import annotations

import numpy as np
import pytest

from solver import Limits, place
from solver.online import Arrivals
from solver.space.compiling import space_of
from solver.space.construct import construct_in_turn
from tests.solver.random_problems import random_problem


@pytest.mark.parametrize("seed", range(20))
def test_one_by_one_ends_where_filling_in_that_order_ends(seed: int) -> None:
    space = space_of(random_problem(seed))
    by_tree = np.argsort(space.tables.tree, kind="stable")
    order = np.repeat(by_tree, space.items.count[by_tree])
    residual = space.capacity.copy()
    filled = construct_in_turn(space, space.price_tables(), order, np.ones(len(order), np.int64), residual)
    arrivals = Arrivals(space)
    placed = [(int(k), arrival) for k in order if (arrival := arrivals.place(int(k))) is not None]
    assert [(k, a.host, a.servers) for k, a in placed] == list(
        zip(filled.item.tolist(), filled.host.tolist(), filled.servers.tolist(), strict=True)
    )
    assert np.array_equal(arrivals.residual, residual)
    assert (residual >= 0).all()


def test_arrivals_after_a_solve_find_its_plan_in_place() -> None:
    arrived = 0
    for seed in range(12):
        problem = random_problem(seed)
        result = place(problem, Limits(seconds=60, workers=1, work=2))
        space = space_of(problem)
        assert result.memory is not None
        arrivals = Arrivals(space, result.memory)
        before = arrivals.residual.copy()
        assert (before >= 0).all()
        assert (before < space.capacity).any() == (len(result.plan) > 0)
        arrived += sum(arrivals.place(k) is not None for k in range(len(space.items)))
        assert (arrivals.residual >= 0).all()
        assert (arrivals.residual <= before).all()
    assert arrived
