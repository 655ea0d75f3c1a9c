"""Which options the engines get to see, and a bound that speaks of all of them.

Small spaces are listed whole. Of a large one only options that can matter are listed: the cheapest of each item first,
then, round by round, those that are cheapest at the prices of the list so far (column pricing, as in Dantzig and Wolfe
1960), and those that a plan made at these prices takes, since they show where there is room. Each pricing pass looks at
every legal option, so the Lagrangian bound with the least reduced cost over *all* of an item's options holds for the whole
space, whatever was listed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.bounds.bound import Terms, worth
from solver.bounds.lagrangian import Dual, Schedule, ascend, field_of, to_prices
from solver.bounds.view import view_of
from solver.engines import Prices, Solution
from solver.engines.first import carried_over
from solver.packing import Placement
from solver.packing.check import check
from solver.params import DEFAULTS, ColumnParams
from solver.running.budget import Deadline
from solver.space.filling import Filling, fill
from solver.space.market import Market
from solver.space.memory import Carried
from solver.space.options import Listed, Space
from solver.space.pricing import Options, Scan

Ints = npt.NDArray[np.int64]

# Prices are lowered until one load times its price stays below this, so that sums of a few dozen never overflow.
_PRICE_ROOM = 2**55


@dataclass(frozen=True)
class Choice:
    """Listed options with what is known about them.

    `start` is a legal plan in the list's numbers, good to improve on; `answer` is the cheapest one at hand, where the list
    is not the whole space. `play` says whether time is left for the engines. `price` is the worth of a unit of load on each
    row of the space, in 1/`scale` of a unit; `bound` holds over all of it. `complete` says that the list is the whole space,
    so that the engines' own bound holds too. `pass_seconds` is how long one pricing pass over all legal options takes.
    """

    listed: Listed
    start: Placement | None
    price: Ints
    scale: int
    bound: int
    complete: bool
    pass_seconds: float = 0.0
    answer: Solution | None = None
    play: bool = True

    @property
    def prices(self) -> Prices | None:
        """The prices of the listed rows, as the engines take them."""
        if not self.price.any():
            return None
        return Prices(self.price[self.listed.row], np.zeros(0, np.int64), self.scale)


def choose(
    space: Space,
    workers: int,
    deadline: Deadline,
    tell: Callable[[int, int, int, str], None],
    carried: Carried | None = None,
    params: ColumnParams = DEFAULTS.columns,
    executor: Executor | None = None,
) -> Choice:
    """List the options for the engines.

    Parameters
    ----------
    workers : int
        Cores to keep busy.
    deadline : Deadline
        Steps that it does not allow are left out; the list then stays as it is.
    tell : callable
        Told cost, bound and unplaced copies of the first plan, and why it is called, at each better bound.
    carried : Carried, optional
        What an earlier solve left: its plan is the first, its columns are listed, its prices are climbed on from.
    params : ColumnParams
        How much is listed and for how long.
    executor : Executor, optional
        Its threads share the loops over all legal options.
    """
    if int(space.at_most.sum()) <= params.list_all:
        return _everything(space, carried, executor)
    made = _Generation(space, workers, deadline, tell, carried, params, executor)
    for left in reversed(range(params.rounds)):
        priced = made.price()
        rises = made.prove(priced)
        step = made.decide(priced, rises, left)
        filled = made.fill(priced) if step.fill else None
        made.enlarge(priced, filled, step.play)
        if step.last:
            break
    return made.ended(step.play)


class _Priced(NamedTuple):
    """New prices: what each option is worth at them, what is cheapest among all, and what they prove of the listed options
    and of all."""

    market: Market
    found: Scan
    inside: float
    everywhere: int


class _Step(NamedTuple):
    """What a round comes to: whether it is the last one, whether the engines are to play after the last, and whether there
    is time to fill a plan anew."""

    last: bool
    play: bool
    fill: bool


class _Generation:
    """Column generation under way: the list and its prices, and the plans at hand. Parameters as for `choose`."""

    def __init__(
        self,
        space: Space,
        workers: int,
        deadline: Deadline,
        tell: Callable[[int, int, int, str], None],
        carried: Carried | None,
        params: ColumnParams,
        executor: Executor | None,
    ) -> None:
        self._space, self._workers, self._deadline, self._tell = space, workers, deadline, tell
        self._carried, self._params, self._executor = carried, params, executor
        self._took = _Stopwatch()
        self._choice, self._best = _begin(space, carried, self._took, params, executor)
        self._cost, self._unplaced = _first_cost(space, self._best, executor)
        #: The plan that the engines are to improve on.
        self._start = self._best
        self._passes = params.passes
        self._say("first")

    def price(self) -> _Priced:
        """Prices by ascent over the listed options, and a pricing pass over all."""
        space, params, took = self._space, self._params, self._took
        first = params.from_prices if self._choice.price.any() else params.from_nothing
        schedule = params.from_carried if self._carried else first
        proceed = partial(self._deadline.allows, 1.0, took["scan"] + took["list"])
        with took("climb"):
            price, scale, inside = climb(space, self._choice, self._passes, self._workers, proceed, schedule)
        with took("scan"):
            market = space.market(price, scale)
            found = space.scan(market, np.full(len(space.items), params.further), executor=self._executor)
            everywhere = bound_of(space, price, scale, found)
        self._choice = replace(self._choice, pass_seconds=took["scan"])
        return _Priced(market, found, inside, everywhere)

    def prove(self, priced: _Priced) -> bool:
        """Keep prices that prove more; returns whether the bound rises by so much that another round is worth it."""
        choice, everywhere = self._choice, priced.everywhere
        # The first prices of a poor list may say less than none at all, and are where the next climb begins all the same.
        first = not choice.price.any()
        rises = first or everywhere - choice.bound > self._params.rise * abs(everywhere)
        if first or everywhere > choice.bound:
            market, bound = priced.market, max(everywhere, choice.bound)
            self._choice = replace(choice, price=market.row, scale=market.scale, bound=bound)
            self._say("columns")
        return rises

    def decide(self, priced: _Priced, rises: bool, left: int) -> _Step:
        """What there is still time for, with `left` more rounds at most, by how long each step took before."""
        allows, took, params = self._deadline.allows, self._took, self._params
        missed = (priced.inside - priced.everywhere) / max(1, abs(priced.inside))
        enough = missed <= params.close and self._passes == params.most_passes
        another = params.longer * (took["climb"] * self._more_passes() / self._passes + took["scan"] + took["list"])
        # A plan and prices that were good before are hard to better here; that is for the engines.
        settled = self._carried is not None and not rises
        last = left == 0 or enough or settled or not allows(1.0 if rises else params.share, another)
        fill_and_list = params.longer * (took["fill"] + took["list"])
        play = not last or allows(1.0, fill_and_list + params.engine_lists * took["whole list"])
        ahead = params.longer * took["fill"] if not play else fill_and_list if last else fill_and_list + another
        return _Step(last, play, self._carried is None and allows(1.0, ahead))

    def fill(self, priced: _Priced) -> Filling:
        """A plan at the new prices.

        Better prices make a cheaper plan; and what it takes, which has room, makes better prices when it is listed.
        """
        space, market = self._space, priced.market
        with self._took("fill"):
            base = standing(space, market, self._executor)
            missing, residual = _remaining(space, base)
            filled = base + fill(space, market, missing, residual, priced.found, self._params.further, self._executor)
        cost, unplaced = _first_cost(space, filled, self._executor)
        if cost < (1 + self._params.near) * self._cost:
            self._start = filled
        if cost < self._cost:
            self._best, self._cost, self._unplaced = filled, cost, unplaced
            self._say("columns")
        return filled

    def enlarge(self, priced: _Priced, filled: Filling | None, play: bool) -> None:
        """Add to the list what is cheapest at the new prices and what the new plan takes."""
        space, listed = self._space, self._choice.listed
        more: tuple[Options | Filling, ...] = (priced.found,) if filled is None else (priced.found, filled)
        with self._took("list"):
            if play:
                listed = space.extend(listed, _union(space, *more), self._executor)
            else:
                # The engines will not see it, only a later solve, for which what is cheapest now and the plan will do.
                listed = space.expand(_union(space, priced.found, self._best), listed.row, self._executor)
            self._choice = replace(self._choice, listed=listed)
        self._passes = self._more_passes()

    def ended(self, play: bool) -> Choice:
        """The choice with the cheapest plan as an answer, and with one to improve on, if the engines are to play."""
        space, choice, best = self._space, self._choice, self._best
        if play:
            # Rows that the list cannot fill after all are in the engines' way.
            choice = replace(choice, listed=space.expand(choice.listed.options, executor=self._executor))
        plan, prices = _placement(space, choice.listed, best), choice.prices or Prices.zero(len(choice.listed.row))
        answer = Solution(
            plan.item, plan.option, plan.count, self._cost, choice.bound,
            "optimal" if self._cost == choice.bound else "feasible", self._unplaced, 0.0, 0.0, prices,
        )  # fmt: skip
        start = _placement(space, choice.listed, self._start if play else best)
        return replace(choice, start=start, answer=answer, play=play)

    def _more_passes(self) -> int:
        """Passes of the next ascent."""
        return min(round(self._params.growth * self._passes), self._params.most_passes)

    def _say(self, why: str) -> None:
        self._tell(self._cost, self._choice.bound, self._unplaced, why)


class _Stopwatch:
    """How many seconds each kind of step took when it was last done; 0 before that."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._seconds[step] = time.monotonic() - began

    def __getitem__(self, step: str) -> float:
        return self._seconds.get(step, 0.0)


