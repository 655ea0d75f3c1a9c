"""A bound from whole patterns: every block (see `blocks`) packed best by itself, copies priced instead of rows.

For values v of a copy of each item, 0 <= v <= penalty, every legal plan costs at least

    sum_i count_i v_i - sum_{coupling rows} p_r capacity_r
    - sum_blocks max over patterns and open setups of sum (v_item - cost_o - p.load_o) x_o - cost of these setups

(Lagrangian relaxation of "a copy takes one option", for assignment Jörnsten and Näsberg 1986; by its best values the same as
the Dantzig-Wolfe master over patterns). Unlike the bound of `bound`, it knows that a node can hold no fractions, so it
exceeds the linear relaxation. It is evaluated in int64 at `scale` units per cost unit, so whatever values are tried, what it
claims is proven; `ascent` finds good ones.

Setups may be forced open or closed. The bound then holds for the plans that pay for all open setups, and use no closed one:
what `branching` splits a packing into.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.blocks import Blocks
from solver.bounds.bound import carried, item_terms
from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.knapsack import fitting
from solver.bounds.reduced_costs import ReducedCosts, sharpened
from solver.bounds.setups import CLOSED, FREE, NOTHING, OPEN, Offer, best_pattern_with_setups
from solver.compiled import kernel
from solver.packing import IntArray, Packing
from solver.packing.solution import Prices
from solver.params import DEFAULTS, PatternParams

Reals = NDArray[np.float64]

#: Totals stay below this: every sum that is formed has as many bits to spare as it has terms.
_CEILING = 2.0**60
#: The bound where forced setups leave no legal plan, and the excess of what no plan uses: more than any plan costs.
_NEVER = 2**61


class Work(NamedTuple):
    """What the pricing of blocks needs and keeps, per thread-safe range of blocks; all whole numbers times `scale`.

    Attributes
    ----------
    item, most, base : int64[M]
        Item, most copies and cost of one copy (coupling rows and shared activations included) of each option at home.
    setup_cost : int64[G]
        What opening each setup costs.
    forced : int8[G]
        FREE, CLOSED or OPEN.
    price : float64[.]
        Dual value of a unit of each row of each block, kept between calls.
    pattern, opened : int64[M], bool[G]
        Best pattern known of each block, and its open setups.
    bound : int64[B]
        Upper bound on the profit of any pattern at the last values, setups paid.
    nodes, rounds, forced_nodes, forced_rounds, most_tried : int
        See `KnapsackParams`.
    """

    item: IntArray
    most: IntArray
    base: IntArray
    setup_cost: IntArray
    forced: NDArray[np.int8]
    price: Reals
    pattern: IntArray
    opened: NDArray[np.bool_]
    bound: IntArray
    nodes: int
    rounds: int
    forced_nodes: int
    forced_rounds: int
    most_tried: int


class Pricing:
    """The pattern bound of one packing at fixed prices of its coupling rows.

    Parameters
    ----------
    packing, view, blocks : Packing, CompiledPacking, Blocks
        The problem.
    prices : Prices
        Prices that prove the linear bound; of them those of coupling rows are kept.
    workers : int
        Threads.
    params : PatternParams
        How hard each block is searched.
    """

    def __init__(
        self,
        packing: Packing,
        view: CompiledPacking,
        blocks: Blocks,
        prices: Prices,
        workers: int,
        params: PatternParams = DEFAULTS.patterns,
    ) -> None:
        self.view, self.blocks, self.params = view, blocks, params
        terms = item_terms(packing, prices)
        shift = _shift(view, prices.scale)
        self.scale = prices.scale >> shift
        row, share = carried(packing, prices)
        row = np.where(blocks.coupling, row, 0) >> shift
        share = np.where(packing.option_activation >= 0, share >> shift, 0)
        share[view.origin[blocks.option[blocks.asked >= 0]]] = 0
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
        several = workers > 1 and blocks.option.size > params.threaded
        self._pool = ThreadPoolExecutor(workers) if several else None
        self._parts = 8 * workers if several else 1
        self.work = Work(
            item=view.option_item[blocks.option].astype(np.int64),
            most=view.room[blocks.option],
            base=cost[blocks.option],
            setup_cost=self._setup_cost(row),
            forced=np.full(blocks.setup.size, FREE, dtype=np.int8),
            price=prices.row[blocks.row].astype(np.float64) / prices.scale * self.scale + 1.0,
            pattern=np.zeros(blocks.option.size, dtype=np.int64),
            opened=np.zeros(blocks.setup.size, dtype=np.bool_),
            bound=np.zeros(blocks.option_ptr.size - 1, dtype=np.int64),
            nodes=params.knapsack.nodes,
            rounds=params.knapsack.rounds,
            forced_nodes=params.knapsack.forced_nodes,
            forced_rounds=params.knapsack.forced_rounds,
            most_tried=params.knapsack.most_tried,
        )
        #: The values of the last pass.
        self._value = self.start

    def _setup_cost(self, row_price: IntArray) -> IntArray:
        """What opening each setup costs, coupling rows included, times `scale`; never more than the sum over a block's
        setups can carry."""
        view, setup = self.view, self.blocks.setup
        loader = np.repeat(np.arange(view.activation_cost.size), np.diff(view.activation_load_ptr))
        worth = view.activation_load_amount.astype(object) * row_price[view.activation_load_row]
        cost = view.activation_cost.astype(object) * self.scale
        np.add.at(cost, loader, worth)
        together = int(np.diff(self.blocks.setup_ptr).max(initial=0)) + 1
        return np.array(np.minimum(cost[setup], int(_CEILING) // together), dtype=np.int64)

    def __enter__(self) -> Pricing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def total(self, value: IntArray) -> int:
        """The bound at the given value of a copy of each item, times `scale`; valid for whatever values."""
        self._value = value = np.clip(value, 0, self.highest)

        def part(index: int) -> None:
            _price(index, self._parts, value, self.view.item_count, self.blocks, self.work)

        if self._pool is None:
            part(0)
        else:
            list(self._pool.map(part, range(self._parts)))
        if (self.work.bound == NOTHING).any():
            return _NEVER
        return int((value * self.view.item_count).sum() - self.work.bound.sum()) + self.constant

    @property
    def forced(self) -> NDArray[np.int8]:
        """FREE, CLOSED or OPEN of each setup, int8[G]."""
        return self.work.forced.copy()

    def force(self, forced: NDArray[np.int8]) -> None:
        """Have setups FREE, CLOSED or OPEN, int8[G]."""
        self.work.forced[:] = forced

    def margin(self) -> IntArray:
        """By how much more the bound of the last pass rises if a free setup is forced OPEN than if it is forced CLOSED,
        int64[G]; one of the two is no rise at all. Zero for setups that are forced."""
        return _margin(self._value, self.view.item_count, self.blocks, self.work)

    def excess(self) -> NDArray[np.int64]:
        """By how much more than the bound of the last pass a plan costs that uses the option, times `scale`, int64[O].

        The option's block is packed anew around it. An option without a home has its cost above the item's value; one
        behind a closed setup more than any plan costs.
        """
        blocks, view, value = self.blocks, self.view, self._value
        excess = np.zeros(view.option_cost.size, dtype=np.int64)
        excess[blocks.option] = _excess(value, view.item_count, blocks, self.work)
        homeless = np.flatnonzero(blocks.block_of < 0)
        excess[homeless] = np.maximum(0, self.cost[homeless] - value[view.option_item[homeless]])
        return excess

    def sharpen(self, guide: ReducedCosts, value: IntArray) -> ReducedCosts:
        """The guide with what the values prove of each option, and of leaving a copy unplaced."""
        bound, excess = self.total(value), self.excess()
        left_out = self.view.item_penalty * self.scale - value
        return sharpened(guide, bound / self.scale, excess / self.scale, left_out / self.scale)

    def opened(self) -> NDArray[np.bool_]:
        """Setups that the last pass opens, bool[G]."""
        return self.work.opened.copy()

    def activated(self, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The activations that open setups stand for, bool[A]; those that are no setup count as closed."""
        activated = np.zeros(self.view.activation_cost.size, dtype=bool)
        activated[self.blocks.setup[opened]] = True
        return activated

    def used(self) -> IntArray:
        """Copies of each item in the patterns of the last pass, int64[I]."""
        work = self.work
        return np.bincount(work.item, weights=work.pattern, minlength=self.highest.size).astype(np.int64)


