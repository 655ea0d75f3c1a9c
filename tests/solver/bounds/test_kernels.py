"""Each part of the bounds' kernels does what a few plain lines do."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from solver.bounds import blocks as blocks_module
from solver.bounds import bound, compiled_packing, knapsack, lagrangian, setups
from solver.packing import IntArray, Packing
from tests.solver.bounds.test_setups import best_by_trying, offer_of
from tests.solver.engines.tiny import tiny_packing

SEEDS = range(60)


def candidates(seed: int) -> tuple[IntArray, IntArray, IntArray, np.random.Generator]:
    """Profits, surrogate weights and most copies of a few candidates; ratios tie often, weights are zero now and then."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    return rng.integers(1, 6, size), rng.integers(0, 5, size), rng.integers(1, 4, size), rng


def ratio(profit: int, weight: int) -> Fraction | float:
    return Fraction(profit, weight) if weight else float("inf")


@pytest.mark.parametrize("seed", SEEDS)
def test_fitting_is_the_most_copies_that_the_rows_hold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    load, left, copies = rng.integers(0, 5, (3, 2)), rng.integers(0, 12, 2), int(rng.integers(0, 6))
    for at in range(3):
        fits = [count for count in range(copies + 1) if (count * load[at] <= left).all()]
        assert knapsack.fitting(load, at, copies, left) == max(fits)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_is_by_falling_ratio_without_rounding(seed: int) -> None:
    profit, weight, _, rng = candidates(seed)
    profit *= int(rng.choice([1, 2**40 + 1]))
    order = rng.permutation(profit.size)
    knapsack._settle(order, profit, weight)
    ratios = [ratio(int(profit[at]), int(weight[at])) for at in order]
    assert ratios == sorted(ratios, reverse=True)
    assert sorted(order) == list(range(profit.size))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fractional_optimum_fills_the_row_in_order(seed: int) -> None:
    profit, weight, most, rng = candidates(seed)
    order = np.array(sorted(range(profit.size), key=lambda at: -ratio(int(profit[at]), int(weight[at]))))
    room = int(rng.integers(0, 20))
    left, total = room, Fraction(0)
    for at in order.tolist():
        part = min(Fraction(int(most[at])), Fraction(left, int(weight[at]))) if weight[at] else Fraction(int(most[at]))
        total, left = total + part * int(profit[at]), left - part * int(weight[at])  # type: ignore[assignment]
    assert knapsack._fractional(order, profit, weight, most, room)[0] == total.numerator // total.denominator


@pytest.mark.parametrize("seed", SEEDS)
def test_multipliers_are_in_proportion_and_keep_the_surrogate_row_small(seed: int) -> None:
    rng = np.random.default_rng(seed)
    capacity, price = rng.integers(0, 10**6, 4), rng.random(4) + 0.01
    multiplier = knapsack._multipliers(capacity, price)
    assert multiplier @ capacity <= 2**30
    held = capacity > 0
    if held.any():
        scale = 2**30 / (price @ capacity)
        assert (np.abs(multiplier[held] - price[held] * scale) <= 1 + 1e-6 * price[held] * scale).all()


def relaxed(price: np.ndarray, profit: IntArray, load: IntArray, most: IntArray, capacity: IntArray) -> float:
    """The linear relaxation's dual function."""
    return float(price @ capacity + most @ np.maximum(0, profit - load @ price))


