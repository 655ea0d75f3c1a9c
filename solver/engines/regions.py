"""A large placement searched region by region: several at once, each small enough for the processor's cache.

A region is a set of items that lie close together, by the rows that they share. It is cut out as a packing of its own,
together with the room that its rows have left, searched, and put back; what it holds nobody else may use meanwhile, so
that any number of threads may each work on a region and the whole stays legal. Borders are drawn anew in every round,
from other seeds, so that no border lasts.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking, Index, fixed
from solver.bounds.reduced_costs import ReducedCosts
from solver.compiled import kernel
from solver.engines.state import COST, State, place_all, state_of, withdraw_all
from solver.packing import IntArray
from solver.params import RegionParams


def region_size(view: CompiledPacking, least: int, params: RegionParams) -> int:
    """Options that a region of this packing should have: `least`, or more where so few would be nearly all border.

    A region needs several times the rows that one of its items reaches.
    """
    items = np.flatnonzero(np.diff(view.item_ptr) > 0)
    if items.size == 0:
        return least
    seen = items[:: max(1, items.size // params.sample)]
    reach = [
        np.unique(view.load_row[view.load_ptr[view.item_ptr[item]] : view.load_ptr[view.item_ptr[item + 1]]]).size
        for item in seen
    ]
    share = params.reaches * float(np.mean(reach)) / max(1, np.unique(view.load_row).size)
    return max(least, int(share * view.option_cost.size))


def divisible(view: CompiledPacking, size: int) -> bool:
    """Whether a packing is worth cutting into regions of `size` options, and can be: activations do not stop at borders."""
    return view.activation_cost.size == 0 and view.option_cost.size >= 2 * size


@dataclass(frozen=True, eq=False)
class Region:
    """A part of a placement as a packing of its own.

    Attributes
    ----------
    options : int64[K]
        The live options of the whole that the region's options 0..K-1 are.
    rows, lease : int64[S]
        The rows of the whole that the region's rows are, and how much of their room it holds beside what it uses.
    view, guide, state : CompiledPacking, ReducedCosts, State
        The part, seen as the whole is.
    before : int64[K]
        Copies on each option when it was cut out.
    """

    options: IntArray
    rows: IntArray
    lease: IntArray
    view: CompiledPacking
    guide: ReducedCosts
    state: State
    before: IntArray


class Regions:
    """One shared placement, of which threads `take` regions and `give` them back. For packings without activations.

    Parameters
    ----------
    view, guide : CompiledPacking, ReducedCosts
        The packing.
    taken : int64[O]
        A legal placement to start from.
    workers : int
        How many regions may be out at once.
    params : RegionParams
        How far regions grow.
    """

    def __init__(
        self, view: CompiledPacking, guide: ReducedCosts, taken: IntArray, workers: int, params: RegionParams
    ) -> None:
        if view.activation_cost.size:
            raise ValueError("regions cannot share activations")
        self._view = view
        self._guide = guide
        self._state = state_of(view, taken)
        self._workers = workers
        self._params = params
        self._lock = threading.Lock()
        self._by_row = np.argsort(view.load_row, kind="stable").astype(np.int32)

    def cost(self) -> int:
        """Cost of the placement as it stands."""
        return int(self._state.total[COST])

    def taken(self) -> IntArray:
        """A copy of the placement as it stands."""
        with self._lock:
            return self._state.taken.copy()

    def draw(self, random: np.random.Generator, size: int) -> list[IntArray]:
        """Share all items out among regions of roughly `size` options each; item numbers, ascending, of each region."""
        view = self._view
        count = max(1, round(view.option_cost.size / size))
        items = np.flatnonzero(np.diff(view.item_ptr) > 0)
        if count == 1:
            return [items]
        seeds = random.choice(items, min(count, items.size), replace=False)
        most = max(64, int(self._params.everywhere * view.option_cost.size))
        region = _grown(view, self._by_row, self._guide.rank, seeds, most)
        lost = items[region[items] < 0]
        region[lost] = random.integers(seeds.size, size=lost.size)
        order = items[np.argsort(region[items], kind="stable")]
        ends = np.cumsum(np.bincount(region[items], minlength=seeds.size))
        return [part for part in np.split(order, ends[:-1]) if part.size]

    def take(self, items: IntArray) -> Region:
        """Cut the region of these items (ascending) out of the placement."""
        view = self._view
        with self._lock:
            options, rows, lease, inside = _cut(view, self._state.taken, self._state.free, items, self._workers)
            np.subtract.at(self._state.free, rows, lease)
            before = self._state.taken[options]
        part = _part(view, items, options, rows, lease + inside)
        guide = self._guide
        length = np.diff(part.item_ptr)
        shift = np.repeat(view.item_ptr[items] - part.item_ptr[:-1], length)
        own = ReducedCosts(
            bound=guide.bound,
            excess=guide.excess[options],
            left_out=guide.left_out[items],
            rank=(guide.rank[options] - shift).astype(np.int32),
            cheapest=guide.cheapest[items],
            penalty=guide.penalty[items],
            spread=guide.spread,
        )
        return Region(options, rows, lease, part, own, state_of(part, before), before)

    def give(self, region: Region) -> None:
        """Put a region, as it stands now, back into the placement."""
        after = region.state.taken
        changed = np.flatnonzero(after != region.before)
        fewer = changed[after[changed] < region.before[changed]]
        more = changed[after[changed] > region.before[changed]]
        with self._lock:
            np.add.at(self._state.free, region.rows, region.lease)
            withdraw_all(self._view, self._state, region.options[fewer], (region.before - after)[fewer])
            place_all(self._view, self._state, region.options[more], (after - region.before)[more])


def _part(view: CompiledPacking, items: IntArray, options: IntArray, rows: IntArray, capacity: IntArray) -> CompiledPacking:
    """The view of the items alone, on rows numbered anew, with the given capacities."""
    item_ptr = np.concatenate(([0], np.cumsum(view.item_ptr[items + 1] - view.item_ptr[items])))
    length = view.load_ptr[options + 1] - view.load_ptr[options]
    load_ptr = np.concatenate(([0], np.cumsum(length)))
    at = np.repeat(view.load_ptr[options] - load_ptr[:-1], length) + np.arange(load_ptr[-1])
    load_row = np.searchsorted(rows, view.load_row[at]).astype(np.int32)
    none = np.zeros(0, dtype=np.int64)
    part = CompiledPacking(
        item_ptr=item_ptr,
        item_count=view.item_count[items],
        item_penalty=view.item_penalty[items],
        option_item=np.repeat(np.arange(items.size, dtype=np.int32), np.diff(item_ptr)),
        option_cost=view.option_cost[options],
        load_ptr=load_ptr,
        load_row=load_row,
        load_amount=view.load_amount[at],
        load_option=np.repeat(np.arange(options.size, dtype=np.int32), length),
        row_capacity=capacity,
        row_ptr=np.concatenate(([0], np.cumsum(np.bincount(load_row, minlength=rows.size)))),
        option_activation=np.full(options.size, -1, dtype=np.int32),
        activation_cost=none,
        activation_load_ptr=np.zeros(1, dtype=np.int64),
        activation_load_row=none.astype(np.int32),
        activation_load_amount=none,
        room=view.room[options],
        origin=options,
    )
    return fixed(part)


@kernel
def _cut(
    view: CompiledPacking, taken: IntArray, free: IntArray, items: IntArray, workers: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Options of the items; the rows that these load, ascending, the part of their room to lease, and what the items use.

    A row that other items can load too yields only its share of room, so that no neighbour stands without any.
    """
    length = 0
    for item in items:
        length += view.item_ptr[item + 1] - view.item_ptr[item]
    options = np.empty(length, dtype=np.int64)
    loads = np.zeros(view.row_capacity.size, dtype=np.int64)
    used = np.zeros(view.row_capacity.size, dtype=np.int64)
    filled = 0
    for item in items:
        for option in range(view.item_ptr[item], view.item_ptr[item + 1]):
            options[filled] = option
            filled += 1
            for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
                loads[view.load_row[at]] += 1
                used[view.load_row[at]] += taken[option] * view.load_amount[at]
    rows = np.flatnonzero(loads)
    lease = np.empty(rows.size, dtype=np.int64)
    for index in range(rows.size):
        row = rows[index]
        alone = loads[row] == view.row_ptr[row + 1] - view.row_ptr[row]
        lease[index] = free[row] if alone else free[row] // workers
    return options, rows, lease, used[rows]


