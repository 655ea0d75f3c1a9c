"""An independent judge of placements: recomputes cost and legality from the packing alone.

It shares no code with the engines on purpose, so that the two can disagree.
"""

from __future__ import annotations

import numpy as np

from solver.packing import IntArray, Packing


def check(packing: Packing, item: IntArray, option: IntArray, count: IntArray) -> tuple[int, list[str]]:
    """Cost and violations of a placement.

    Longer than a screen: one pass over what is placed, a sentence for each thing that is wrong with it.

    Parameters
    ----------
    packing : Packing
        The problem.
    item, option, count : int64[K]
        `count[k]` copies of `item[k]` take the option with global index `option[k]`.

    Returns
    -------
    cost : int
        Options, penalties of all copies left over, activations. Malformed entries (see below) are left out.
    violations : list of str
        One sentence each: an entry that names no such item or option, an option of another item or a count that
        is no positive number; an item placed more often than it has copies; a row over its capacity.
        Empty exactly when the placement is legal.
    """
    violations: list[str] = []
    item = np.asarray(item, dtype=np.int64)
    option = np.asarray(option, dtype=np.int64)
    count = np.asarray(count, dtype=np.int64)
    if not item.size == option.size == count.size:
        return _all_unplaced(packing), ["item, option and count differ in length"]

    sound = np.ones(item.size, dtype=bool)

    def blame(bad: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], what: str) -> None:
        for entry in np.flatnonzero(bad & sound):
            violations.append(f"entry {entry} (item {item[entry]}, option {option[entry]}, count {count[entry]}): {what}")
        sound[bad] = False

    blame((item < 0) | (item >= packing.items), "no such item")
    blame((option < 0) | (option >= packing.options), "no such option")
    blame(count <= 0, "count must be positive")
    where = np.flatnonzero(sound)
    foreign = np.zeros(item.size, dtype=bool)
    foreign[where] = (option[where] < packing.item_ptr[item[where]]) | (option[where] >= packing.item_ptr[item[where] + 1])
    blame(foreign, "the option belongs to another item")
    where = np.flatnonzero(sound)
    excess = np.zeros(item.size, dtype=bool)
    excess[where] = count[where] > packing.item_count[item[where]]
    blame(excess, "more copies than the item has")

    item, option, count = item[sound], option[sound], count[sound]
    placed = _sum_at(packing.items, item, count)
    for index in np.flatnonzero(placed > packing.item_count):
        violations.append(f"item {index}: {placed[index]} copies placed, it has {packing.item_count[index]}")
    left = np.maximum(packing.item_count - placed, 0)

    active = np.unique(packing.option_activation[option])
    active = active[active >= 0]
    cost = (
        _total(packing.option_cost[option] * count)
        + _total(packing.item_penalty * left)
        + _total(packing.activation_cost[active])
    )

    row, amount = _loads(packing.load_ptr, packing.load_row, packing.load_amount, option, count)
    once = np.ones(active.size, dtype=np.int64)
    switched_row, switched_amount = _loads(
        packing.activation_load_ptr, packing.activation_load_row, packing.activation_load_amount, active, once
    )
    carried = _sum_at(packing.rows, row, amount) + _sum_at(packing.rows, switched_row, switched_amount)
    for index in np.flatnonzero(carried > packing.row_capacity):
        violations.append(f"row {index}: carries {carried[index]}, capacity {packing.row_capacity[index]}")
    return cost, violations


def _all_unplaced(packing: Packing) -> int:
    return _total(packing.item_count * packing.item_penalty)


def _fits_int64(values: IntArray) -> bool:
    return values.size == 0 or values.size * int(values.max()) < 2**62


def _total(values: IntArray) -> int:
    """Exact sum; a placement that repeats itself may leave int64, so such sums are made of Python integers."""
    return int(values.sum()) if _fits_int64(values) else sum(values.tolist())


def _sum_at(size: int, index: IntArray, amount: IntArray) -> IntArray:
    exact = amount if _fits_int64(amount) else amount.astype(object)
    total = np.zeros(size, dtype=exact.dtype)
    np.add.at(total, index, exact)
    return total


def _loads(
    pointer: IntArray, row: IntArray, amount: IntArray, chosen: IntArray, times: IntArray
) -> tuple[IntArray, IntArray]:
    """Rows loaded by the chosen entries and by how much, one pair for each load."""
    length = pointer[chosen + 1] - pointer[chosen]
    ends = np.cumsum(length)
    inside = np.arange(int(ends[-1]) if ends.size else 0, dtype=np.int64) - np.repeat(ends - length, length)
    at = np.repeat(pointer[chosen], length) + inside
    return row[at], amount[at] * np.repeat(times, length)
