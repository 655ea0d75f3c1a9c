"""The packing as the engines read it: live options only, each row at most once per option, 32-bit indices.

An option is dead, and left out, if no legal plan can hold it (alone, with its activation, it exceeds a row) or no
best plan needs it (it costs more than leaving the copy unplaced).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.compiled import kernel
from solver.packing import IntArray, Packing

Index = NDArray[np.int32]


class CompiledPacking(NamedTuple):
    """Arrays of the live part of a packing; `origin[o]` is the global index of live option o.

    `row_ptr` gives every row room for as many entries as there are loads on it; `load_option` is the option of a
    load. `room[o]` is the number of copies that fit the option in an otherwise empty packing, at most the item's
    count. Amounts, costs and counts are int64, indices int32.
    """

    item_ptr: IntArray
    item_count: IntArray
    item_penalty: IntArray
    option_item: Index
    option_cost: IntArray
    load_ptr: IntArray
    load_row: Index
    load_amount: IntArray
    load_option: Index
    row_capacity: IntArray
    row_ptr: IntArray
    option_activation: Index
    activation_cost: IntArray
    activation_load_ptr: IntArray
    activation_load_row: Index
    activation_load_amount: IntArray
    room: IntArray
    origin: IntArray


def fixed(view: CompiledPacking) -> CompiledPacking:
    """The view with all arrays read-only. Kernels are compiled anew for arrays that may be written to, so that none is told
    apart by where its view came from."""
    arrays: list[Any] = [array.view() for array in view]
    for array in arrays:
        array.flags.writeable = False
    return CompiledPacking(*arrays)


def total_at(size: int, index: NDArray[Any], weight: NDArray[Any]) -> NDArray[np.float64]:
    """Sum of the weights at each index, float64[size]."""
    # Asked to be float: with nothing to count, bincount would forget the type of its weights.
    return np.bincount(index, weights=weight, minlength=size).astype(np.float64)


def load_value(view: CompiledPacking, price: NDArray[np.float64]) -> NDArray[np.float64]:
    """What one copy on each option loads, at the prices of the rows, float64[O]."""
    return total_at(view.option_cost.size, view.load_option, view.load_amount * price[view.load_row])


def live_options(packing: Packing) -> NDArray[np.bool_]:
    """Which options a best legal plan could hold, bool[O]."""
    room = _room(packing.option_item, packing.item_count, *_loads(packing))
    return np.asarray((room > 0) & (packing.option_cost <= packing.item_penalty[packing.option_item]))


def compile_packing(packing: Packing) -> CompiledPacking:
    """The engines' view of a packing."""
    loads = _loads(packing)
    option_item = packing.option_item
    room = _room(option_item, packing.item_count, *loads)
    live = (room > 0) & (packing.option_cost <= packing.item_penalty[option_item])
    load_ptr, load_row, load_amount = loads.load_ptr, loads.load_row, loads.load_amount
    if not live.all():
        length = np.diff(load_ptr)
        keep = np.repeat(live, length)
        load_row, load_amount = load_row[keep], load_amount[keep]
        load_ptr = np.concatenate(([0], np.cumsum(length[live])))
        option_item = option_item[live]
    item_ptr = np.concatenate(([0], np.cumsum(np.bincount(option_item, minlength=packing.items))))
    options = int(live.sum())
    view = CompiledPacking(
        item_ptr=item_ptr,
        item_count=packing.item_count,
        item_penalty=packing.item_penalty,
        option_item=option_item.astype(np.int32),
        option_cost=packing.option_cost[live],
        load_ptr=load_ptr,
        load_row=load_row.astype(np.int32),
        load_amount=load_amount,
        load_option=np.repeat(np.arange(options, dtype=np.int32), np.diff(load_ptr)),
        row_capacity=packing.row_capacity,
        row_ptr=np.concatenate(([0], np.cumsum(np.bincount(load_row, minlength=packing.rows)))),
        option_activation=packing.option_activation[live].astype(np.int32),
        activation_cost=packing.activation_cost,
        activation_load_ptr=loads.switch_ptr,
        activation_load_row=loads.switch_row.astype(np.int32),
        activation_load_amount=loads.switch_amount,
        room=room[live],
        origin=np.flatnonzero(live).astype(np.int64),
    )
    return fixed(view)


class _Loads(NamedTuple):
    """Loads of options and of activations ("switch"), each row once, and what they must fit."""

    load_ptr: IntArray
    load_row: IntArray
    load_amount: IntArray
    row_capacity: IntArray
    option_activation: IntArray
    switch_ptr: IntArray
    switch_row: IntArray
    switch_amount: IntArray


def _loads(packing: Packing) -> _Loads:
    return _Loads(
        *_merged(packing.load_ptr, packing.load_row, packing.load_amount),
        packing.row_capacity,
        packing.option_activation,
        *_merged(packing.activation_load_ptr, packing.activation_load_row, packing.activation_load_amount),
    )


@kernel
def _merged(pointer: IntArray, row: IntArray, amount: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Loads without zero amounts, rows named twice summed."""
    new_pointer = np.zeros(pointer.size, dtype=np.int64)
    new_row = np.empty(row.size, dtype=np.int64)
    new_amount = np.empty(row.size, dtype=np.int64)
    filled = 0
    for entry in range(pointer.size - 1):
        first = filled
        for at in range(pointer[entry], pointer[entry + 1]):
            if amount[at] == 0:
                continue
            seen = first
            while seen < filled and new_row[seen] != row[at]:
                seen += 1
            if seen == filled:
                new_row[filled] = row[at]
                new_amount[filled] = 0
                filled += 1
            new_amount[seen] += amount[at]
        new_pointer[entry + 1] = filled
    return new_pointer, new_row[:filled].copy(), new_amount[:filled].copy()


@kernel
def _room(
    option_item: IntArray,
    item_count: IntArray,
    load_ptr: IntArray,
    load_row: IntArray,
    load_amount: IntArray,
    row_capacity: IntArray,
    option_activation: IntArray,
    switch_ptr: IntArray,
    switch_row: IntArray,
    switch_amount: IntArray,
) -> IntArray:
    """Copies of its item that each option could take if nothing else were placed."""
    room = item_count[option_item]
    for option in range(room.size):
        activation = option_activation[option]
        if activation >= 0:
            for at in range(switch_ptr[activation], switch_ptr[activation + 1]):
                if switch_amount[at] > row_capacity[switch_row[at]]:
                    room[option] = 0
        for at in range(load_ptr[option], load_ptr[option + 1]):
            left = row_capacity[load_row[at]]
            if activation >= 0:
                for other in range(switch_ptr[activation], switch_ptr[activation + 1]):
                    if switch_row[other] == load_row[at]:
                        left -= switch_amount[other]
            room[option] = max(0, min(room[option], left // load_amount[at]))
    return room