def _shift(view: CompiledPacking, scale: int) -> int:
    """By how many bits to lower the scale so that no sum over options can leave 64 bits."""
    total = float((view.room.astype(np.float64) * view.item_penalty[view.option_item]).sum())
    total = max(total, float((view.item_count.astype(np.float64) * view.item_penalty).sum()), 1.0)
    shift = 0
    while scale >> shift > 1 and (scale >> shift) * total > _CEILING:
        shift += 1
    return shift


@kernel
def _offer(block: int, value: IntArray, item_count: IntArray, blocks: Blocks, work: Work) -> Offer:
    """What a block can be packed with at the values: the options of one item form a group."""
    first, end = blocks.option_ptr[block], blocks.option_ptr[block + 1]
    row, stop = blocks.row_ptr[block], blocks.row_ptr[block + 1]
    setup, last = blocks.setup_ptr[block], blocks.setup_ptr[block + 1]
    item = work.item[first:end]
    group = np.zeros(item.size, dtype=np.int64)
    for at in range(1, item.size):
        group[at] = group[at - 1] + (item[at] != item[at - 1])
    group_most = np.empty(0 if item.size == 0 else group[-1] + 1, dtype=np.int64)
    group_most[group] = item_count[item]
    load = blocks.load[blocks.load_ptr[block] : blocks.load_ptr[block + 1]]
    setup_load = blocks.setup_load[blocks.setup_load_ptr[block] : blocks.setup_load_ptr[block + 1]]
    return Offer(
        value[item] - work.base[first:end],
        load.reshape((end - first, stop - row)),
        work.most[first:end],
        group,
        group_most,
        blocks.capacity[row:stop],
        blocks.asked[first:end],
        work.setup_cost[setup:last],
        setup_load.reshape((last - setup, stop - row)),
    )


