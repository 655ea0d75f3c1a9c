"""The parts of the search for the cheapest hosts, each against a few lines of plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from solver.space.pricing import _charged, _fitting, _flowing, _insert, _paired


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
def test_what_a_way_is_worth_and_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flows, ptr, weight = 2, np.array([0, 2, 3]), np.array([1000, 333])
    up, down, kbps = (rng.integers(0, 10**6, (rows, 1)) for rows in (2, 2, 3))
    total = rng.integers(0, 10**5, (1, 2 * flows + 3))
    worth = sum(int(up[q, 0] * total[0, q] + down[q, 0] * total[0, flows + q]) for q in range(flows))
    assert _flowing(up, down, 0, total, 0, flows) == worth
    streams = [int(kbps[c, 0] * total[0, 2 * flows + c]) for c in range(3)]
    carried = [-(-sum(streams[a:b]) // 10**6) for a, b in ((0, 2), (2, 3))]
    won = sum(-(-(one * w) // 1000) for one, w in zip(carried, weight.tolist(), strict=True))
    assert _charged(ptr, kbps, weight, 0, total, 0, flows) == won


def test_rows_of_a_group_and_a_domain_are_paid_where_both_are_named() -> None:
    row, amount, price = np.array([0, 3]), np.array([[2, 2], [5, 5]]), np.arange(10, 16)
    base, slot = np.array([[0, 1], [0, -1]]), np.array([[1, -1], [2, 0]])
    for k in range(2):
        for h in range(2):
            rows = [q for q in range(2) if base[q, k] >= 0 and slot[q, h] >= 0]
            worth = sum(int(amount[q, k] * price[row[q] + base[q, k] + slot[q, h]]) for q in rows)
            assert _paired(row, base, slot, amount, price, k, h) == worth
    assert _paired(row, base, slot, amount, price[:0], 0, 0) == 0


@pytest.mark.parametrize("seed", range(20))
def test_servers_that_fit_the_rows_of_a_host(seed: int) -> None:
    rng = np.random.default_rng(seed)
    row, amount = rng.integers(-1, 3, (2, 1)), rng.integers(0, 4, (2, 1))
    residual = rng.integers(0, 20, 3)
    loads = [(int(residual[row[q, 0]]), int(amount[q, 0])) for q in range(2) if row[q, 0] >= 0]
    fits = max(s for s in range(8) if all(each * s <= left for left, each in loads))
    assert _fitting(row, amount, residual, 0, 7) == fits
    assert _fitting(row, amount, residual[:0], 0, 7) == 7
