"""The parts of the bounded knapsack, each against a few lines of plain Python."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from solver.bounds.knapsack import _by_ratio, _core, _greedy, _reached, fitting
from tests.solver.bounds.test_patterns import Block


@pytest.mark.parametrize("seed", range(40))
def test_candidates_are_ordered_by_exact_ratios(seed: int) -> None:
    block, rng = Block(seed), np.random.default_rng(seed)
    multiplier = rng.integers(0, 5, block.capacity.size)
    gainful = np.flatnonzero(block.profit > 0)
    order, weight = _by_ratio(block.profit, block.load, multiplier, len(gainful))
    assert weight[gainful].tolist() == (block.load @ multiplier)[gainful].tolist()
    assert sorted(order.tolist()) == gainful.tolist()
    ratios = [Fraction(int(block.profit[at]), int(weight[at])) if weight[at] else Fraction(10**18) for at in order]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.parametrize("seed", range(40))
def test_the_greedy_pattern_takes_as_much_as_fits_in_order(seed: int) -> None:
    block = Block(seed)
    order = np.flatnonzero(block.profit > 0)[::-1].copy()
    found = _greedy(order, block.profit, block.load, block.most, block.group, block.group_most, block.capacity)
    left, spare, pattern = block.capacity.copy(), block.group_most.copy(), np.zeros_like(block.profit)
    for at in order.tolist():
        most = min(block.most[at], spare[block.group[at]])
        pattern[at] = max(copies for copies in range(most + 1) if (copies * block.load[at] <= left).all())
        left, spare[block.group[at]] = left - pattern[at] * block.load[at], spare[block.group[at]] - pattern[at]
    assert found[1].tolist() == pattern.tolist()
    assert found[0] == pattern @ block.profit


@pytest.mark.parametrize("seed", range(40))
def test_dantzigs_bound_is_the_fractional_optimum_in_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    profit, weight, most = rng.integers(1, 99, 6), rng.integers(1, 9, 6), rng.integers(1, 4, 6)
    before, heavier = (np.concatenate(([0], np.cumsum(one * most))) for one in (profit, weight))
    for at, room in ((0, 0), (0, 17), (2, 9), (5, 3), (6, 4), (0, 10**6)):
        best, left = Fraction(0), Fraction(room)
        for p, w, m in list(zip(profit.tolist(), weight.tolist(), most.tolist(), strict=True))[at:]:
            taken = min(Fraction(m), left / w)
            best, left = best + taken * p, left - taken * w
        assert _reached(profit // weight, profit % weight, weight, before, heavier, at, room) == int(best)


@pytest.mark.parametrize("seed", range(40))
def test_how_many_copies_fit(seed: int) -> None:
    block = Block(seed)
    for at, copies in enumerate(block.most.tolist()):
        left = block.capacity // 2
        assert fitting(block.load, at, copies, left) == max(
            c for c in range(copies + 1) if (c * block.load[at] <= left).all()
        )


def test_what_costs_too_much_either_way_is_fixed() -> None:
    # A surrogate row of 10: the first two candidates fill it, the third is split, the last is far too dear.
    profit, weight, most = np.array([100, 50, 6, 1]), np.array([5, 4, 2, 5]), np.ones(4, np.int64)
    load, group = weight.reshape(-1, 1).copy(), np.arange(4)
    spare, left = np.ones(4, np.int64), np.array([10])
    core, fixed, heavy, missed = _core(np.arange(4), 2, profit, weight, load, most, group, spare, left, 153, 150)
    assert core.tolist() == [2]
    assert (fixed, heavy) == (150, 9)
    assert missed <= 150
    assert left.tolist() == [1]
    assert spare.tolist() == [0, 0, 1, 1]