@kernel
def _price(index: int, parts: int, value: IntArray, item_count: IntArray, blocks: Blocks, work: Work) -> None:
    """Find the best pattern at the values of every block whose number leaves the remainder `index` by `parts`."""
    for block in range(index, work.bound.size, parts):
        options = slice(blocks.option_ptr[block], blocks.option_ptr[block + 1])
        rows = slice(blocks.row_ptr[block], blocks.row_ptr[block + 1])
        setups = slice(blocks.setup_ptr[block], blocks.setup_ptr[block + 1])
        work.bound[block] = best_pattern_with_setups(
            _offer(block, value, item_count, blocks, work),
            work.forced[setups],
            work.price[rows],
            work.rounds,
            work.nodes,
            work.most_tried,
            work.pattern[options],
            work.opened[setups],
        )[1]


@kernel
def _margin(value: IntArray, item_count: IntArray, blocks: Blocks, work: Work) -> NDArray[np.int64]:
    """`Pricing.margin`, after `_price` at the same values: each free setup is forced the other way."""
    margin = np.zeros(work.opened.size, dtype=np.int64)
    for block in range(work.bound.size):
        rows = slice(blocks.row_ptr[block], blocks.row_ptr[block + 1])
        first, last = blocks.setup_ptr[block], blocks.setup_ptr[block + 1]
        if first == last:
            continue
        offer = _offer(block, value, item_count, blocks, work)
        pattern, opened = np.zeros_like(offer.profit), np.zeros(last - first, dtype=np.bool_)
        for setup in range(first, last):
            if work.forced[setup] != FREE:
                continue
            forced = work.forced[first:last].copy()
            forced[setup - first] = CLOSED if work.opened[setup] else OPEN
            bound = best_pattern_with_setups(
                offer, forced, work.price[rows].copy(), work.rounds, work.nodes, work.most_tried, pattern, opened
            )[1]
            rise = _NEVER if bound == NOTHING else max(0, work.bound[block] - bound)
            margin[setup] = -rise if work.opened[setup] else rise
    return margin


@kernel
def _excess(value: IntArray, item_count: IntArray, blocks: Blocks, work: Work) -> NDArray[np.int64]:
    """`Pricing.excess` of each option at home, after `_price` at the same values, int64[M]: each is taken once, and the
    rest of its block packed beside it."""
    excess = np.zeros(work.item.size, dtype=np.int64)
    for block in range(work.bound.size):
        first = blocks.option_ptr[block]
        rows = slice(blocks.row_ptr[block], blocks.row_ptr[block + 1])
        setups = slice(blocks.setup_ptr[block], blocks.setup_ptr[block + 1])
        offer = _offer(block, value, item_count, blocks, work)
        most, capacity = offer.most.copy(), offer.capacity.copy()
        rest = Offer(
            offer.profit,
            offer.load,
            most,
            offer.group,
            offer.group_most,
            capacity,
            offer.setup,
            offer.setup_cost,
            offer.setup_load,
        )
        pattern, opened = np.zeros_like(most), np.zeros(offer.setup_cost.size, dtype=np.bool_)
        for one in range(most.size):
            forced = work.forced[setups].copy()
            if offer.setup[one] >= 0:
                if forced[offer.setup[one]] == CLOSED:
                    excess[first + one] = _NEVER
                    continue
                forced[offer.setup[one]] = OPEN
            capacity[:] = offer.capacity - offer.load[one]
            for at in range(most.size):
                most[at] = fitting(offer.load, at, offer.most[at] - (at == one), capacity)
            offer.group_most[offer.group[one]] -= 1
            pattern[:] = 0
            opened[:] = False
            bound = best_pattern_with_setups(
                rest,
                forced,
                work.price[rows].copy(),
                work.forced_rounds,
                work.forced_nodes,
                work.most_tried,
                pattern,
                opened,
            )[1]
            offer.group_most[offer.group[one]] += 1
            with_it = bound + offer.profit[one]
            excess[first + one] = _NEVER if bound == NOTHING else max(0, work.bound[block] - with_it)
    return excess
