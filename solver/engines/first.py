"""A legal plan at once: items in turn, each on its best-scored option that still has room.

The order is by regret, what an item loses if its best-scored option is gone; scores are costs plus what the loads are worth,
at whatever prices are known. Whole counts are placed at once, so classes cost no more than single items.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking, load_value, total_at
from solver.compiled import kernel
from solver.engines.state import State, empty_state, entry_cost, fitting, place, place_fitting
from solver.packing import IntArray, Placement

Reals = NDArray[np.float64]


def first_plan(view: CompiledPacking, price: Reals | None = None) -> State:
    """A legal placement by one greedy pass.

    Parameters
    ----------
    view : CompiledPacking
        The packing.
    price : float64[R], optional
        Worth of one unit of each row in cost units; without it rows are priced by how contested they are.
    """
    state = empty_state(view)
    if view.option_cost.size == 0:
        return state
    score = scores(view, contested_price(view) if price is None else price)
    order = np.argsort(-regret(view, score), kind="stable")
    fill(view, state, score, order)
    return state


def contested_price(view: CompiledPacking) -> Reals:
    """Prices from demand alone: what all cheapest options would load, over what the row has.

    One unit of a row asked for once over is worth the mean option cost per mean load.
    """
    copies = view.item_count.astype(np.float64)
    options_each = np.maximum(np.diff(view.item_ptr), 1)
    weight = (copies / options_each)[view.option_item[view.load_option]] * view.load_amount
    rows = view.row_capacity.size
    demand = total_at(rows, view.load_row, weight)
    entries = np.diff(view.row_ptr)
    amounts = total_at(rows, view.load_row, view.load_amount)
    mean_cost = float(view.option_cost.mean())
    worth = mean_cost * entries / np.maximum(amounts, 1)
    asked = demand / np.maximum(view.row_capacity, 1)
    return np.asarray(worth * asked**2 / np.maximum(1.0, asked**1.5) / 2)


def scores(view: CompiledPacking, price: Reals) -> Reals:
    """Cost of each option plus the worth of its loads, float64[O]."""
    return np.asarray(view.option_cost + load_value(view, price))


@kernel
def regret(view: CompiledPacking, score: Reals) -> Reals:
    """Second-best score minus best; leaving the copy unplaced counts as an option."""
    regret = np.zeros(view.item_count.size)
    for item in range(regret.size):
        best = float(view.item_penalty[item])
        second = best
        for option in range(view.item_ptr[item], view.item_ptr[item + 1]):
            if score[option] < best:
                second, best = best, score[option]
            elif score[option] < second:
                second = score[option]
        regret[item] = second - best
    return regret


@kernel
def fill(view: CompiledPacking, state: State, score: Reals, order: IntArray) -> None:
    """Place unplaced copies, items in the given order, best score first, as long as that costs no more than
    leaving them."""
    for item in order:
        while state.waiting[item] > 0:
            best = -1
            best_score = np.inf
            most = 0
            for option in range(view.item_ptr[item], view.item_ptr[item + 1]):
                opening = entry_cost(view, state, option) - view.option_cost[option]
                # An activation is shared; charge it to the copies at hand.
                worth = score[option] + opening / state.waiting[item]
                if worth < best_score:
                    copies = fitting(view, state, option, state.waiting[item])
                    gain = copies * (view.item_penalty[item] - view.option_cost[option]) - opening
                    if copies > 0 and gain >= 0:
                        best, best_score, most = option, worth, copies
            if best < 0:
                break
            place(view, state, best, most)


def carried_over(view: CompiledPacking, start: Placement) -> IntArray:
    """What of a previous placement is still legal, in its order, as copies on each live option; int64[O]."""
    state = empty_state(view)
    position = np.searchsorted(view.origin, start.option)
    known = (start.option >= 0) & (position < view.origin.size) & (start.count > 0)
    known[known] = view.origin[position[known]] == start.option[known]
    place_fitting(view, state, position[known], start.count[known])
    return state.taken
