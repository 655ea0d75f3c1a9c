"""Prices that know what an unplaced copy costs, and exact ones from the linear relaxation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from solver import Limits
from solver.bounds.bound import item_terms, row_owner
from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import Ascent, Dual, ascend, field_of, scarce, to_prices
from solver.bounds.relaxation import Relaxation
from solver.engines import solve
from solver.packing import Packing
from solver.params import DEFAULTS
from tests.bench.scarce import capped_median, covering
from tests.solver.engines.tiny import optimum, tiny_packing

#: Demand exceeds room in all of these.
COVERING = {
    "equally dear": covering(100, 15, 6, 5, 5),
    "nearly": covering(100, 15, 6, 5, 5, apart=500),
    "large": covering(1000, 150, 6, 5, 1),
    "of several values": covering(1000, 150, 6, 5, 2, penalty=10_000, dearest=100_000),
    "of several sizes": covering(1000, 150, 12, 5, 3, largest=4),
    "of both": covering(1000, 150, 12, 5, 3, largest=4, apart=200, penalty=10_000, dearest=100_000),
    "far beyond": covering(400, 40, 3, 8, 1, penalty=10_000_000),
}
MEDIAN = {
    "one place": capped_median(100, 20, 1, 1),
    "three": capped_median(100, 20, 3, 1),
    "three small ones": capped_median(100, 20, 3, 1, 30),
    "ten small ones": capped_median(100, 20, 10, 1, 12),
}
SCARCE = COVERING | MEDIAN


def relaxed(packing: Packing) -> float:
    """The least cost where copies may be split, written down constraint by constraint."""
    options, switches, unplaced = packing.options, packing.activations, int(packing.item_count @ packing.item_penalty)
    if not options + switches:
        return unplaced
    owner, item, room = row_owner(packing), packing.option_item, packing.row_capacity
    over = np.zeros((packing.items + packing.rows, options + switches))
    over[item, np.arange(options)] = 1.0
    for option in range(options):
        for at in range(packing.load_ptr[option], packing.load_ptr[option + 1]):
            over[packing.items + packing.load_row[at], option] += packing.load_amount[at]
    for switch in range(switches):
        for at in range(packing.activation_load_ptr[switch], packing.activation_load_ptr[switch + 1]):
            over[packing.items + packing.activation_load_row[at], options + switch] += packing.activation_load_amount[at]
        over[packing.items + np.flatnonzero(owner == switch), options + switch] -= room[owner == switch]
    linked = np.flatnonzero(packing.option_activation >= 0)
    pairs = sorted({(int(item[o]), int(packing.option_activation[o])) for o in linked})
    opened = np.zeros((len(pairs), options + switches))
    for at, (i, switch) in enumerate(pairs):
        opened[at, linked[(item[linked] == i) & (packing.option_activation[linked] == switch)]] = 1.0
        opened[at, options + switch] = -packing.item_count[i]
    saved = packing.option_cost - packing.item_penalty[item]
    live = np.isin(np.arange(options), compile_packing(packing).origin)
    found = linprog(
        np.concatenate((saved, packing.activation_cost)),
        np.vstack((over, opened)),
        np.concatenate((packing.item_count, np.where(owner < 0, room, 0), np.zeros(len(pairs)))),
        bounds=[*((0, None if each else 0) for each in live), *[(0, 1)] * switches],
    )
    assert found.status == 0
    return float(found.fun) + unplaced


def proven(packing: Packing, dual: Dual) -> int:
    """The bound at prices."""
    view = compile_packing(packing)
    prices = to_prices(packing, view, field_of(packing, view), dual)
    return item_terms(packing, prices).bound(packing.item_count)


def exact(packing: Packing, first: int = 1, further: int = 1) -> Dual:
    """Exact prices, with few options in the model at first."""
    view = compile_packing(packing)
    field = field_of(packing, view)
    params = replace(DEFAULTS.relaxation, first=first, further=further)
    relaxation = Relaxation(view, field, ascend(view, field, None, 30), params)
    while not relaxation.exact:
        assert relaxation.step(60.0)
    return relaxation.dual


@pytest.mark.parametrize("seed", range(40))
def test_exact_prices_prove_the_linear_relaxation(seed: int) -> None:
    packing = tiny_packing(seed)
    dual, value = exact(packing), relaxed(packing)
    assert dual.value == pytest.approx(value, rel=1e-7, abs=1e-4)
    assert math.ceil(value - 1e-3 - 1e-7 * value) <= proven(packing, dual) <= optimum(packing)


@pytest.mark.parametrize("name", SCARCE)
def test_they_do_where_demand_exceeds_room(name: str) -> None:
    dual = exact(SCARCE[name], first=4, further=2)
    assert proven(SCARCE[name], dual) >= dual.value - 1e-6 * dual.value


def test_an_option_is_let_in_only_if_it_is_too_cheap() -> None:
    packing = COVERING["of both"]
    view = compile_packing(packing)
    field = field_of(packing, view)
    relaxation = Relaxation(view, field, ascend(view, field, None, 30), replace(DEFAULTS.relaxation, first=1, further=1))
    while not relaxation.exact:
        assert relaxation.step(60.0)
    assert packing.items < relaxation.inside.sum() < packing.options


def test_prices_stay_where_there_is_no_time_for_others() -> None:
    packing = COVERING["of both"]
    view = compile_packing(packing)
    field = field_of(packing, view)
    start = ascend(view, field, None, 30)
    relaxation = Relaxation(view, field, start)
    assert not relaxation.step(60.0, iterations=1)
    assert relaxation.dual is start
    assert not relaxation.exact


@pytest.mark.parametrize("name", COVERING)
def test_an_ascent_from_scarcity_comes_close_to_exact_prices(name: str) -> None:
    packing, params = COVERING[name], DEFAULTS.pricing
    view = compile_packing(packing)
    field = field_of(packing, view)
    value = exact(packing, first=4, further=2).value
    schedule = params.from_scarcity.from_reach(field.reach)
    with Ascent(view, field, None, params.scarce_passes, 1, schedule) as ascent:
        while ascent.step():
            pass
    assert proven(packing, ascent.best) >= 0.999 * value
    assert proven(packing, ascend(view, field, None, params.passes)) < 0.5 * value


def test_room_is_scarce_where_unplaced_copies_are_most_of_what_the_bound_lacks() -> None:
    packing = COVERING["equally dear"]
    view, placed = compile_packing(packing), np.ones(100, np.int64)
    placed[:10] = 0
    # Ten copies cost 99,000 each more than they would if they were placed.
    assert scarce(view, placed, 990_000)
    assert scarce(view, placed, 500_000)
    assert not scarce(view, placed, 400_000)
    assert not scarce(view, np.ones(100, np.int64), 990_000)


def test_copies_without_options_make_no_room_scarce() -> None:
    nowhere = Packing(
        item_ptr=np.array([0, 0]), item_count=np.array([3]), item_penalty=np.array([100]),
        option_cost=np.zeros(0, np.int64), load_ptr=np.array([0]), load_row=np.zeros(0, np.int64),
        load_amount=np.zeros(0, np.int64), row_capacity=np.array([5]),
    )  # fmt: skip
    assert not scarce(compile_packing(nowhere), np.zeros(1, np.int64), 300)


@pytest.mark.parametrize("name", ["equally dear", "large", "far beyond", "one place"])
def test_a_solve_proves_what_is_scarce(name: str) -> None:
    packing = SCARCE[name]
    found = solve(packing, Limits(120.0, workers=2))
    assert found.status == "optimal"
    assert found.bound >= exact(packing, first=4, further=2).value - 1e-3


def test_the_price_of_a_full_row_is_what_one_more_unit_of_it_saves() -> None:
    """Each row has as many takers as there are, and whoever gets a place saves 99,000."""
    packing = COVERING["equally dear"]
    found = solve(packing, Limits(60.0))
    price = found.prices.row / found.prices.scale
    assert price == pytest.approx(np.full(15, 99_000), rel=1e-3)
    more = replace(packing, row_capacity=packing.row_capacity + (np.arange(15) == 3))
    assert found.cost - solve(more, Limits(60.0)).cost == 99_000