def _everything(space: Space, carried: Carried | None, executor: Executor | None) -> Choice:
    """All options of a small space."""
    every = space.scan(space.market(), space.at_most, executor=executor)
    listed = space.expand(_union(space, every), executor=executor)
    choice = Choice(listed, None, np.zeros(space.row_count, np.int64), 1, 0, complete=True)
    if carried is None:
        base = standing(space, space.market(), executor)
        return replace(choice, start=_placement(space, listed, base)) if len(base.item) else choice
    start = _placement(space, listed, _kept(space, carried, executor))
    return replace(choice, start=start, price=carried.price, scale=carried.scale)


def _begin(
    space: Space, carried: Carried | None, took: _Stopwatch, params: ColumnParams, executor: Executor | None
) -> tuple[Choice, Filling]:
    """The first list of a large space, and the first plan: from cheap options, or from what an earlier solve left.

    The first bound is what the prices until then say: none, or those of the earlier solve.
    """
    if carried is None:
        market, price, scale = space.market(), np.zeros(space.row_count, np.int64), 1
        found = space.scan(market, params.first + 2 * np.minimum(space.items.count, 64), executor=executor)
        with took("fill"):
            base = standing(space, market, executor)
            filled = base + fill(space, market, *_remaining(space, base), found, params.first, executor)
        more = filled
    else:
        market, price, scale = space.market(carried.price, carried.scale), carried.price, carried.scale
        with took("fill"):
            kept = _kept(space, carried, executor)
            filled = kept + fill(space, market, *_remaining(space, kept), executor=executor)
        found = space.scan(market, np.full(len(space.items), params.further), executor=executor)
        more = Filling(carried.item, carried.host, carried.servers) + filled
    with took("whole list"):
        listed = space.expand(_union(space, found, more), executor=executor)
    return Choice(listed, None, price, scale, bound_of(space, price, scale, found), complete=False), filled


