"""Any prices give a bound that no placement undercuts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.bounds.bound import row_owner
from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import ascend, field_of, from_prices, to_prices
from solver.engines import Prices, item_terms
from solver.packing import Packing
from tests.solver.engines.tiny import optimum, tiny_packing


@cache
def known(seed: int) -> tuple[Packing, int]:
    packing = tiny_packing(seed)
    return packing, optimum(packing)


@settings(max_examples=400, deadline=None)
@given(
    seed=st.integers(0, 80),
    scale=st.sampled_from([1, 2, 7, 1000, 2**40]),
    unit=st.sampled_from([1, 1000, 2**40, 2**61]),
    draw=st.integers(0, 2**32),
    closed=st.booleans(),
)
def test_any_prices_bound_the_optimum_from_below(seed: int, scale: int, unit: int, draw: int, closed: bool) -> None:
    packing, least = known(seed)
    rng = np.random.default_rng(draw)
    row = rng.integers(-1, 4 * scale, packing.rows) * rng.integers(0, 2, packing.rows) * unit % 2**62
    share = rng.integers(0, 9 * scale, packing.options) * rng.integers(0, 2, packing.options)
    assert item_terms(packing, Prices(row, share, scale), closed).bound(packing.item_count) <= least


@pytest.mark.parametrize("seed", range(60))
def test_the_ascent_ends_below_the_optimum_and_above_free_rows(seed: int) -> None:
    packing, least = known(seed)
    view = compile_packing(packing)
    field = field_of(packing, view)
    prices = to_prices(packing, view, field, ascend(view, field, None, 60))
    bound = item_terms(packing, prices).bound(packing.item_count)
    assert item_terms(packing, Prices.zero(packing.rows)).bound(packing.item_count) <= bound <= least


def test_the_bound_reaches_the_linear_relaxation() -> None:
    # Three copies compete for room for two, for 10 instead of 16: the third costs 16, and the relaxation is whole.
    packing = Packing(
        item_ptr=np.array([0, 1]),
        item_count=np.array([3]),
        item_penalty=np.array([16]),
        option_cost=np.array([10]),
        load_ptr=np.array([0, 1]),
        load_row=np.array([0]),
        load_amount=np.array([5]),
        row_capacity=np.array([10]),
    )
    view = compile_packing(packing)
    field = field_of(packing, view)
    prices = to_prices(packing, view, field, ascend(view, field, None, 300))
    assert item_terms(packing, prices).bound(packing.item_count) == 36


def test_an_owned_row_is_not_paid_for_while_its_activation_is_shut() -> None:
    # One copy, to serve for 1 from a facility that costs 8 to open, or to leave for 5.
    packing = Packing(
        item_ptr=np.array([0, 1]),
        item_count=np.array([1]),
        item_penalty=np.array([5]),
        option_cost=np.array([1]),
        load_ptr=np.array([0, 1]),
        load_row=np.array([0]),
        load_amount=np.array([1]),
        row_capacity=np.array([10]),
        option_activation=np.array([0]),
        activation_cost=np.array([8]),
    )
    assert row_owner(packing).tolist() == [0]
    prices = Prices(np.array([0]), np.array([8]), 1)
    assert item_terms(packing, prices).bound(packing.item_count) == 5
    assert item_terms(packing, Prices(np.array([4]), np.array([0]), 1)).bound(packing.item_count) == 5 - 32
    assert item_terms(packing, Prices(np.array([4]), np.array([0]), 1), closed=False).constant == -40


def test_an_unlisted_option_folds_into_its_items_term() -> None:
    packing, _ = known(3)
    shorter = Packing(
        item_ptr=np.array([0, 1]),
        item_count=np.array([2]),
        item_penalty=np.array([50]),
        option_cost=np.array([20]),
        load_ptr=np.array([0, 1]),
        load_row=np.array([0]),
        load_amount=np.array([3]),
        row_capacity=np.array([4]),
    )
    longer = Packing(
        item_ptr=np.array([0, 2]),
        item_count=np.array([2]),
        item_penalty=np.array([50]),
        option_cost=np.array([20, 11]),
        load_ptr=np.array([0, 1, 2]),
        load_row=np.array([0, 0]),
        load_amount=np.array([3, 2]),
        row_capacity=np.array([4]),
    )
    prices = Prices(np.array([7]), np.zeros(0, dtype=np.int64), 2)
    short, long = item_terms(shorter, prices, closed=False), item_terms(longer, prices, closed=False)
    unlisted = 11 * prices.scale + 7 * 2
    assert min(int(short.item[0]), unlisted) == long.item[0]
    assert short.constant == long.constant
    assert packing.items >= 1


def test_prices_survive_the_way_through_whole_numbers() -> None:
    packing = tiny_packing(11)
    view = compile_packing(packing)
    field = field_of(packing, view)
    dual = ascend(view, field, None, 40)
    again = from_prices(view, field, to_prices(packing, view, field, dual))
    assert again.row == pytest.approx(dual.row, abs=1e-5)
    assert again.pair == pytest.approx(dual.pair, abs=1e-5)


def test_foreign_prices_are_refused() -> None:
    packing = tiny_packing(11)
    with pytest.raises(ValueError, match="another packing"):
        item_terms(packing, Prices.zero(packing.rows + 1))
    with pytest.raises(ValueError, match="scale"):
        item_terms(packing, Prices(np.zeros(packing.rows, dtype=np.int64), np.zeros(0, dtype=np.int64), 0))
