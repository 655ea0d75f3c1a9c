"""Blocks behind setups are packed best, whatever is forced, and a search cut short still brackets that."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from solver.bounds.setups import CLOSED, FREE, NOTHING, OPEN, Offer, best_pattern_with_setups
from solver.packing import IntArray

Flags = NDArray[np.bool_]


def offer_of(seed: int, most_setups: int = 4) -> Offer:
    """A random block of few candidates, some behind setups that cost something and take room."""
    rng = np.random.default_rng(seed)
    size, rows, setups = int(rng.integers(1, 8)), int(rng.integers(1, 4)), int(rng.integers(1, most_setups + 1))
    capacity = rng.integers(5, 30, rows)
    load = rng.integers(0, np.minimum(12, capacity + 1), (size, rows))
    unit = int(rng.choice([1, 1000, 2**30]))
    group = rng.integers(0, int(rng.integers(1, size + 1)), size)
    group_most = rng.integers(1, 4, size)
    room = np.where(load > 0, capacity // np.maximum(load, 1), 3).min(axis=1)
    return Offer(
        profit=rng.integers(-5, 50, size) * unit,
        load=load,
        most=np.minimum(group_most[group], room),
        group=group,
        group_most=group_most,
        capacity=capacity,
        setup=rng.integers(-1, setups, size),
        setup_cost=rng.integers(0, 60, setups) * unit,
        setup_load=rng.integers(0, 8, (setups, rows)) * rng.integers(0, 2, (setups, rows)),
    )


def profit_of(offer: Offer, pattern: IntArray, opened: Flags) -> int | None:
    """What a pattern earns behind open setups; None if it is not legal."""
    load = pattern @ offer.load + opened @ offer.setup_load
    together = np.bincount(offer.group, weights=pattern, minlength=offer.group_most.size)
    needed = offer.setup[(pattern > 0) & (offer.setup >= 0)]
    if (load > offer.capacity).any() or (together > offer.group_most).any() or not opened[needed].all():
        return None
    return int(pattern @ offer.profit - opened @ offer.setup_cost)


def best_by_trying(offer: Offer, forced: NDArray[np.int8]) -> int:
    """The greatest profit, by trying every set of setups and every pattern."""
    setups = itertools.product(*((0, 1) if force == FREE else (int(force),) for force in forced))
    patterns = list(itertools.product(*(range(int(most) + 1) for most in offer.most)))
    earned = (profit_of(offer, np.array(pattern), np.array(opened, dtype=bool)) for opened in setups for pattern in patterns)
    return max((profit for profit in earned if profit is not None), default=NOTHING)


class Packed:
    """What is known of a block from one call to the next; whatever is called the best pattern is checked to be one."""

    def __init__(self, offer: Offer, price: NDArray[np.float64]) -> None:
        self.offer, self.price = offer, price
        self.pattern = np.zeros(offer.profit.size, dtype=np.int64)
        self.opened = np.zeros(offer.setup_cost.size, dtype=bool)

    def again(self, forced: NDArray[np.int8]) -> tuple[int, int]:
        """Value and bound under forced setups."""
        offer, opened = self.offer, self.opened
        value, bound, _ = best_pattern_with_setups(offer, forced, self.price, 4, 10**6, 8, self.pattern, opened)
        assert profit_of(offer, self.pattern, opened) == value or value == bound == NOTHING
        assert value == NOTHING or (opened[forced == OPEN].all() and not opened[forced == CLOSED].any())
        return value, bound


@pytest.mark.parametrize("seed", range(150))
def test_the_best_pattern_behind_the_best_gates_is_found(seed: int) -> None:
    offer, rng = offer_of(seed), np.random.default_rng(seed)
    packed = Packed(offer, rng.random(offer.capacity.size) * 10.0 ** int(rng.integers(0, 10)) + 1.0)
    for _ in range(4):
        setups = offer.setup_cost.size
        forced = np.where(rng.random(setups) < 0.5, rng.integers(0, 2, setups), FREE).astype(np.int8)
        best = best_by_trying(offer, forced)
        for _ in range(2):
            value, bound = packed.again(forced)
            assert value == bound == best


@pytest.mark.parametrize("tried", [0, 1, 2])
@pytest.mark.parametrize("seed", range(60))
def test_a_search_cut_short_still_brackets_it(seed: int, tried: int) -> None:
    offer = offer_of(seed, 6)
    forced = np.full(offer.setup_cost.size, FREE, dtype=np.int8)
    pattern, opened = np.zeros(offer.profit.size, dtype=np.int64), np.zeros(offer.setup_cost.size, dtype=bool)
    value, bound, _ = best_pattern_with_setups(offer, forced, np.ones(offer.capacity.size), 2, 3, tried, pattern, opened)
    assert value <= best_by_trying(offer, forced) <= bound


def test_gates_whose_loads_do_not_fit_together_leave_nothing() -> None:
    offer = offer_of(1)._replace(
        setup=np.full(offer_of(1).profit.size, -1),
        setup_cost=np.zeros(2, dtype=np.int64),
        setup_load=np.repeat(offer_of(1).capacity[None] * 2 // 3 + 1, 2, axis=0),
    )
    both, one = np.full(2, OPEN, dtype=np.int8), np.array([OPEN, FREE], dtype=np.int8)
    packed = Packed(offer, np.ones(offer.capacity.size))
    assert packed.again(both) == (NOTHING, NOTHING)
    assert packed.again(one)[0] > NOTHING
