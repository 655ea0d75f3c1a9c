"""A bound from whole patterns: every block (see `blocks`) packed best by itself, copies priced instead of rows.

For values v of a copy of each item, 0 <= v <= penalty, every legal plan costs at least

    sum_i count_i v_i - sum_{coupling rows} p_r capacity_r
    + sum_blocks min(0, gate cost - max over patterns of sum (v_item - cost_o - p.load_o) x_o)

(Lagrangian relaxation of "a copy takes one option", for assignment Jörnsten and Näsberg 1986; by its best values the same as
the Dantzig-Wolfe master over patterns). Unlike the bound of `bound`, it knows that a node can hold no fractions, so it
exceeds the linear relaxation. Values climb along the running mean of subgradients (as in the volume algorithm, Barahona and
Anbil 2000), each step by a share of what is missing to the best plan's cost (Polyak 1969); the share shrinks where steps no
longer lift. Every pass evaluates the bound in int64 at `scale` units per cost unit, so whatever values the ascent tries,
what it claims is proven.

Gates may be forced open or shut. The bound then holds for the plans that use the blocks behind open gates, and none behind
shut ones: what `branching` splits a packing into.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.engines.blocks import Blocks
from solver.engines.bound import carried, item_terms
from solver.engines.compiled import kernel
from solver.engines.contract import Prices
from solver.engines.guide import Guide, sharpened
from solver.engines.knapsack import best_pattern
from solver.engines.view import View, load_worth
from solver.packing import IntArray, Packing

Reals = NDArray[np.float64]

#: Totals stay below this: every sum that is formed has as many bits to spare as it has terms.
_CEILING = 2.0**60
#: Nodes of one knapsack search at most, and rounds that fit its multipliers.
_NODES, _ROUNDS = 300_000, 6
#: Options beyond which a pass is worth a second thread.
_SEVERAL = 20_000
#: Nodes of the search with one option forced.
_FORCED_NODES = 5_000
#: Share of the time after which an ascent that has not risen at all is given up.
_HOPELESS = 0.4
#: What a new subgradient counts for in the running mean.
_FRESH = 0.2
#: What is taken to be missing at least, as a share of the bound: a step must not vanish where the bound is nearly met.
_MISSING = 5e-4
#: The share to which the longest step falls by the end of an ascent that is short of time.
_HURRIED = 0.1
#: How a gate is forced, if it is.
FREE, SHUT, OPEN = -1, 0, 1
#: Excess of options behind shut gates: more than any plan costs.
_NEVER = 2**61


class Steps(NamedTuple):
    """Steps of an ascent, as shares of what is missing: the first, the least, passes without a better bound before they
    shrink, and to what share of themselves."""

    first: float
    least: float
    patience: int
    shrink: float


#: From the linear bound's values, and from values that were the best for other gates.
FROM_PRICES, FROM_VALUES = Steps(0.1, 5e-4, 6, 0.7), Steps(0.3, 0.05, 4, 0.5)


class Work(NamedTuple):
    """What the pricing of blocks needs and keeps, per thread-safe range of blocks; all whole numbers times `scale`.

    Attributes
    ----------
    item, most, base : int64[M]
        Item, most copies and cost of one copy (coupling rows and shared activations included) of each option at home.
    gate_cost : int64[B]
        What opening the block costs.
    price : float64[.]
        Worth of each row of each block, kept between calls.
    pattern : int64[M]
        Best pattern known of each block.
    value, bound, nodes : int64[B]
        Profit of that pattern, upper bound on any pattern's, and search nodes of the last pricing.
    slack : int64[B]
        Imprecision allowed in the search.
    """

    item: IntArray
    most: IntArray
    base: IntArray
    gate_cost: IntArray
    price: Reals
    pattern: IntArray
    value: IntArray
    bound: IntArray
    nodes: IntArray
    slack: IntArray


class Pricing:
    """The pattern bound of one packing at fixed prices of its coupling rows.

    Parameters
    ----------
    packing, view, blocks : Packing, View, Blocks
        The problem.
    prices : Prices
        Prices that prove the linear bound; of them those of coupling rows are kept.
    workers : int
        Threads.
    """

    def __init__(self, packing: Packing, view: View, blocks: Blocks, prices: Prices, workers: int) -> None:
        self.view, self.blocks = view, blocks
        terms = item_terms(packing, prices)
        shift = _shift(view, prices.scale)
        self.scale = prices.scale >> shift
        row, share = carried(packing, prices)
        gated = (blocks.block_of >= 0) & (np.append(blocks.gate, -1)[blocks.block_of] >= 0)
        row = np.where(blocks.coupling, row, 0) >> shift
        share = np.where(packing.option_activation >= 0, share >> shift, 0)
        share[view.origin[gated]] = 0
        left = Prices(row, share, self.scale)
        self.constant = item_terms(packing, left).constant
        cost = view.option_cost * self.scale + share[view.origin]
        np.add.at(cost, view.load_option, view.load_amount * row[view.load_row])
        self.cost = cost
        #: Value of a copy of each item can be no more: its penalty, or the cost of an option that loads nothing.
        self.highest = view.item_penalty * self.scale
        homeless = blocks.block_of < 0
        np.minimum.at(self.highest, view.option_item[homeless], cost[homeless])
        self.start = np.minimum(terms.item >> shift, self.highest)
        # Many parts for few threads, so that a hard block delays nobody; small packings are not worth a second thread.
        several = workers > 1 and blocks.option.size > _SEVERAL
        self._pool = ThreadPoolExecutor(workers) if several else None
        self._parts = 8 * workers if several else 1
        gates = np.flatnonzero(blocks.gate >= 0)
        gate_cost = np.zeros(blocks.gate.size, dtype=np.int64)
        gate_cost[gates] = packing.activation_cost[blocks.gate[gates]] * self.scale
        worth = np.zeros(packing.activations, dtype=np.int64)
        loader = np.repeat(np.arange(packing.activations), np.diff(view.activation_load_ptr))
        np.add.at(worth, loader, view.activation_load_amount * row[view.activation_load_row])
        gate_cost[gates] += worth[blocks.gate[gates]]
        self.work = Work(
            item=view.option_item[blocks.option].astype(np.int64),
            most=view.room[blocks.option],
            base=cost[blocks.option],
            gate_cost=gate_cost,
            price=prices.row[blocks.row].astype(np.float64) / prices.scale * self.scale + 1.0,
            pattern=np.zeros(blocks.option.size, dtype=np.int64),
            value=np.zeros(blocks.gate.size, dtype=np.int64),
            bound=np.zeros(blocks.gate.size, dtype=np.int64),
            nodes=np.zeros(blocks.gate.size, dtype=np.int64),
            slack=np.zeros(blocks.gate.size, dtype=np.int64),
        )
        #: FREE, SHUT or OPEN of each block, int8[B].
        self.forced = np.full(blocks.gate.size, FREE, dtype=np.int8)

    def __enter__(self) -> Pricing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def total(self, value: IntArray) -> int:
        """The bound at the given value of a copy of each item, times `scale`; valid for whatever values."""
        value = np.clip(value, 0, self.highest)
        blocks = self.blocks

        def part(index: int) -> None:
            _price(
                index,
                self._parts,
                value,
                self.view.item_count,
                blocks.option_ptr,
                blocks.row_ptr,
                blocks.capacity,
                blocks.load_ptr,
                blocks.load,
                self.work,
                _ROUNDS,
                _NODES,
            )

        if self._pool is None:
            part(0)
        else:
            list(self._pool.map(part, range(self._parts)))
        return int((value * self.view.item_count).sum() + self._gain().sum()) + self.constant

    def force(self, forced: NDArray[np.int8]) -> None:
        """Have gates FREE, SHUT or OPEN, int8[B]; blocks without a gate stay free."""
        self.forced = forced

    def margin(self) -> IntArray:
        """What opening each block costs more than any pattern of it is worth, int64[B]: what an open block adds to the
        bound, which a free one adds only if it is negative."""
        return self.work.gate_cost - self.work.bound

    def _gain(self) -> IntArray:
        """What each block adds to the bound, int64[B]."""
        margin = self.margin()
        return np.where(self.forced == OPEN, margin, np.where(self.forced == SHUT, 0, np.minimum(0, margin)))

    def excess(self, value: IntArray) -> NDArray[np.int64]:
        """By how much more than the bound at the values a plan costs that uses the option, times `scale`, int64[O].

        The option's block is packed anew around it. An option without a home has its cost above the item's value; one
        behind a shut gate more than any plan costs.
        """
        value = np.clip(value, 0, self.highest)
        blocks, view, work = self.blocks, self.view, self.work
        self.total(value)
        gain = self._gain()
        with_it = _forced(
            value,
            view.item_count,
            blocks.option_ptr,
            blocks.row_ptr,
            blocks.capacity,
            blocks.load_ptr,
            blocks.load,
            work,
            _FORCED_NODES,
        )
        excess = np.zeros(view.option_cost.size, dtype=np.int64)
        home = blocks.block_of[blocks.option]
        excess[blocks.option] = np.maximum(0, work.gate_cost[home] - with_it - gain[home])
        excess[blocks.option[self.forced[home] == SHUT]] = _NEVER
        homeless = np.flatnonzero(blocks.block_of < 0)
        excess[homeless] = np.maximum(0, self.cost[homeless] - value[view.option_item[homeless]])
        return excess

    def sharpen(self, guide: Guide, summit: Summit) -> Guide:
        """The guide with what the values of a summit prove of each option, and of leaving a copy unplaced."""
        excess = self.excess(summit.value) / self.scale
        left_out = (self.view.item_penalty * self.scale - summit.value) / self.scale
        return sharpened(guide, summit.bound / self.scale, excess, left_out)

    def opened(self) -> NDArray[np.bool_]:
        """Blocks that the last pass opens, bool[B]."""
        return np.asarray((self.forced == OPEN) | ((self.forced == FREE) & (self.work.value > self.work.gate_cost)))

    def activated(self, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The activations behind open blocks, bool[A]; those that are no gate count as shut."""
        activated = np.zeros(self.view.activation_cost.size, dtype=bool)
        gates = self.blocks.gate >= 0
        activated[self.blocks.gate[gates]] = opened[gates]
        return activated

    def used(self, opened: NDArray[np.bool_]) -> IntArray:
        """Copies of each item in the patterns of open blocks, int64[I]."""
        work = self.work
        taken = work.pattern * np.repeat(opened, np.diff(self.blocks.option_ptr))
        return np.bincount(work.item, weights=taken, minlength=self.highest.size).astype(np.int64)


