"""Random tiny packings with every feature of the format, and their true optimum by exhaustion."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.packing import IntArray, Packing
from solver.packing.solution import Limits
from solver.running.budget import Budget


def budget_of(seconds: float = 600.0) -> Budget:
    """A budget on its own: enough unless told otherwise, and of no seconds over from the start."""
    return Budget(Limits(seconds=seconds))


def tiny_packing(seed: int) -> Packing:
    """A packing small enough to exhaust: options without loads, items without options, counts above one, repeated rows,
    activations with and without loads."""
    rng = np.random.default_rng(seed)
    items, rows, activations = int(rng.integers(1, 5)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
    sizes = rng.integers(0, 4, items)
    options = int(sizes.sum())
    lengths = rng.integers(0, 4, options)
    switch_lengths = rng.integers(0, 3, activations)
    return Packing(
        item_ptr=np.concatenate(([0], np.cumsum(sizes))),
        item_count=rng.integers(0, 4, items),
        item_penalty=rng.integers(0, 30, items),
        option_cost=rng.integers(0, 25, options),
        load_ptr=np.concatenate(([0], np.cumsum(lengths))),
        load_row=rng.integers(0, rows, int(lengths.sum())),
        load_amount=rng.integers(0, 6, int(lengths.sum())),
        row_capacity=rng.integers(0, 14, rows),
        option_activation=rng.integers(-1, activations, options) if activations else np.full(options, -1),
        activation_cost=rng.integers(0, 20, activations),
        activation_load_ptr=np.concatenate(([0], np.cumsum(switch_lengths))),
        activation_load_row=rng.integers(0, rows, int(switch_lengths.sum())),
        activation_load_amount=rng.integers(0, 5, int(switch_lengths.sum())),
    )


#: Plans of a packing that are looked at together.
_TOGETHER = 20_000


@dataclass(frozen=True)
class Plans:
    """Every legal plan of a packing, in the order of `itertools.product`.

    `taken[p, o]` are the copies that plan p puts on option o, and `cost[p]` is what it costs.
    """

    taken: IntArray
    cost: IntArray


def every_plan(packing: Packing) -> Plans:
    """All legal plans: options by plans at once, straight from the definition; an oracle beside the checker."""
    ways = [_ways(packing, item) for item in range(packing.items)]
    sizes = tuple(len(of) for of in ways)
    total = int(np.prod(sizes))
    taken, cost = [], []
    for begin in range(0, total, _TOGETHER):
        picks = np.unravel_index(np.arange(begin, min(begin + _TOGETHER, total)), sizes)
        some = np.concatenate([of[pick] for of, pick in zip(ways, picks, strict=True)], axis=1)
        costs, legal = _judged(packing, some)
        taken.append(some[legal])
        cost.append(costs[legal])
    return Plans(np.concatenate(taken), np.concatenate(cost))


def _ways(packing: Packing, item: int) -> IntArray:
    """Every way to spread the copies of an item over its options, some unplaced: copies by options."""
    options = int(packing.item_ptr[item + 1] - packing.item_ptr[item])
    count = int(packing.item_count[item])
    spread = [way for way in itertools.product(range(count + 1), repeat=options) if sum(way) <= count]
    return np.array(spread, np.int64).reshape(len(spread), options)


def _judged(packing: Packing, taken: IntArray) -> tuple[IntArray, NDArray[np.bool_]]:
    """Cost and legality of plans that place no item more often than it has copies."""
    carries = _table(packing.load_ptr, packing.load_row, packing.load_amount, packing.rows)
    switched = _table(packing.activation_load_ptr, packing.activation_load_row, packing.activation_load_amount, packing.rows)
    owned = packing.option_item[:, None] == np.arange(packing.items)
    behind = packing.option_activation[:, None] == np.arange(packing.activation_cost.size)
    active = (taken @ behind > 0).astype(np.int64)
    left = packing.item_count - taken @ owned
    cost = taken @ packing.option_cost + left @ packing.item_penalty + active @ packing.activation_cost
    return cost, (taken @ carries + active @ switched <= packing.row_capacity).all(axis=1)


def _table(pointer: IntArray, row: IntArray, amount: IntArray, rows: int) -> IntArray:
    """What each entry loads each row with."""
    table = np.zeros((pointer.size - 1, rows), np.int64)
    np.add.at(table, (np.repeat(np.arange(pointer.size - 1), np.diff(pointer)), row), amount)
    return table


def optimum(packing: Packing) -> int:
    """The least cost, by trying everything."""
    return int(every_plan(packing).cost.min())


def least_with_each_option(packing: Packing) -> dict[int, int]:
    """The least cost of a plan that uses the option, by trying everything; options that no legal plan uses cost 2**40."""
    plans = every_plan(packing)
    return {option: int(plans.cost[plans.taken[:, option] > 0].min(initial=2**40)) for option in range(packing.options)}


def second_best(packing: Packing) -> dict[int, int]:
    """Copies on each option of a plan dearer than the cheapest, but by as little as possible."""
    plans = every_plan(packing)
    dearer = np.flatnonzero(plans.cost > plans.cost.min())
    taken = plans.taken[dearer[np.argmin(plans.cost[dearer])]]
    return {option: int(taken[option]) for option in np.flatnonzero(taken).tolist()}


def least_by_opened(packing: Packing) -> dict[tuple[int, ...], dict[int, int]]:
    """For each set of activations that a legal plan opens the least cost of such a plan that uses the option, and, under
    -1, of any; by trying everything."""
    plans = every_plan(packing)
    behind = packing.option_activation[:, None] == np.arange(packing.activation_cost.size)
    sets, which = np.unique(plans.taken @ behind > 0, axis=0, return_inverse=True)
    found: dict[tuple[int, ...], dict[int, int]] = {}
    for number, opened in enumerate(sets):
        mine = which == number
        cost, uses = plans.cost[mine], plans.taken[mine] > 0
        least = {option: int(cost[uses[:, option]].min()) for option in np.flatnonzero(uses.any(axis=0)).tolist()}
        found[tuple(np.flatnonzero(opened).tolist())] = {-1: int(cost.min()), **least}
    return found


def by_hand(packing: Packing, item: list[int], option: list[int], count: list[int]) -> tuple[int, bool]:
    """Cost and legality in plain Python, straight from the definition; an oracle for the checker."""
    taken = dict.fromkeys(range(packing.options), 0)
    for index, name, copies in zip(item, option, count, strict=True):
        if not packing.item_ptr[index] <= name < packing.item_ptr[index + 1]:
            return 0, False
        taken[name] += copies
    cost, legal = 0, True
    load = [0] * packing.rows
    active = set()
    for index in range(packing.items):
        mine = range(int(packing.item_ptr[index]), int(packing.item_ptr[index + 1]))
        placed = sum(taken[name] for name in mine)
        legal = legal and placed <= packing.item_count[index]
        cost += (int(packing.item_count[index]) - placed) * int(packing.item_penalty[index])
        for name in mine:
            cost += taken[name] * int(packing.option_cost[name])
            if taken[name]:
                active.add(int(packing.option_activation[name]))
            for at in range(int(packing.load_ptr[name]), int(packing.load_ptr[name + 1])):
                load[packing.load_row[at]] += taken[name] * int(packing.load_amount[at])
    for name in active - {-1}:
        cost += int(packing.activation_cost[name])
        for at in range(int(packing.activation_load_ptr[name]), int(packing.activation_load_ptr[name + 1])):
            load[packing.activation_load_row[at]] += int(packing.activation_load_amount[at])
    return cost, legal and all(a <= b for a, b in zip(load, packing.row_capacity, strict=True))