def widen(
    space: Space,
    choice: Choice,
    solution: Solution,
    params: ColumnParams = DEFAULTS.columns,
    executor: Executor | None = None,
) -> Choice:
    """List more options once a plan shows where there is room.

    Copies that the list left without a place look for one among all legal options, one after the other. Then every
    item gets its cheapest options that fit into what is still free.
    """
    listed, option = choice.listed, np.repeat(solution.option, solution.count)
    kept = Filling(np.repeat(solution.item, solution.count), listed.host[option], listed.servers[option])
    price, scale = _table(space, listed, solution.prices), solution.prices.scale
    market = space.market(price, scale)
    missing, residual = _remaining(space, kept)
    filled = fill(space, market, missing, residual, executor=executor)
    free = space.scan(market, np.full(len(space.items), params.free), residual, executor)
    wider = space.expand(_union(space, listed, filled, free), executor=executor)
    bound = max(choice.bound, settle(space, choice, solution.prices, executor))
    start = _placement(space, wider, kept + filled)
    return replace(choice, listed=wider, start=start, price=price, scale=scale, bound=bound)


def settle(space: Space, choice: Choice, prices: Prices, executor: Executor | None = None) -> int:
    """The bound over all legal options at any prices of the listed rows."""
    table = _table(space, choice.listed, prices)
    found = space.scan(space.market(table, prices.scale), np.ones(len(space.items), np.int64), executor=executor)
    return bound_of(space, table, prices.scale, found)


def climb(
    space: Space, choice: Choice, passes: int, workers: int, proceed: Callable[[], bool], schedule: Schedule
) -> tuple[Ints, int, float]:
    """Prices for all rows by Lagrangian ascent over the listed options, from the choice's; their scale; and what they say of
    the listed options."""
    listed = choice.listed
    view = view_of(listed.packing)
    field = field_of(listed.packing, view)
    start = None
    if choice.price.any():
        start = Dual(choice.price[listed.row] / choice.scale, np.zeros(field.pair_item.size), -np.inf)
    dual = ascend(view, field, start, passes, workers, lambda _: proceed(), schedule=schedule)
    prices = to_prices(listed.packing, view, field, dual)
    return _table(space, listed, prices), prices.scale, dual.value