def _shift(view: View, scale: int) -> int:
    """By how many bits to lower the scale so that no sum over options can leave 64 bits."""
    total = float((view.room.astype(np.float64) * view.item_penalty[view.option_item]).sum())
    total = max(total, float((view.item_count.astype(np.float64) * view.item_penalty).sum()), 1.0)
    shift = 0
    while scale >> shift > 1 and (scale >> shift) * total > _CEILING:
        shift += 1
    return shift


class Summit(NamedTuple):
    """Where an ascent ended.

    Attributes
    ----------
    bound : int
        The best bound, times `pricing.scale`.
    value : int64[I]
        The values that prove it.
    margin : int64[B]
        `Pricing.margin` at these values.
    opened : bool[B]
        Blocks that are open there.
    often : float64[B]
        How often each block was open lately, from 0 to 1: close to what the relaxation has it open.
    """

    bound: int
    value: IntArray
    margin: IntArray
    opened: NDArray[np.bool_]
    often: Reals


def ascend_patterns(
    pricing: Pricing,
    unit: Reals,
    goal: Callable[[], int],
    proceed: Callable[[int], bool],
    pace: Callable[[], float] | None = None,
    start: IntArray | None = None,
    steps: Steps = FROM_PRICES,
) -> Summit:
    """Climb the pattern bound.

    Parameters
    ----------
    pricing : Pricing
        The packing and its blocks.
    unit : float64[I]
        Natural size of a step of each value, in cost units.
    goal : callable
        The cost of the best plan: what the bound may rise to. Only the length of steps depends on it.
    proceed : callable
        Called with the best bound (times scale) after every pass; returning False ends the ascent.
    pace : callable, optional
        Share of the time budget that is used up; where passes are slow the steps follow it.
    start : int64[I], optional
        The values to begin with; otherwise those that the linear bound's prices give.
    steps : Steps
        How long steps are.
    """
    count = pricing.view.item_count
    value = (pricing.start if start is None else start).astype(np.float64)
    summit = Summit(-(2**62), pricing.start, pricing.margin(), pricing.opened(), np.zeros(pricing.forced.size))
    risen = False
    mean, often, faded = np.zeros(value.size), np.zeros(pricing.forced.size), 1.0
    step, idle = steps.first, 0
    stride = unit / np.maximum(count, 1)
    while step > steps.least:
        tried = np.floor(value).astype(np.int64)
        total = pricing.total(tried)
        # A lift by less than a part in ten million does not count as one.
        idle = 0 if total > summit.bound + abs(summit.bound) // 10**7 else idle + 1
        opened = pricing.opened()
        mean += _FRESH * (count - pricing.used(opened) - mean)
        often += _FRESH * (opened - often)
        faded *= 1.0 - _FRESH
        if total > summit.bound:
            risen = summit.bound > -(2**62)
            summit = Summit(total, tried, pricing.margin(), opened, often)
        if not proceed(summit.bound):
            break
        if idle == steps.patience:
            step, idle = step * steps.shrink, 0
        share = 0.0 if pace is None else pace()
        if share >= 1.0 or (share > _HOPELESS and not risen):
            break
        slope = mean / (1.0 - faded)
        direction = stride * slope
        missing = max(goal() * pricing.scale - summit.bound, int(_MISSING * abs(summit.bound)))
        length = min(step, steps.first * _HURRIED**share) * missing / max(float(slope @ direction), 1e-9)
        value = np.clip(value + length * direction, 0, pricing.highest)
    return summit._replace(often=often / max(1.0 - faded, _FRESH))


