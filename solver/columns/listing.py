"""The list: options of a space for the engines to see, with the prices and the bound that are known."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.bounds.bound import Terms, capacity_value
from solver.columns.plans import carried_plan, placement_of, remaining, standing, union
from solver.engines import Prices, Solution
from solver.packing import Placement
from solver.params import DEFAULTS, ColumnParams
from solver.running.budget import Stopwatch
from solver.space.construct import PlacedCopies, construct
from solver.space.options import Listed, Space
from solver.space.pricing import Scan
from solver.space.warm_start import Carried

Ints = npt.NDArray[np.int64]

# Prices are lowered until one load times its price stays below this, so that sums of a few dozen never overflow.
_PRICE_ROOM = 2**55


@dataclass(frozen=True)
class RestrictedMaster:
    """Listed options with what is known about them.

    `start` is a legal plan in the list's numbers, good to improve on; `answer` is the cheapest one at hand, where the list
    is not the whole space. `run_engines` says whether time is left for the engines. `price` is the dual value of each row of
    the space, in 1/`scale` of money a unit; `bound` holds over the whole space. `complete` says that the list is the
    whole space, so that the engines' own bound holds too. `pass_seconds` is the time of one pricing pass over all legal
    options.
    """

    listed: Listed
    start: Placement | None
    price: Ints
    scale: int
    bound: int
    complete: bool
    pass_seconds: float = 0.0
    answer: Solution | None = None
    run_engines: bool = True

    @property
    def prices(self) -> Prices | None:
        """The prices of the listed rows, as the engines take them."""
        if not self.price.any():
            return None
        return Prices(self.price[self.listed.row], np.zeros(0, np.int64), self.scale)


def whole_list(space: Space, carried: Carried | None, executor: Executor | None) -> RestrictedMaster:
    """All options of a small space."""
    every = space.scan(space.price_tables(), space.at_most, executor=executor)
    listed = space.expand(union(space, every), executor=executor)
    master = RestrictedMaster(listed, None, np.zeros(space.row_count, np.int64), 1, 0, complete=True)
    if carried is None:
        base = standing(space, space.price_tables(), executor)
        return replace(master, start=placement_of(space, listed, base)) if len(base.item) else master
    start = placement_of(space, listed, carried_plan(space, carried, executor))
    return replace(master, start=start, price=carried.price, scale=carried.scale)


def first_list(
    space: Space, carried: Carried | None, took: Stopwatch, params: ColumnParams, executor: Executor | None
) -> tuple[RestrictedMaster, PlacedCopies]:
    """The first list of a large space, and the first plan: from cheap options, or from what an earlier solve left.

    The first bound is what the prices until then say: none, or those of the earlier solve.
    """
    if carried is None:
        price_tables, price, scale = space.price_tables(), np.zeros(space.row_count, np.int64), 1
        found = space.scan(price_tables, params.first + 2 * np.minimum(space.items.count, 64), executor=executor)
        with took("greedy"):
            base = standing(space, price_tables, executor)
            filled = base + construct(space, price_tables, *remaining(space, base), found, params.first, executor)
        more = filled
    else:
        price_tables, price, scale = space.price_tables(carried.price, carried.scale), carried.price, carried.scale
        with took("greedy"):
            kept = carried_plan(space, carried, executor)
            filled = kept + construct(space, price_tables, *remaining(space, kept), executor=executor)
        found = space.scan(price_tables, np.full(len(space.items), params.further), executor=executor)
        more = PlacedCopies(carried.item, carried.host, carried.servers) + filled
    with took("first list"):
        listed = space.expand(union(space, found, more), executor=executor)
    return RestrictedMaster(listed, None, price, scale, bound_of(space, price, scale, found), complete=False), filled


def enlarge(
    space: Space,
    master: RestrictedMaster,
    solution: Solution,
    params: ColumnParams = DEFAULTS.columns,
    executor: Executor | None = None,
) -> RestrictedMaster:
    """List more options once a plan shows where there is room.

    Copies that the list left without a place look for one among all legal options, one after the other. Then every
    item gets its cheapest options that fit into what is still free.
    """
    listed, option = master.listed, np.repeat(solution.option, solution.count)
    kept = PlacedCopies(np.repeat(solution.item, solution.count), listed.host[option], listed.servers[option])
    price, scale = row_prices(space, listed, solution.prices), solution.prices.scale
    price_tables = space.price_tables(price, scale)
    missing, residual = remaining(space, kept)
    filled = construct(space, price_tables, missing, residual, executor=executor)
    free = space.scan(price_tables, np.full(len(space.items), params.free), residual, executor)
    larger = space.expand(union(space, listed, filled, free), executor=executor)
    bound = max(master.bound, price_out(space, master, solution.prices, executor))
    start = placement_of(space, larger, kept + filled)
    return replace(master, listed=larger, start=start, price=price, scale=scale, bound=bound)


def price_out(space: Space, master: RestrictedMaster, prices: Prices, executor: Executor | None = None) -> int:
    """The bound over all legal options at any prices of the listed rows."""
    table = row_prices(space, master.listed, prices)
    found = space.scan(space.price_tables(table, prices.scale), np.ones(len(space.items), np.int64), executor=executor)
    return bound_of(space, table, prices.scale, found)


def bound_of(space: Space, price: Ints, scale: int, found: Scan) -> int:
    """The bound over all legal options, given the scan `found` at these prices (see :mod:`solver.bounds.bound`)."""
    least = space.penalty * scale
    has = np.flatnonzero(np.diff(found.ptr) > 0)
    least[has] = np.minimum(least[has], found.value[found.ptr[has]])
    return Terms(least, -capacity_value(price, space.capacity), scale).bound(space.items.count)


def row_prices(space: Space, listed: Listed, prices: Prices) -> Ints:
    """Prices by row of the space: those of rows that the list left out are zero."""
    table = np.zeros(space.row_count, np.int64)
    table[listed.row] = prices.row
    return np.minimum(table, _PRICE_ROOM // space.largest_load)
