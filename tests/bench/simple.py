"""Packings placed without an optimiser: each copy once, in the order of the file, on an option that still has room."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from solver.packing import Packing, Placement

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: What is preferred among the options with room: the first; the cheapest, what it opens included; the best score of
#: LeastAllocated (mean free share of the rows loaded) plus BalancedAllocation (1 less the spread of the used shares).
SIMPLE = {"first-fit": 0, "cheapest": 1, "best-score": 2}


def place_simply(packing: Packing, way: str) -> Placement:
    """Place a packing by one of the ways in `SIMPLE`; what finds no room stays unplaced."""
    taken, copies = _place(
        SIMPLE[way], packing.item_ptr, packing.item_count, packing.option_cost, packing.load_ptr, packing.load_row,
        packing.load_amount, packing.row_capacity, packing.option_activation, packing.activation_cost,
        packing.activation_load_ptr, packing.activation_load_row, packing.activation_load_amount,
    )  # fmt: skip
    option, inverse = np.unique(taken, return_inverse=True)
    count = np.zeros(len(option), np.int64)
    np.add.at(count, inverse, copies)
    return Placement(packing.option_item[option], option, count)


@numba.njit(cache=True)
def _add(pointer: Ints, row: Ints, amount: Ints, of: int, sign: int, left: Ints) -> bool:
    """Take `sign` times the loads of one entry from what is left, and say whether no row is overdrawn."""
    room = True
    for at in range(pointer[of], pointer[of + 1]):
        left[row[at]] -= sign * amount[at]
        room &= left[row[at]] >= 0
    return room


@numba.njit(cache=True)
def _place(
    way: int, item_ptr: Ints, item_count: Ints, option_cost: Ints, load_ptr: Ints, load_row: Ints, load_amount: Ints,
    capacity: Ints, activation: Ints, opening: Ints, open_ptr: Ints, open_row: Ints, open_amount: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    left = capacity.copy()
    is_open = np.zeros(len(opening), np.bool_)
    total = item_count.sum()
    taken = np.zeros(total, np.int64)
    copies = np.ones(total, np.int64)
    placed = 0
    for i in range(len(item_count)):
        for _ in range(item_count[i]):
            best, winner = np.inf, -1
            for o in range(item_ptr[i], item_ptr[i + 1]):
                a = activation[o]
                opens = a >= 0 and not is_open[a]
                _add(load_ptr, load_row, load_amount, o, 1, left)
                room = True
                if opens:
                    _add(open_ptr, open_row, open_amount, a, 1, left)
                    room = _add(open_ptr, open_row, open_amount, a, 0, left)
                room = _add(load_ptr, load_row, load_amount, o, 0, left) and room
                if room:
                    if way == 0:
                        rank = 0.0
                    elif way == 1:
                        rank = float(option_cost[o] + (opening[a] if opens else 0))
                    else:
                        rank = _crowding(load_ptr, load_row, o, left, capacity)
                    if rank < best:
                        best, winner = rank, o
                _add(load_ptr, load_row, load_amount, o, -1, left)
                if opens:
                    _add(open_ptr, open_row, open_amount, a, -1, left)
                if way == 0 and winner >= 0:
                    break
            if winner < 0:
                break
            taken[placed] = winner
            placed += 1
            _add(load_ptr, load_row, load_amount, winner, 1, left)
            a = activation[winner]
            if a >= 0 and not is_open[a]:
                is_open[a] = True
                _add(open_ptr, open_row, open_amount, a, 1, left)
    return taken[:placed], copies[:placed]


@numba.njit(cache=True)
def _crowding(load_ptr: Ints, load_row: Ints, o: int, left: Ints, capacity: Ints) -> float:
    """Mean and spread of the used shares of the rows that an option loads, as they would be with it."""
    total, squares, rows = 0.0, 0.0, 0
    for at in range(load_ptr[o], load_ptr[o + 1]):
        share = 1.0 - left[load_row[at]] / max(1, capacity[load_row[at]])
        total += share
        squares += share * share
        rows += 1
    mean = total / max(1, rows)
    return mean + np.sqrt(max(0.0, squares / max(1, rows) - mean * mean))
