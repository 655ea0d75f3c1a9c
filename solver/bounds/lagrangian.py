"""Row prices by smoothed Lagrangian ascent: the bound of the linear relaxation without ever building it.

The dual function (see `bound`) is concave and piecewise linear. Its minimum over the options of an item is smoothed to an
entropic soft minimum (Nesterov 2005) whose temperature falls, and ascended by Adam (Kingma and Ba 2015) with
prices kept non-negative. Every pass also gives the unsmoothed value at its prices, so the best is known. Floating
point is allowed here because the result is only prices; `bound.item_terms` makes the proof.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from solver.bounds.bound import row_owner
from solver.bounds.compiled_packing import CompiledPacking, load_value, total_at
from solver.compiled import kernel
from solver.packing import IntArray, Packing
from solver.packing.solution import Prices
from solver.params import DEFAULTS, Schedule

Reals = NDArray[np.float64]


class Dual(NamedTuple):
    """Prices in cost units: `row` float64[R], `pair` float64[P] (one for each item-activation pair), and their value."""

    row: Reals
    pair: Reals
    value: float


class Field(NamedTuple):
    """What the ascent needs besides the view: activation pairs, owners and natural units.

    `spread` is what the options of an item differ by, `reach` so many times that is what a copy costs more unplaced than on
    its cheapest option: what the price of a full row may come to.
    """

    pair: IntArray
    pair_item: IntArray
    pair_activation: IntArray
    owner: IntArray
    unit: Reals
    spread: float
    reach: float


def field_of(packing: Packing, view: CompiledPacking) -> Field:
    """Pairs, owners and units of a packing.

    The unit of a row's price is the typical difference between an item's options over the typical load on the row.
    """
    linked = np.flatnonzero(view.option_activation >= 0)
    pair = np.full(view.option_cost.size, -1, dtype=np.int64)
    activations = max(1, view.activation_cost.size)
    key = view.option_item[linked].astype(np.int64) * activations + view.option_activation[linked]
    keys, pair[linked] = np.unique(key, return_inverse=True)
    amounts = total_at(view.row_capacity.size, view.load_row, view.load_amount)
    entries = np.diff(view.row_ptr)
    spread = _spread(view)
    return Field(
        pair=pair,
        pair_item=keys // activations,
        pair_activation=keys % activations,
        owner=row_owner(packing),
        unit=spread * np.maximum(entries, 1) / np.maximum(amounts, 1),
        spread=spread,
        reach=max(1.0, _gain(view) / spread),
    )


def scarce(view: CompiledPacking, placed: IntArray, missing: int) -> bool:
    """Whether copies that have options are unplaced for want of room, as far as a plan and a bound can tell.

    Prices from small steps never come to what an unplaced copy costs. So where most of what is `missing` between the bound
    and the cost of a plan is what its unplaced copies cost, steps have to begin with that.

    Parameters
    ----------
    placed : int64[I]
        Copies of each item that the plan places.
    missing : int
        Cost of the plan less the bound.
    """
    unplaced = (view.item_count - placed) * _gains(view)
    return 0 < 0.5 * float(unplaced.sum()) < missing


def _gains(view: CompiledPacking) -> Reals:
    """What a copy of each item costs more unplaced than on its cheapest option, float64[I]; 0 without options."""
    cheapest = view.item_penalty.copy()
    np.minimum.at(cheapest, view.option_item, view.option_cost)
    return (view.item_penalty - cheapest).astype(np.float64)


def _gain(view: CompiledPacking) -> float:
    """The mean of that over all copies that have options."""
    copies = np.where(np.diff(view.item_ptr) > 0, view.item_count, 0)
    return float(copies @ _gains(view)) / max(1, int(copies.sum()))


def _spread(view: CompiledPacking) -> float:
    """Mean over items of what the typical option costs more than the cheapest, at least 1."""
    length = np.diff(view.item_ptr)
    several = np.flatnonzero(length > 1)
    if several.size == 0:
        return max(1.0, float(view.option_cost.mean()) if view.option_cost.size else 1.0)
    starts = view.item_ptr[:-1][length > 0]
    low = np.minimum.reduceat(view.option_cost, starts)
    mean = np.add.reduceat(view.option_cost, starts) / length[length > 0]
    return max(1.0, float((mean - low).mean()))


class Ascent:
    """An ascent of the dual function, pass by pass.

    The caller counts the passes that it has time for: the ascent itself knows no clock. A context manager, which keeps the
    threads.

    Parameters
    ----------
    view, field : CompiledPacking, Field
        The packing.
    start : Dual, optional
        Prices to begin with.
    passes : int
        Passes over all options.
    workers : int
        Threads to spread a pass over.
    schedule : Schedule, optional
        Otherwise those of the defaults: from nothing, or from prices if there is a start.
    threaded : int
        Options beyond which a pass is worth a second thread.
    """

    def __init__(
        self,
        view: CompiledPacking,
        field: Field,
        start: Dual | None,
        passes: int,
        workers: int,
        schedule: Schedule | None = None,
        threaded: int = DEFAULTS.pricing.threaded,
    ) -> None:
        rows, pairs = view.row_capacity.size, field.pair_item.size
        self._view, self._field, self._rows = view, field, rows
        self._schedule = schedule or (DEFAULTS.pricing.from_nothing if start is None else DEFAULTS.pricing.from_prices)
        self._all, self._share = passes, 0.0
        begin = (start.row / field.unit, start.pair / field.spread) if start else (np.zeros(rows), np.zeros(pairs))
        #: Prices in their units, the running mean of the slope, and that of its square (Adam).
        self._price = np.concatenate(begin)
        self._slope, self._curve = np.zeros_like(self._price), np.zeros_like(self._price)
        self._norm = np.maximum(view.row_capacity.astype(np.float64), 1.0)
        self._cuts = _cuts(view, workers if view.option_cost.size > threaded else 1)
        self._parts = [(np.zeros(rows), np.zeros(pairs)) for _ in self._cuts]
        self._pool = ThreadPoolExecutor(len(self._cuts)) if len(self._cuts) > 1 else None
        #: The best prices seen, and how many passes there were.
        self.best = Dual(*self._prices(), -np.inf)
        self.passes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def step(self, used: float = 0.0) -> bool:
        """Make one pass; returns False, and makes none, once all are made.

        Parameters
        ----------
        used : float
            Share of the time that is used up; where passes are slow the schedule follows it, and ends at 1.
        """
        self._share = max(self._share, self.passes / self._all if self._all else 1.0, used)
        if self._share >= 1.0:
            return False
        field, schedule = self._field, self._schedule
        warmth = schedule.hot * (schedule.cold / schedule.hot) ** self._share
        row, pair = self._prices()
        value, load, use = self._relaxed(row, pair, field.spread * warmth)
        if value > self.best.value:
            self.best = Dual(row, pair, value)
        self.passes += 1
        rise = np.concatenate((load / self._norm, use / np.maximum(self._view.item_count[field.pair_item], 1)))
        self._slope += 0.1 * (rise - self._slope)
        self._curve += 0.01 * (rise * rise - self._curve)
        rate = schedule.stride * (warmth / schedule.hot) ** schedule.fall
        fade = 1 - 0.99**self.passes
        self._price += rate * self._slope / (1 - 0.9**self.passes) / (np.sqrt(self._curve / fade) + 1e-9)
        np.maximum(self._price, 0.0, out=self._price)
        return True

    def _prices(self) -> tuple[Reals, Reals]:
        """Prices of rows and of pairs, in cost units."""
        return self._price[: self._rows] * self._field.unit, self._price[self._rows :] * self._field.spread

    def _relaxed(self, row: Reals, pair: Reals, warmth: float) -> tuple[float, Reals, Reals]:
        """Value of the dual function at the prices, and its smoothed slopes by the prices of rows and of pairs."""

        def part(index: int) -> float:
            return _pass(self._view, self._field.pair, row, pair, warmth, *self._cuts[index], *self._parts[index])

        value = part(0) if self._pool is None else sum(self._pool.map(part, range(len(self._cuts))))
        load = np.sum([one[0] for one in self._parts], axis=0)
        use = np.sum([one[1] for one in self._parts], axis=0)
        value += _capacity_side(self._view, self._field, row, pair, warmth, load, use)
        return value, load, use


def ascend(view: CompiledPacking, field: Field, start: Dual | None, passes: int, workers: int = 1) -> Dual:
    """The best prices of a whole ascent, however long it takes; arguments as for `Ascent`."""
    with Ascent(view, field, start, passes, workers) as ascent:
        while ascent.step():
            pass
        return ascent.best


def to_prices(packing: Packing, view: CompiledPacking, field: Field, dual: Dual) -> Prices:
    """The dual as whole numbers, at the finest power-of-two scale that keeps every total within 64 bits."""
    total = float(view.item_count @ view.item_penalty.astype(np.float64))
    total += float(dual.row @ view.row_capacity) + float(packing.activation_cost.sum())
    scale = 1 << max(0, min(20, 59 - int(max(total, 1.0)).bit_length()))
    row = np.floor(np.minimum(dual.row * scale, 2.0**61)).astype(np.int64)
    share = np.zeros(packing.options if field.pair_item.size else 0, dtype=np.int64)
    if field.pair_item.size:
        linked = field.pair >= 0
        value = np.floor(np.minimum(dual.pair * scale, 2.0**61)).astype(np.int64)
        share[view.origin[linked]] = value[field.pair[linked]]
    return Prices(row, share, scale)


def from_prices(view: CompiledPacking, field: Field, prices: Prices) -> Dual:
    """The reverse of `to_prices`."""
    pair = np.zeros(field.pair_item.size)
    if prices.share.size and pair.size:
        linked = field.pair >= 0
        pair[field.pair[linked]] = prices.share[view.origin[linked]] / prices.scale
    return Dual(prices.row / prices.scale, pair, -np.inf)


def reduced_costs(view: CompiledPacking, field: Field, dual: Dual) -> Reals:
    """Cost of each live option plus the dual value of all it needs, float64[O]."""
    reduced = view.option_cost + load_value(view, dual.row)
    linked = field.pair >= 0
    reduced[linked] += dual.pair[field.pair[linked]]
    return np.asarray(reduced)


def _cuts(view: CompiledPacking, workers: int) -> list[tuple[int, int]]:
    """Item ranges of about equal numbers of options, one for each thread."""
    at = np.searchsorted(view.item_ptr, np.linspace(0, view.option_cost.size, workers + 1))
    at[0], at[-1] = 0, view.item_count.size
    return [(int(low), int(high)) for low, high in zip(at[:-1], at[1:], strict=True)]


@kernel
def _pass(
    view: CompiledPacking,
    pair: IntArray,
    row_price: Reals,
    pair_price: Reals,
    warmth: float,
    low: int,
    high: int,
    load: Reals,
    use: Reals,
) -> float:
    """One pass over the items low..high-1: fills what the soft choice loads and uses, returns the hard minimum."""
    load[:] = 0.0
    use[:] = 0.0
    widest = 0
    for item in range(low, high):
        widest = max(widest, view.item_ptr[item + 1] - view.item_ptr[item])
    reduced = np.empty(widest)
    total = 0.0
    for item in range(low, high):
        first, end = view.item_ptr[item], view.item_ptr[item + 1]
        least = float(view.item_penalty[item])
        for option in range(first, end):
            value = float(view.option_cost[option])
            for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
                value += row_price[view.load_row[at]] * view.load_amount[at]
            if pair[option] >= 0:
                value += pair_price[pair[option]]
            reduced[option - first] = value
            least = min(least, value)
        total += view.item_count[item] * least
        mass = np.exp((least - view.item_penalty[item]) / warmth)
        for option in range(first, end):
            depth = (least - reduced[option - first]) / warmth
            weight = np.exp(depth) if depth > -16.0 else 0.0
            reduced[option - first] = weight
            mass += weight
        factor = view.item_count[item] / mass
        for option in range(first, end):
            weight = reduced[option - first] * factor
            if weight > 0.0:
                for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
                    load[view.load_row[at]] += weight * view.load_amount[at]
                if pair[option] >= 0:
                    use[pair[option]] += weight
    return total


def _capacity_side(
    view: CompiledPacking, field: Field, row_price: Reals, pair_price: Reals, warmth: float, load: Reals, use: Reals
) -> float:
    """Value of the part without items; turns loads and uses into the dual's slopes in place."""
    worth = row_price * view.row_capacity
    owned = field.owner >= 0
    if view.activation_cost.size == 0:
        np.subtract(load, view.row_capacity, out=load)
        return -float(worth.sum())
    slack = view.activation_cost.astype(np.float64)
    np.subtract.at(slack, field.owner[owned], worth[owned])
    lengths = np.diff(view.activation_load_ptr)
    loader = np.repeat(np.arange(lengths.size), lengths)
    np.add.at(slack, loader, row_price[view.activation_load_row] * view.activation_load_amount)
    copies = view.item_count[field.pair_item]
    np.subtract.at(slack, field.pair_activation, copies * pair_price)
    # A closed activation is one whose slack is positive; smoothed likewise, over its own natural width.
    width = np.maximum(warmth * np.sqrt(total_at(slack.size, field.pair_activation, copies)), 1e-9)
    opened = 1.0 / (1.0 + np.exp(np.clip(slack / width, -60.0, 60.0)))
    capacity = view.row_capacity.astype(np.float64)
    capacity[owned] *= opened[field.owner[owned]]
    load -= capacity
    np.add.at(load, view.activation_load_row, opened[loader] * view.activation_load_amount)
    use -= copies * opened[field.pair_activation]
    return float(np.minimum(slack, 0.0).sum() - worth[~owned].sum())
