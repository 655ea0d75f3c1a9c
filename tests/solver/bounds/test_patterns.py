"""Patterns are packed best, and whole packings cost no less than the bound that patterns give."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solver.bounds.ascent import ascend_patterns, units
from solver.bounds.blocks import blocks_of
from solver.bounds.bound import item_terms
from solver.bounds.compiled_packing import compile_packing
from solver.bounds.knapsack import best_pattern
from solver.bounds.lagrangian import ascend, field_of, to_prices
from solver.bounds.patterns import Pricing
from solver.bounds.setups import CLOSED, FREE, OPEN
from solver.packing import IntArray, Packing
from solver.packing.solution import Prices
from tests.bench.instances import random_plane
from tests.solver.engines.tiny import least_by_opened, least_with_each_option, optimum, tiny_packing


class Block:
    """A random block of few candidates, its best profit found by trying every pattern."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size, rows = int(rng.integers(1, 8)), int(rng.integers(1, 4))
        self.capacity = rng.integers(0, 30, rows)
        load = rng.integers(0, 12, (size, rows))
        profit = rng.integers(-5, 50, size) * int(rng.choice([1, 1000, 2**30]))
        group = rng.integers(0, int(rng.integers(1, size + 1)), size)
        self.group_most = rng.integers(1, 4, size)
        room = self.group_most[group]
        for row in range(rows):
            room = np.where(load[:, row] > 0, np.minimum(room, self.capacity[row] // np.maximum(load[:, row], 1)), room)
        fits = room > 0
        self.load, self.profit, self.group, self.most = load[fits], profit[fits], group[fits], room[fits]
        self.price = rng.random(rows) * rng.integers(0, 2, rows)
        ways = itertools.product(*(range(int(copies) + 1) for copies in self.most))
        self.best = max(int(np.dot(way, self.profit)) for way in ways if self.legal(np.array(way, dtype=np.int64)))

    def legal(self, pattern: IntArray) -> bool:
        together = np.bincount(self.group, weights=pattern, minlength=self.group_most.size)
        return bool((pattern @ self.load <= self.capacity).all() and (together <= self.group_most).all())

    def solve(self, least: int, limit: int) -> tuple[int, int, IntArray]:
        pattern = np.zeros(self.profit.size, dtype=np.int64)
        value, bound, _ = best_pattern(
            self.profit,
            self.load,
            self.most,
            self.group,
            self.group_most,
            self.capacity,
            self.price,
            6,
            least,
            limit,
            pattern,
        )
        return value, bound, pattern


@pytest.mark.parametrize("seed", range(300))
def test_the_best_pattern_is_found(seed: int) -> None:
    block = Block(seed)
    value, bound, pattern = block.solve(0, 10**6)
    assert value == bound == block.best == block.profit @ pattern
    assert block.legal(pattern)


@pytest.mark.parametrize("seed", range(300))
def test_a_search_cut_short_still_brackets_the_best_pattern(seed: int) -> None:
    block = Block(seed)
    for least, limit in ((0, 1), (0, 4), (100, 10**6), (block.best, 10**6), (block.best - 1, 10**6), (10**4, 3)):
        value, bound, pattern = block.solve(least, limit)
        assert value == block.profit @ pattern
        assert block.legal(pattern)
        assert value <= block.best <= bound
        assert limit < 10**6 or bound <= max(value, least)


def coupled_packing(seed: int) -> Packing:
    """Three nodes of two rows each, some options on a shared third row, no, one or two setups on a node, few copies."""
    rng = np.random.default_rng(seed)
    items, nodes = 4, 3
    cost = rng.integers(1, 20, (items, nodes))
    # On a node without setups all options do without; else each needs one of as many, or now and then none.
    setups = rng.integers(0, 3, nodes)
    setup = 2 * np.arange(nodes) + rng.integers(0, np.maximum(setups, 1), (items, nodes))
    setup[(setups == 0) | (rng.random((items, nodes)) < 0.15)] = -1
    link = rng.random((items, nodes)) < 0.4
    row, amount, length = [], [], []
    for item, node in itertools.product(range(items), range(nodes)):
        rows = [2 * node, 2 * node + 1] + [2 * nodes] * int(link[item, node])
        row += rows
        amount += rng.integers(1, 7, len(rows)).tolist()
        length.append(len(rows))
    return Packing(
        item_ptr=np.arange(items + 1) * nodes,
        item_count=rng.integers(1, 3, items),
        item_penalty=rng.integers(15, 60, items),
        option_cost=cost.ravel(),
        load_ptr=np.concatenate(([0], np.cumsum(length))),
        load_row=np.array(row),
        load_amount=np.array(amount),
        row_capacity=np.append(rng.integers(4, 14, 2 * nodes), rng.integers(3, 9)),
        option_activation=setup.ravel(),
        activation_cost=rng.integers(0, 25, 2 * nodes),
        activation_load_ptr=np.arange(2 * nodes + 1),
        activation_load_row=np.where(rng.random(2 * nodes) < 0.5, 2 * (np.arange(2 * nodes) // 2), 2 * nodes),
        activation_load_amount=rng.integers(0, 3, 2 * nodes),
    )


@cache
def known(seed: int) -> tuple[Packing, int]:
    packing = tiny_packing(seed) if seed % 2 else coupled_packing(seed)
    return packing, optimum(packing)


@cache
def prices_of(packing: Packing) -> Prices:
    """Prices after sixty passes; several tests ask for those of one packing."""
    view = compile_packing(packing)
    field = field_of(packing, view)
    return to_prices(packing, view, field, ascend(view, field, None, 60))


def priced(packing: Packing, workers: int = 1) -> tuple[Pricing, NDArray[np.float64]]:
    """A packing's patterns at good prices, and the units of steps of the values."""
    view, prices = compile_packing(packing), prices_of(packing)
    blocks = blocks_of(view)
    assert blocks is not None
    return Pricing(packing, view, blocks, prices, workers), units(view, prices.row / prices.scale)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 120), draw=st.integers(0, 2**32), scale=st.sampled_from([1, 8, 2**20, 2**50]))
def test_any_values_and_prices_bound_the_optimum_from_below(seed: int, draw: int, scale: int) -> None:
    packing, least = known(seed)
    view = compile_packing(packing)
    blocks = blocks_of(view)
    assert blocks is not None
    rng = np.random.default_rng(draw)
    row = rng.integers(0, 4, packing.rows) * scale * rng.integers(0, 2, packing.rows)
    share = rng.integers(0, 9, packing.options) * scale * rng.integers(0, 2, packing.options)
    pricing = Pricing(packing, view, blocks, Prices(row, share, scale), 1)
    value = rng.integers(-1, 70, packing.items) * pricing.scale
    assert pricing.total(value) <= least * pricing.scale


@pytest.mark.parametrize("seed", range(120))
def test_the_ascent_starts_at_the_linear_bound_and_ends_below_the_optimum(seed: int) -> None:
    packing, least = known(seed)
    pricing, unit = priced(packing)
    view, blocks = pricing.view, pricing.blocks
    linear = item_terms(packing, prices_of(packing)).bound(packing.item_count)
    # Of an activation that is no setup, the linear bound may know better what it sells when it is closed.
    if np.isin(view.option_activation, (-1, *blocks.setup)).all():
        assert -(-pricing.total(pricing.start) // pricing.scale) >= linear
    best = ascend_patterns(pricing, unit, least)
    assert -(-best.bound // pricing.scale) <= least
    assert pricing.total(best.value) == best.bound


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_that_uses_an_option_costs_its_excess_more(seed: int) -> None:
    packing, cost = known(seed)
    pricing, unit = priced(packing)
    best = ascend_patterns(pricing, unit, cost)
    assert pricing.total(best.value) == best.bound
    excess = pricing.excess()
    least = least_with_each_option(packing)
    for option, origin in enumerate(pricing.view.origin):
        assert best.bound + excess[option] <= least[int(origin)] * pricing.scale


@pytest.mark.parametrize("seed", range(120))
def test_forced_gates_bound_the_plans_that_open_these(seed: int) -> None:
    packing, _ = known(seed)
    pricing, _ = priced(packing)
    blocks = pricing.blocks
    rng = np.random.default_rng(seed)
    for opened, least in least_by_opened(packing).items():
        forced = np.full(blocks.setup.size, FREE, dtype=np.int8)
        decided = np.flatnonzero(rng.random(blocks.setup.size) < 0.7)
        forced[decided] = np.where(np.isin(blocks.setup[decided], opened), OPEN, CLOSED)
        pricing.force(forced)
        for value in (pricing.start, rng.integers(0, 70, packing.items) * pricing.scale):
            assert pricing.total(value) <= least[-1] * pricing.scale


@pytest.mark.parametrize("seed", range(60))
def test_excess_under_forced_gates_is_of_the_plans_that_open_these(seed: int) -> None:
    packing, _ = known(seed)
    pricing, _ = priced(packing)
    view, blocks = pricing.view, pricing.blocks
    for opened, least in least_by_opened(packing).items():
        pricing.force(np.where(np.isin(blocks.setup, opened), OPEN, CLOSED).astype(np.int8))
        bound, excess = pricing.total(pricing.start), pricing.excess()
        for option, origin in enumerate(view.origin):
            assert bound + excess[option] <= least.get(int(origin), 2**61) * pricing.scale
            if view.option_activation[option] in set(blocks.setup) - set(opened):
                assert excess[option] > 2**60


def test_margins_say_what_forcing_a_gate_adds() -> None:
    for seed in range(0, 60, 2):
        packing, _ = known(seed)
        pricing, _ = priced(packing)
        blocks = pricing.blocks
        free = pricing.total(pricing.start)
        margin = pricing.margin()
        for setup in range(blocks.setup.size):
            for state, more in ((OPEN, max(0, margin[setup])), (CLOSED, max(0, -margin[setup]))):
                forced = np.full(blocks.setup.size, FREE, dtype=np.int8)
                forced[setup] = state
                pricing.force(forced)
                assert pricing.total(pricing.start) == free + more


def test_an_option_costs_what_opening_its_gate_does() -> None:
    for seed in range(0, 60, 2):
        packing, _ = known(seed)
        pricing, _ = priced(packing)
        blocks = pricing.blocks
        pricing.total(pricing.start)
        margin, excess = pricing.margin(), pricing.excess()
        for setup, activation in enumerate(blocks.setup):
            behind = pricing.view.option_activation == activation
            assert (excess[behind] >= margin[setup]).all()


def test_a_whole_knapsack_is_stronger_than_the_linear_relaxation() -> None:
    # Two copies of load 3 want a row of 5: linearly five thirds of a copy fit, in truth one.
    packing = Packing(
        item_ptr=np.array([0, 1, 2]),
        item_count=np.array([1, 1]),
        item_penalty=np.array([90, 90]),
        option_cost=np.array([0, 0]),
        load_ptr=np.array([0, 1, 2]),
        load_row=np.array([0, 0]),
        load_amount=np.array([3, 3]),
        row_capacity=np.array([5]),
    )
    view = compile_packing(packing)
    blocks = blocks_of(view)
    assert blocks is not None
    prices = Prices(np.array([30]), np.zeros(0, dtype=np.int64), 1)
    assert item_terms(packing, prices).bound(packing.item_count) == 30
    pricing = Pricing(packing, view, blocks, prices, 1)
    best = ascend_patterns(pricing, units(view, prices.row / prices.scale), 90)
    assert -(-best.bound // pricing.scale) == 90


def test_rows_of_a_node_form_a_block_and_a_link_over_many_nodes_couples_them() -> None:
    plain = random_plane(120, 12, 6, 3, 0.8, seed=5)
    blocks = blocks_of(compile_packing(plain))
    assert blocks is not None
    assert blocks.option_ptr.size - 1 == 12
    assert np.diff(blocks.row_ptr).tolist() == [3] * 12
    assert not blocks.coupling.any()
    options = plain.options
    linked = Packing(
        plain.item_ptr,
        plain.item_count,
        plain.item_penalty,
        plain.option_cost,
        np.arange(options + 1) * 4,
        np.column_stack((plain.load_row.reshape(options, 3), np.full(options, plain.rows))).ravel(),
        np.column_stack((plain.load_amount.reshape(options, 3), np.ones(options, dtype=np.int64))).ravel(),
        np.append(plain.row_capacity, 100),
    )
    blocks = blocks_of(compile_packing(linked))
    assert blocks is not None
    assert np.flatnonzero(blocks.coupling).tolist() == [plain.rows]
    assert (np.diff(blocks.row_ptr) >= 3).sum() == 12


def test_threads_change_nothing() -> None:
    packing = random_plane(600, 60, 10, 2, 0.85, seed=2)
    one, two = (priced(packing, workers)[0] for workers in (1, 2))
    for _ in range(3):
        assert one.total(one.start) == two.total(two.start)
