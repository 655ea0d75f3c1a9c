"""The parts of the search for the cheapest hosts, each against a few lines of plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from solver.space.kinds import host_rows, item_rows, route_cost
from solver.space.pricing import _insert
from solver.space.sizing import first_within


@pytest.mark.parametrize("seed", range(20))
def test_the_cheapest_places_are_kept_in_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, room = rng.integers(0, 99, 12).tolist(), int(rng.integers(1, 16))
    out, kept = np.zeros((3, room), np.int64), 0
    for place, value in enumerate(values):
        if kept < room or value < out[2, -1]:
            kept = _insert(out, kept, place, place + 1, value)
    cheapest = sorted(enumerate(values), key=lambda one: one[1])[:room]
    assert list(zip(out[0, :kept].tolist(), out[2, :kept].tolist(), strict=True)) == cheapest
    assert (out[1, :kept] == out[0, :kept] + 1).all()


@pytest.mark.parametrize("seed", range(20))
def test_what_bounds_a_charge_is_never_more_than_the_charge(seed: int) -> None:
    rng = np.random.default_rng(seed)
    charges = route_cost.Arrays(
        np.array([0, 2, 3]), rng.integers(0, 10**6, (3, 1)), np.zeros((3, 2), np.int64), rng.integers(1, 2_000, 2)
    )
    total = rng.integers(0, 10**5, (1, 1 + 3))
    exact = 16 * route_cost.cost(charges, 0, total, 0, 1)
    low = route_cost.at_least(route_cost.rates(charges, 0, 16), total, 0, 1)
    # Each charge is rounded up twice, by less than a won in thousandths of its weight, and by less than a won.
    most = 16 * sum(1 + weight / 1000 for weight in charges.weight.tolist())
    assert low * (1 - 1e-9) <= exact <= low * (1 + 1e-9) + most


@pytest.mark.parametrize("seed", range(20))
def test_servers_that_fit_the_rows_of_a_host(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = host_rows.Arrays(rng.integers(-1, 3, (2, 1)), rng.integers(0, 4, (2, 1)))
    residual = rng.integers(0, 20, 3)
    loads = [(int(residual[rows.row[q, 0]]), int(rows.amount[q, 0])) for q in range(2) if rows.row[q, 0] >= 0]
    fits = max(s for s in range(8) if all(each * s <= left for left, each in loads))
    assert host_rows.fitting(rows, residual, 0, 7) == fits
    assert host_rows.fitting(rows, residual[:0], 0, 7) == 7
    assert host_rows.at_most(rows, residual, np.full(1, 7)).tolist() == [fits]


@pytest.mark.parametrize("seed", range(20))
def test_an_item_fits_where_all_of_its_rows_have_capacity_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = item_rows.Arrays(rng.integers(-1, 3, (2, 1)), rng.integers(0, 9, (2, 1)))
    residual = rng.integers(0, 9, 3)
    fits = all(row < 0 or amount <= residual[row] for row, amount in zip(rows.row[:, 0], rows.amount[:, 0], strict=True))
    assert item_rows.fits(rows, residual, 0) == item_rows.placeable(rows, residual)[0] == fits
    assert item_rows.fits(rows, residual[:0], 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_first_number_of_servers_that_is_quick_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    need = np.sort(rng.integers(0, 50, 12))[::-1].copy()
    low, high = sorted(rng.choice(13, 2, replace=False).tolist())
    time_us = int(rng.integers(need[high - 1], 60))
    assert first_within(need, low, high, time_us) == next(i for i in range(low, high) if need[i] <= time_us)
