"""Which options the engines get to see, and a bound that speaks of all of them.

Small spaces are listed whole. Of a large one only options that can matter are listed: the cheapest of each item first,
then, round by round, those that are cheapest at the prices of the list so far (column pricing, as in Dantzig and Wolfe
1960). Each pricing pass looks at every legal option, so the Lagrangian bound with the least reduced cost over *all* of
an item's options holds for the whole space, whatever was listed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.engines import Prices
from solver.engines.bound import item_terms
from solver.engines.lagrangian import Dual, ascend, field_of, to_prices
from solver.engines.view import view_of
from solver.options import Listed, Options, Space

Ints = npt.NDArray[np.int64]

#: Spaces of at most this many legal options are listed whole.
LIST_ALL = 400_000

#: Options of each item listed at first, and looked at in each pricing pass.
_FIRST, _NEXT = 16, 6

#: Pricing ends when the bound over all options is this close to the bound over the listed ones.
_CLOSE = 2e-4

_ROUNDS, _PASSES = 8, 240

# Prices are lowered until one load times its price stays below this, so that sums of a few dozen never overflow.
_PRICE_ROOM = 2**55


@dataclass(frozen=True)
class Choice:
    """Listed options with what pricing learned.

    `bound` holds over the whole space. `complete` says that the list is the whole space, and the engines' own bound
    holds too. `pass_seconds` is how long one pricing pass takes.
    """

    listed: Listed
    prices: Prices
    bound: int
    complete: bool
    pass_seconds: float = 0.0


def choose(space: Space, executor: Executor, workers: int, proceed: Callable[[], bool]) -> Choice:
    """List the options for the engines.

    Parameters
    ----------
    executor : Executor
        Runs blocks of a pricing pass; threads suffice.
    workers : int
        How many of them to keep busy.
    proceed : callable
        Asked between rounds; answering False keeps the list as it is.
    """
    legal = space.count(executor, workers)
    if int(legal.sum()) <= LIST_ALL:
        listed = space.expand(_options(space, None, 1, legal, executor, workers))
        return Choice(listed, Prices.zero(listed.packing.rows), 0, complete=True)
    room = np.minimum(legal, _FIRST + 2 * np.minimum(space.items.count, 64))
    options = _options(space, None, 1, room, executor, workers)
    best: Choice | None = None
    for _ in range(_ROUNDS):
        listed = space.expand(options)
        prices = climb(listed, best, workers, proceed)
        began = time.monotonic()
        found = _options(space, price_rows(space, listed, prices), prices.scale, np.minimum(legal, _NEXT), executor, workers)
        seconds = time.monotonic() - began
        inside, everywhere = bounds(space, listed, prices, found)
        if best is None or everywhere > best.bound:
            best = Choice(listed, prices, everywhere, complete=False, pass_seconds=seconds)
        if inside - everywhere <= _CLOSE * max(1, abs(inside)) or not proceed():
            break
        options = _union(options, found, len(space.hosts))
    assert best is not None
    return replace(best, listed=listed)


def climb(listed: Listed, before: Choice | None, workers: int, proceed: Callable[[], bool]) -> Prices:
    """Prices of the listed options' rows by Lagrangian ascent, from the prices of an earlier list where there is one."""
    view = view_of(listed.packing)
    field = field_of(listed.packing, view)
    start = None
    if before is not None:
        known = dict(zip(before.listed.row.tolist(), (before.prices.row / before.prices.scale).tolist(), strict=True))
        row = np.array([known.get(r, 0.0) for r in listed.row.tolist()])
        start = Dual(row, np.zeros(field.pair_item.size), -np.inf)
    dual = ascend(view, field, start, _PASSES if start is None else _PASSES // 2, workers, lambda _: proceed())
    return to_prices(listed.packing, view, field, dual)


def price_rows(space: Space, listed: Listed, prices: Prices) -> Ints:
    """Prices by row of the space: those of rows that the list left out are zero."""
    table = np.zeros(space.row_count, np.int64)
    table[listed.row] = prices.row
    return np.minimum(table, _PRICE_ROOM // space.largest_load)


def bounds(space: Space, listed: Listed, prices: Prices, found: Options) -> tuple[int, int]:
    """The bound over the listed options only, and over all legal ones, given the scan `found` at these prices."""
    lowered = replace(prices, row=price_rows(space, listed, prices)[listed.row])
    terms = item_terms(listed.packing, lowered)
    least = terms.item.copy()
    has = np.flatnonzero(np.diff(found.ptr) > 0)
    least[has] = np.minimum(least[has], found.value[found.ptr[has]])
    count = listed.packing.item_count
    return terms.bound(count), terms._replace(item=least).bound(count)


def complete_bound(space: Space, choice: Choice, prices: Prices, executor: Executor, workers: int) -> int:
    """The bound over all legal options at any prices of the listed rows."""
    table = price_rows(space, choice.listed, prices)
    one = np.ones(len(space.items), np.int64)
    found = _options(space, table, prices.scale, one, executor, workers)
    return bounds(space, choice.listed, prices, found)[1]


def _options(space: Space, prices: Ints | None, scale: int, room: Ints, executor: Executor, workers: int) -> Options:
    scan = space.scan(prices, scale, room, executor, 4 * workers)
    return Options(scan.ptr, scan.host, scan.servers, scan.value)


def _union(old: Options, new: Options, hosts: int) -> Options:
    """Options of either, each once."""
    key = np.concatenate((old.item * hosts + old.host, new.item * hosts + new.host))
    _, first = np.unique(key, return_index=True)
    item = np.concatenate((old.item, new.item))[first]
    pairs = ((old.host, new.host), (old.servers, new.servers), (old.value, new.value))
    columns = (np.concatenate(pair)[first] for pair in pairs)
    return Options(np.searchsorted(item, np.arange(len(old.ptr))).astype(np.int64), *columns)