@kernel
def _grown(view: CompiledPacking, by_row: Index, rank: Index, seeds: IntArray, most: int) -> NDArray[np.int64]:
    """Region of each item, int64[I]: that of the seed from which it is reached first, -1 if from none.

    From an item one gets to all that could load a row of its best-ranked options; rows with more than `most` loads are
    not passed.
    """
    region = np.full(view.item_count.size, -1, dtype=np.int64)
    passed = np.zeros(view.row_capacity.size, dtype=np.bool_)
    queue = np.empty(view.item_count.size, dtype=np.int64)
    end = 0
    for index in range(seeds.size):
        region[seeds[index]] = index
        queue[end] = seeds[index]
        end += 1
    begin = 0
    while begin < end:
        item = queue[begin]
        begin += 1
        first = view.item_ptr[item]
        for place in range(first, min(first + 2, view.item_ptr[item + 1])):
            option = rank[place]
            for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
                row = view.load_row[at]
                if passed[row] or view.row_ptr[row + 1] - view.row_ptr[row] > most:
                    continue
                passed[row] = True
                for position in range(view.row_ptr[row], view.row_ptr[row + 1]):
                    other = view.option_item[view.load_option[by_row[position]]]
                    if region[other] < 0:
                        region[other] = region[item]
                        queue[end] = other
                        end += 1
    return region