def bound_of(space: Space, price: Ints, scale: int, found: Scan) -> int:
    """The bound over all legal options, given the scan `found` at these prices (see :mod:`solver.bounds.bound`)."""
    least = space.penalty * scale
    has = np.flatnonzero(np.diff(found.ptr) > 0)
    least[has] = np.minimum(least[has], found.value[found.ptr[has]])
    return Terms(least, -worth(price, space.capacity), scale).bound(space.items.count)


def _table(space: Space, listed: Listed, prices: Prices) -> Ints:
    """Prices by row of the space: those of rows that the list left out are zero."""
    table = np.zeros(space.row_count, np.int64)
    table[listed.row] = prices.row
    return np.minimum(table, _PRICE_ROOM // space.largest_load)


def _remaining(space: Space, kept: Filling) -> tuple[Ints, Ints]:
    """How many copies of each item are missing beside those that are kept, and the room that these leave on every row."""
    missing = space.items.count - np.bincount(kept.item, minlength=len(space.items))
    one = np.ones(len(kept.item), np.int64)
    return missing, space.capacity - space.loads(kept.item, kept.host, kept.servers, one)


def standing(space: Space, market: Market, executor: Executor | None = None) -> Filling:
    """All that runs and is free: as it is, or what is disturbed there at its cheapest place with room, if all of it has one.

    Everything staying as it is is always legal.
    """
    t, count = space.tables, space.items.count
    calm = staying(space, np.where((t.stay >= 0) & (t.stay_cost == 0), count, 0))
    missing, residual = _remaining(space, calm)
    missing[(t.stay < 0) | (t.stay_cost == 0)] = 0
    some = missing.any()
    moved = fill(space, market, missing, residual, executor=executor) if some else staying(space, missing)
    if len(moved.item) == missing.sum():
        return calm + moved
    return staying(space, np.where(t.stay >= 0, count, 0))


def staying(space: Space, copies: Ints) -> Filling:
    """So many copies of each item, where they run."""
    item = np.repeat(np.arange(len(space.items)), copies)
    return Filling(item, space.tables.stay[item], space.tables.stay_servers[item])


def _kept(space: Space, carried: Carried, executor: Executor | None) -> Filling:
    """What runs, where it runs, and of the other carried copies those that still fit beside it."""
    runs = space.tables.stay[carried.plan.item] >= 0
    others = Filling(*(column[~runs] for column in (carried.plan.item, carried.plan.host, carried.plan.servers)))
    plan = standing(space, space.market(carried.price, carried.scale), executor) + others
    listed = space.expand(_union(space, plan), executor=executor)
    hosts = space.places
    listable = np.isin(plan.item * hosts + plan.host, listed.item * hosts + listed.host)
    copies = Filling(plan.item[listable], plan.host[listable], plan.servers[listable])
    view = view_of(listed.packing)
    begin = _placement(space, listed, copies)
    first = np.argsort(space.tables.stay[begin.item] < 0, kind="stable")
    taken = carried_over(view, Placement(begin.item[first], begin.option[first], begin.count[first]))
    at = np.flatnonzero(taken)
    option = view.origin[at]
    return Filling(*(np.repeat(column[option], taken[at]) for column in (listed.item, listed.host, listed.servers)))


def _placement(space: Space, listed: Listed, copies: Filling) -> Placement:
    """A plan in a list's numbers; the list must hold every option that the plan takes."""
    hosts = space.places
    taken, count = np.unique(copies.item * hosts + copies.host, return_counts=True)
    option: Ints = np.asarray(np.searchsorted(listed.item * hosts + listed.host, taken), np.int64)
    return Placement(listed.item[option], option, count.astype(np.int64))


def _first_cost(space: Space, filled: Filling, executor: Executor | None) -> tuple[int, int]:
    """Cost and unplaced copies of the first plan, by the packing's independent checker."""
    listed = space.expand(_union(space, filled), executor=executor)
    plan = _placement(space, listed, filled)
    cost, faults = check(listed.packing, plan.item, plan.option, plan.count)
    if faults:
        raise RuntimeError(f"the first plan is not legal: {faults[0]}")
    return cost, int(space.items.count.sum()) - len(filled.item)


def _union(space: Space, *parts: Listed | Options | Filling) -> Options:
    """All options of several lists, each once."""
    hosts = space.places
    key = np.concatenate([part.item * hosts + part.host for part in parts])
    distinct, first = np.unique(key, return_index=True)
    servers = np.concatenate([part.servers for part in parts])[first]
    item = distinct // hosts
    ptr = np.searchsorted(item, np.arange(len(space.items) + 1)).astype(np.int64)
    return Options(ptr, distinct % hosts, servers)
