"""Random tiny packings with every feature of the format, and their true optimum by exhaustion."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from solver.packing import Packing
from solver.packing.check import check
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


def _ways(packing: Packing, item: int) -> list[dict[int, int]]:
    """Every way to spread the copies of an item over its options, some unplaced."""
    options = range(int(packing.item_ptr[item]), int(packing.item_ptr[item + 1]))
    count = int(packing.item_count[item])
    spread = itertools.product(range(count + 1), repeat=len(options))
    return [dict(zip(options, way, strict=True)) for way in spread if sum(way) <= count]


def _plans(packing: Packing) -> Iterator[tuple[int, dict[int, int]]]:
    """Cost and copies on each option of every legal plan."""
    owner = packing.option_item
    for ways in itertools.product(*(_ways(packing, item) for item in range(packing.items))):
        placed = {option: count for way in ways for option, count in way.items() if count}
        option = np.array(sorted(placed), dtype=np.int64)
        count = np.array([placed[o] for o in sorted(placed)], dtype=np.int64)
        cost, violations = check(packing, owner[option], option, count)
        if not violations:
            yield cost, placed


def optimum(packing: Packing) -> int:
    """The least cost, by trying everything."""
    return min(cost for cost, _ in _plans(packing))


def least_with_each_option(packing: Packing) -> dict[int, int]:
    """The least cost of a plan that uses the option, by trying everything; options that no legal plan uses cost 2**40."""
    least = dict.fromkeys(range(packing.options), 2**40)
    for cost, placed in _plans(packing):
        for option in placed:
            least[option] = min(least[option], cost)
    return least


def second_best(packing: Packing) -> dict[int, int]:
    """Copies on each option of a plan dearer than the cheapest, but by as little as possible."""
    plans = list(_plans(packing))
    least = min(cost for cost, _ in plans)
    return min(((cost, placed) for cost, placed in plans if cost > least), key=lambda plan: plan[0])[1]


def least_by_opened(packing: Packing) -> dict[tuple[int, ...], dict[int, int]]:
    """For each set of activations that a legal plan opens the least cost of such a plan that uses the option, and, under
    -1, of any; by trying everything."""
    found: dict[tuple[int, ...], dict[int, int]] = {}
    for cost, placed in _plans(packing):
        opened = tuple(sorted({int(packing.option_activation[option]) for option in placed} - {-1}))
        least = found.setdefault(opened, {})
        for option in (-1, *placed):
            least[option] = min(least.get(option, cost), cost)
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
