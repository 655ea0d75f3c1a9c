"""Row prices by smoothed Lagrangian ascent: the bound of the linear relaxation without ever building it.

The dual function (see `bound`) is concave and piecewise linear. Its minimum over the options of an item is smoothed to an
entropic soft minimum (Nesterov 2005) whose temperature falls, and climbed by Adam (Kingma and Ba 2015) with
prices kept non-negative. Every pass also gives the unsmoothed value at its prices, so the best is known. Floating
point is allowed here because the result is only prices; `bound.item_terms` makes the proof.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.bound import row_owner
from solver.bounds.view import View, load_worth, total_at
from solver.compiled import kernel
from solver.packing import IntArray, Packing
from solver.packing.solution import Prices

Reals = NDArray[np.float64]


class Dual(NamedTuple):
    """Prices in cost units: `row` float64[R], `pair` float64[P] (one for each item-activation pair), and their value."""

    row: Reals
    pair: Reals
    value: float


class Schedule(NamedTuple):
    """How an ascent cools down: temperatures, in units of `Field.spread`, and the first steps of a price, in its unit."""

    hot: float
    cold: float
    stride: float


#: Schedules of an ascent from nothing, and from prices that are known to be good.
FROM_NOTHING, FROM_PRICES = Schedule(0.3, 0.002, 0.1), Schedule(0.02, 0.002, 0.02)


class Field(NamedTuple):
    """What the ascent needs besides the view: activation pairs, owners and natural units."""

    pair: IntArray
    pair_item: IntArray
    pair_activation: IntArray
    owner: IntArray
    unit: Reals
    spread: float


def field_of(packing: Packing, view: View) -> Field:
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
    )


def _spread(view: View) -> float:
    """Mean over items of what the typical option costs more than the cheapest, at least 1."""
    length = np.diff(view.item_ptr)
    several = np.flatnonzero(length > 1)
    if several.size == 0:
        return max(1.0, float(view.option_cost.mean()) if view.option_cost.size else 1.0)
    starts = view.item_ptr[:-1][length > 0]
    low = np.minimum.reduceat(view.option_cost, starts)
    mean = np.add.reduceat(view.option_cost, starts) / length[length > 0]
    return max(1.0, float((mean - low).mean()))


def ascend(
    view: View,
    field: Field,
    start: Dual | None,
    passes: int,
    workers: int,
    proceed: Callable[[Dual], bool],
    pace: Callable[[], float] | None = None,
    schedule: Schedule | None = None,
) -> Dual:
    """Climb the dual function.

    Parameters
    ----------
    view, field : View, Field
        The packing.
    start : Dual, optional
        Prices to begin with.
    passes : int
        Passes over all options.
    workers : int
        Threads to spread a pass over.
    proceed : callable
        Called with the best prices every few passes; returning False ends the ascent.
    pace : callable, optional
        Share of the time budget that is used up; where passes are slow the schedule follows it and ends at 1.
    schedule : Schedule, optional
        Otherwise `FROM_NOTHING`, or `FROM_PRICES` if there is a start.

    Returns
    -------
    Dual
        The best prices seen.
    """
    rows, pairs = view.row_capacity.size, field.pair_item.size
    price = np.concatenate((start.row / field.unit, start.pair / field.spread)) if start else np.zeros(rows + pairs)
    slope, curve = np.zeros_like(price), np.zeros_like(price)
    best = Dual(price[:rows] * field.unit, price[rows:] * field.spread, -np.inf)
    norm = np.maximum(view.row_capacity.astype(np.float64), 1.0)
    cuts = _cuts(view, workers)
    parts = [(np.zeros(rows), np.zeros(pairs)) for _ in cuts]
    hot, cold, stride = schedule or (FROM_NOTHING if start is None else FROM_PRICES)
    share = 0.0
    with ThreadPoolExecutor(len(cuts)) as pool:
        for step in range(passes):
            row_price, pair_price = price[:rows] * field.unit, price[rows:] * field.spread
            share = max(share, step / passes, 0.0 if pace is None else pace())
            if share >= 1.0:
                break
            warmth = hot * (cold / hot) ** share

            def part(index: int, row: Reals = row_price, pair: Reals = pair_price, warm: float = warmth) -> float:
                low, high = cuts[index]
                load, use = parts[index]
                return _pass(view, field.pair, row, pair, field.spread * warm, low, high, load, use)

            value = sum(pool.map(part, range(len(cuts)))) if len(cuts) > 1 else part(0)
            load = np.sum([one[0] for one in parts], axis=0)
            use = np.sum([one[1] for one in parts], axis=0)
            value += _capacity_side(view, field, row_price, pair_price, field.spread * warmth, load, use)
            if value > best.value:
                best = Dual(row_price, pair_price, value)
            if step % 16 == 15 and not proceed(best):
                break
            rise = np.concatenate((load / norm, use / np.maximum(view.item_count[field.pair_item], 1)))
            slope += 0.1 * (rise - slope)
            curve += 0.01 * (rise * rise - curve)
            rate = stride * (warmth / hot) ** 0.75
            fade = 1 - 0.99 ** (step + 1)
            price += rate * slope / (1 - 0.9 ** (step + 1)) / (np.sqrt(curve / fade) + 1e-9)
            np.maximum(price, 0.0, out=price)
    proceed(best)
    return best


def to_prices(packing: Packing, view: View, field: Field, dual: Dual) -> Prices:
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


def from_prices(view: View, field: Field, prices: Prices) -> Dual:
    """The reverse of `to_prices`."""
    pair = np.zeros(field.pair_item.size)
    if prices.share.size and pair.size:
        linked = field.pair >= 0
        pair[field.pair[linked]] = prices.share[view.origin[linked]] / prices.scale
    return Dual(prices.row / prices.scale, pair, -np.inf)


def reduced_costs(view: View, field: Field, dual: Dual) -> Reals:
    """Cost of each live option plus the worth of all it needs, float64[O]."""
    reduced = view.option_cost + load_worth(view, dual.row)
    linked = field.pair >= 0
    reduced[linked] += dual.pair[field.pair[linked]]
    return np.asarray(reduced)


def _cuts(view: View, workers: int) -> list[tuple[int, int]]:
    """Item ranges of about equal numbers of options; small packings are not worth a second thread."""
    options = view.option_cost.size
    parts = workers if options > 50_000 else 1
    at = np.searchsorted(view.item_ptr, np.linspace(0, options, parts + 1))
    at[0], at[-1] = 0, view.item_count.size
    return [(int(low), int(high)) for low, high in zip(at[:-1], at[1:], strict=True)]


@kernel
def _pass(
    view: View,
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
    view: View, field: Field, row_price: Reals, pair_price: Reals, warmth: float, load: Reals, use: Reals
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