@pytest.mark.parametrize("seed", SEEDS)
def test_fitted_prices_are_never_worse_than_those_given(seed: int) -> None:
    offer = offer_of(seed)
    given = np.random.default_rng(seed).random(offer.capacity.size) * 10.0 + 1.0
    fitted = knapsack._fit_price(offer.profit, offer.load, offer.most, offer.capacity, given.copy(), 10)
    before, after = (relaxed(price, offer.profit, offer.load, offer.most, offer.capacity) for price in (given, fitted))
    assert after <= before * (1 + 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_reduced_profits_are_what_candidates_gain_beyond_the_gate(seed: int) -> None:
    offer = offer_of(seed)
    price = np.random.default_rng(seed).integers(1, 9, offer.capacity.size)
    gain = np.maximum(0, offer.profit - offer.load @ price) * offer.most
    behind = [int(gain[offer.setup == setup].sum()) for setup in range(offer.setup_cost.size)]
    found, rest = setups._reduced_profits(offer, price.astype(np.float64))
    assert found.tolist() == (behind - offer.setup_cost - offer.setup_load @ price).tolist()
    assert rest == price @ offer.capacity + gain[offer.setup < 0].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_behind_decided_gates_the_best_pattern_is_found(seed: int) -> None:
    offer, rng = offer_of(seed), np.random.default_rng(seed)
    opening = rng.random(offer.setup_cost.size) < 0.5
    pattern = np.zeros(offer.profit.size, dtype=np.int64)
    value, upper, _ = setups._behind(offer, opening, np.ones(offer.capacity.size), 4, setups.NOTHING, 10**6, pattern)
    assert value == upper == best_by_trying(offer, opening.astype(np.int8))


@pytest.mark.parametrize("seed", SEEDS)
def test_merged_loads_name_each_row_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pointer = np.concatenate(([0], np.cumsum(rng.integers(0, 5, 6))))
    row, amount = rng.integers(0, 3, pointer[-1]), rng.integers(0, 3, pointer[-1])
    new_pointer, new_row, new_amount = compiled_packing._merged(pointer, row, amount)
    for entry in range(6):
        old, new = slice(*pointer[entry : entry + 2]), slice(*new_pointer[entry : entry + 2])
        sums: Counter[int] = Counter()
        for name, load in zip(row[old].tolist(), amount[old].tolist(), strict=True):
            sums[name] += load
        assert dict(zip(new_row[new].tolist(), new_amount[new].tolist(), strict=True)) == {**+sums}


@pytest.mark.parametrize("seed", SEEDS)
def test_row_pairs_and_homes_are_counted_by_option(seed: int) -> None:
    packing = tiny_packing(seed)
    seen = compiled_packing.compile_packing(packing)
    rows = [seen.load_row[low:high].tolist() for low, high in itertools.pairwise(seen.load_ptr.tolist())]
    pairs = [(min(two), max(two)) for mine in rows for two in itertools.combinations(mine, 2)]
    assert list(zip(*(part.tolist() for part in blocks_module._pairs(seen.load_ptr, seen.load_row)), strict=True)) == pairs
    cluster = np.random.default_rng(seed).integers(0, 2, seen.row_capacity.size)
    size = np.array([3, 2])
    for mine, home in zip(rows, blocks_module._homes(seen.load_ptr, seen.load_row, cluster, size).tolist(), strict=True):
        votes = Counter(int(cluster[row]) for row in mine)
        assert home == (max(votes, key=lambda name: (votes[name], -size[name])) if votes else -1)


def test_similar_rows_are_joined_as_long_as_a_cluster_is_small() -> None:
    first, second, both, options = np.array([0, 1, 3]), np.array([1, 2, 4]), np.array([2, 1, 1]), np.array([2, 3, 3, 1, 2])
    assert blocks_module._joined(5, first, second, both, options, 4).tolist() == [0, 0, 2, 3, 3]
    assert blocks_module._joined(5, first, second, both, options, 5).tolist() == [0, 0, 0, 3, 3]


def dense(packing: Packing) -> IntArray:
    """What one copy on each option loads on each row."""
    load = np.zeros((packing.options, packing.rows), dtype=np.int64)
    np.add.at(
        load, (np.repeat(np.arange(packing.options), np.diff(packing.load_ptr)), packing.load_row), packing.load_amount
    )
    return load


@pytest.mark.parametrize("seed", SEEDS)
def test_the_room_of_an_option_is_what_fits_beside_its_activation(seed: int) -> None:
    packing = tiny_packing(seed)
    opening = np.zeros((packing.activations + 1, packing.rows), dtype=np.int64)
    loader = np.repeat(np.arange(packing.activations), np.diff(packing.activation_load_ptr))
    np.add.at(opening, (loader, packing.activation_load_row), packing.activation_load_amount)
    seen, load = compiled_packing.compile_packing(packing), dense(packing)
    for option, room in zip(seen.origin.tolist(), seen.room.tolist(), strict=True):
        left = packing.row_capacity - opening[packing.option_activation[option]]
        counts = range(packing.item_count[packing.option_item[option]] + 1)
        assert room == max(copies for copies in counts if (copies * load[option] <= left).all())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_blocks_matrix_has_the_loads_of_its_options_on_its_rows(seed: int) -> None:
    packing = tiny_packing(seed)
    seen, load = compiled_packing.compile_packing(packing), dense(packing)
    blocks = blocks_module.blocks_of(seen)
    assert blocks is not None
    for block in range(blocks.option_ptr.size - 1):
        option = blocks.option[blocks.option_ptr[block] : blocks.option_ptr[block + 1]]
        row = blocks.row[blocks.row_ptr[block] : blocks.row_ptr[block + 1]]
        matrix = blocks.load[blocks.load_ptr[block] : blocks.load_ptr[block + 1]]
        assert matrix.tolist() == load[seen.origin[option]][:, row].ravel().tolist()


def reduced(packing: Packing, price: np.ndarray, share: np.ndarray) -> list[list[int]]:
    """Reduced costs of the options of each item."""
    load = np.zeros((packing.options, packing.rows), dtype=np.int64)
    np.add.at(
        load, (np.repeat(np.arange(packing.options), np.diff(packing.load_ptr)), packing.load_row), packing.load_amount
    )
    cost = packing.option_cost + load @ price + share
    return [cost[low:high].tolist() for low, high in itertools.pairwise(packing.item_ptr.tolist())]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_items_term_is_its_least_reduced_cost(seed: int) -> None:
    packing, rng = tiny_packing(seed), np.random.default_rng(seed)
    price = rng.integers(0, 4, packing.rows)
    share = np.where(packing.option_activation >= 0, 2, 0)
    live = compiled_packing.live_options(packing)
    costs = np.concatenate(reduced(packing, price, share)).astype(np.int64)
    least = packing.item_penalty.copy()
    np.minimum.at(least, packing.option_item[live], costs[live])
    terms = bound.item_terms(packing, bound.Prices(price, share, 1))
    assert terms.item.tolist() == least.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pass_takes_the_hard_minimum_and_spreads_one_choice_a_copy(seed: int) -> None:
    packing, rng = tiny_packing(seed), np.random.default_rng(seed)
    seen = compiled_packing.compile_packing(packing)
    field = lagrangian.field_of(packing, seen)
    price, pair = rng.random(packing.rows) * 3, rng.random(field.pair_item.size)
    load, use = np.zeros(packing.rows), np.zeros(field.pair_item.size)
    end = seen.item_count.size
    total = lagrangian._pass(seen, field.pair, price, pair, 2.0, 0, end, load, use)
    cost = lagrangian.reduced_costs(seen, field, lagrangian.Dual(price, pair, 0.0))
    least = seen.item_penalty.astype(np.float64)
    np.minimum.at(least, seen.option_item, cost)
    assert total == pytest.approx(seen.item_count @ least)
    depth = (least[seen.option_item] - cost) / 2.0
    weight = np.where(depth > -16.0, np.exp(depth), 0.0)
    mass = np.exp((least - seen.item_penalty) / 2.0) + np.bincount(seen.option_item, weight, minlength=end)
    taken = weight * (seen.item_count / mass)[seen.option_item]
    assert load == pytest.approx(
        compiled_packing.total_at(packing.rows, seen.load_row, taken[seen.load_option] * seen.load_amount)
    )
    linked = field.pair >= 0
    assert use == pytest.approx(compiled_packing.total_at(use.size, field.pair[linked], taken[linked]))