def units(view: View, row_price: Reals) -> Reals:
    """Natural unit of each item's value: the least worth of what a copy loads at the prices, at least 1; float64[I]."""
    unit = np.full(view.item_count.size, np.inf)
    np.minimum.at(unit, view.option_item, load_worth(view, row_price))
    unit[~np.isfinite(unit)] = 1.0
    return np.asarray(np.maximum(unit, 1.0))


@kernel
def _offers(item: IntArray, base: IntArray, value: IntArray, item_count: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Of each option of one block: the profit of a copy, the group that its item's options form; and each group's copies."""
    group = np.zeros(item.size, dtype=np.int64)
    for at in range(1, item.size):
        group[at] = group[at - 1] + (item[at] != item[at - 1])
    group_most = np.empty(0 if item.size == 0 else group[-1] + 1, dtype=np.int64)
    group_most[group] = item_count[item]
    return value[item] - base, group, group_most


@kernel
def _price(
    index: int,
    parts: int,
    value: IntArray,
    item_count: IntArray,
    option_ptr: IntArray,
    row_ptr: IntArray,
    capacity: IntArray,
    load_ptr: IntArray,
    load: IntArray,
    work: Work,
    rounds: int,
    limit: int,
) -> None:
    """Find the best pattern at the values of every block whose number leaves the remainder `index` by `parts`."""
    for block in range(index, option_ptr.size - 1, parts):
        first, end = option_ptr[block], option_ptr[block + 1]
        row, stop = row_ptr[block], row_ptr[block + 1]
        matrix = load[load_ptr[block] : load_ptr[block + 1]].reshape((end - first, stop - row))
        profit, group, group_most = _offers(work.item[first:end], work.base[first:end], value, item_count)
        work.value[block], work.bound[block], work.nodes[block] = best_pattern(
            profit,
            matrix,
            work.most[first:end],
            group,
            group_most,
            capacity[row:stop],
            work.price[row:stop],
            rounds,
            work.slack[block],
            limit,
            work.pattern[first:end],
        )


@kernel
def _forced(
    value: IntArray,
    item_count: IntArray,
    option_ptr: IntArray,
    row_ptr: IntArray,
    capacity: IntArray,
    load_ptr: IntArray,
    load: IntArray,
    work: Work,
    limit: int,
) -> IntArray:
    """For each option at home an upper bound on the profit of its block's patterns that hold it, int64[M]."""
    bound = np.zeros(work.item.size, dtype=np.int64)
    for block in range(option_ptr.size - 1):
        first, end = option_ptr[block], option_ptr[block + 1]
        row, stop = row_ptr[block], row_ptr[block + 1]
        size = end - first
        matrix = load[load_ptr[block] : load_ptr[block + 1]].reshape((size, stop - row))
        profit, group, group_most = _offers(work.item[first:end], work.base[first:end], value, item_count)
        pattern = np.empty(size, dtype=np.int64)
        for one in range(size):
            left = capacity[row:stop] - matrix[one]
            most = work.most[first:end].copy()
            most[one] -= 1
            for at in range(size):
                for line in range(left.size):
                    if matrix[at, line] * most[at] > left[line]:
                        most[at] = left[line] // matrix[at, line]
            group_most[group[one]] -= 1
            pattern[:] = 0
            price = work.price[row:stop].copy()
            rest = best_pattern(profit, matrix, most, group, group_most, left, price, 2, 0, limit, pattern)[1]
            group_most[group[one]] += 1
            bound[first + one] = min(work.bound[block], profit[one] + rest)
    return bound
