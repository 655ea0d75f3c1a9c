"""Column generation: prices by ascent, a pricing pass over all options, a plan at these prices, and more options listed."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import Ascent, Dual, field_of, scarce, to_prices
from solver.columns.listing import RestrictedMaster, bound_of, first_list, row_prices, whole_list
from solver.columns.plans import first_cost, placement_of, remaining, standing, union
from solver.engines import Prices, Solution
from solver.params import DEFAULTS, Schedule, SolveParams
from solver.running.budget import Budget, Stopwatch
from solver.running.observer import Observer
from solver.space.construct import PlacedCopies, construct
from solver.space.options import Space
from solver.space.price_tables import PriceTables
from solver.space.pricing import Options, Scan
from solver.space.warm_start import Carried

Ints = npt.NDArray[np.int64]


def generate(
    space: Space,
    workers: int,
    budget: Budget,
    observer: Observer,
    carried: Carried | None = None,
    params: SolveParams = DEFAULTS,
    executor: Executor | None = None,
    took: Stopwatch | None = None,
) -> RestrictedMaster:
    """List the options for the engines.

    Parameters
    ----------
    workers : int
        Cores to keep busy.
    budget : Budget
        Steps that it does not allow are left out; the list then stays as it is.
    observer : Observer
        Hears of the first plan, and of each better plan and bound.
    carried : Carried, optional
        What an earlier solve left: its plan is the first, its columns are listed, its prices are where the ascent begins.
    params : SolveParams
        Its `columns` say how much is listed and for how long.
    executor : Executor, optional
        Its threads share the loops over all legal options.
    took : Stopwatch, optional
        Counts the seconds of each kind of step.
    """
    if int(space.at_most.sum()) <= params.columns.list_all:
        return whole_list(space, carried, executor)
    made = _Generation(space, workers, budget, observer, carried, params, executor, took or Stopwatch())
    for left in reversed(range(params.columns.rounds)):
        priced = made.price()
        rises = made.prove(priced)
        step = made.decide(priced, rises, left)
        filled = made.fill(priced) if step.fill else None
        made.enlarge(priced, filled, step.run_engines)
        if step.last:
            break
    return made.ended(step.run_engines)


class _Priced(NamedTuple):
    """New prices: the price_tables at them, what is cheapest among all, and what they prove of the listed options
    and of all."""

    price_tables: PriceTables
    found: Scan
    inside: float
    everywhere: int


class _Step(NamedTuple):
    """What a round comes to: whether it is the last one, whether there is time for the engines after the last, and whether
    there is time for another greedy construction."""

    last: bool
    run_engines: bool
    fill: bool


class _Generation:
    """Column generation under way: the list and its prices, and the plans at hand. Parameters as for `generate`."""

    def __init__(
        self,
        space: Space,
        workers: int,
        budget: Budget,
        observer: Observer,
        carried: Carried | None,
        params: SolveParams,
        executor: Executor | None,
        took: Stopwatch,
    ) -> None:
        self._space, self._workers, self._budget, self._observer = space, workers, budget, observer
        self._carried, self._params, self._executor = carried, params.columns, executor
        self._pricing, self._took = params.pricing, took
        self._master, self._best = first_list(space, carried, took, params.columns, executor)
        self._cost, self._unplaced = first_cost(space, self._best, executor)
        #: The plan that the engines are to improve on.
        self._start = self._best
        self._passes = params.columns.passes
        self._ascents = 0
        observer.bound(self._master.bound, "first")
        observer.plan(self._cost, self._unplaced, "first")

    def price(self) -> _Priced:
        """Prices by ascent over the listed options, and a pricing pass over all."""
        space, params, took = self._space, self._params, self._took
        first = params.from_prices if self._master.price.any() else params.from_nothing
        schedule = params.from_carried if self._carried else first
        with took("ascent"):
            price, scale, inside = self._ascended(schedule, ahead=took["pricing"] + took["listing"])
        with took("pricing"):
            price_tables = space.price_tables(price, scale)
            found = space.scan(price_tables, np.full(len(space.items), params.further), executor=self._executor)
            everywhere = bound_of(space, price, scale, found)
        self._master = replace(self._master, pass_seconds=took["pricing"])
        return _Priced(price_tables, found, inside, everywhere)

    def prove(self, priced: _Priced) -> bool:
        """Keep prices that prove more; returns whether the bound rises by so much that another round is worth it."""
        master, everywhere = self._master, priced.everywhere
        # The first prices of a poor list may say less than none at all, and are where the next ascent begins all the same.
        first = not master.price.any()
        rises = first or everywhere - master.bound > self._params.rise * abs(everywhere)
        if first or everywhere > master.bound:
            price_tables, bound = priced.price_tables, max(everywhere, master.bound)
            self._master = replace(master, price=price_tables.row, scale=price_tables.scale, bound=bound)
            self._observer.bound(bound, "columns")
        return rises

    def decide(self, priced: _Priced, rises: bool, left: int) -> _Step:
        """What there is still time for, with `left` more rounds at most, by how long each step took before."""
        allows, took, params = self._budget.allows, self._took, self._params
        missed = (priced.inside - priced.everywhere) / max(1, abs(priced.inside))
        enough = missed <= params.close and self._passes == params.most_passes
        another = params.longer * (took["ascent"] * self._more_passes() / self._passes + took["pricing"] + took["listing"])
        # A plan and prices that were good before are hard to better here; that is for the engines.
        settled = self._carried is not None and not rises
        last = left == 0 or enough or settled or not allows(1.0 if rises else params.share, another)
        fill_and_list = params.longer * (took["greedy"] + took["listing"])
        run_engines = not last or allows(1.0, fill_and_list + params.engine_lists * took["first list"])
        ahead = params.longer * took["greedy"] if not run_engines else fill_and_list if last else fill_and_list + another
        return _Step(last, run_engines, self._carried is None and allows(1.0, ahead))

    def fill(self, priced: _Priced) -> PlacedCopies:
        """A plan at the new prices.

        Better prices make a cheaper plan; and what it takes, which has room, makes better prices when it is listed.
        """
        space, price_tables = self._space, priced.price_tables
        with self._took("greedy"):
            base = standing(space, price_tables, self._executor)
            missing, residual = remaining(space, base)
            filled = base + construct(
                space, price_tables, missing, residual, priced.found, self._params.further, self._executor
            )
        cost, unplaced = first_cost(space, filled, self._executor)
        if cost < (1 + self._params.near) * self._cost:
            self._start = filled
        if cost < self._cost:
            self._best, self._cost, self._unplaced = filled, cost, unplaced
            self._observer.plan(cost, unplaced, "columns")
        return filled

    def enlarge(self, priced: _Priced, filled: PlacedCopies | None, run_engines: bool) -> None:
        """Add to the list what is cheapest at the new prices and what the new plan takes."""
        space, listed = self._space, self._master.listed
        more: tuple[Options | PlacedCopies, ...] = (priced.found,) if filled is None else (priced.found, filled)
        with self._took("listing"):
            if run_engines:
                listed = space.extend(listed, union(space, *more), self._executor)
            else:
                # The engines will not see it, only a later solve, for which what is cheapest now and the plan will do.
                listed = space.expand(union(space, priced.found, self._best), listed.row, self._executor)
            self._master = replace(self._master, listed=listed)
        self._passes = self._more_passes()

    def ended(self, run_engines: bool) -> RestrictedMaster:
        """The master with the cheapest plan as an answer, and with one to improve on, if there is time for the engines."""
        space, master, best = self._space, self._master, self._best
        if run_engines:
            # Rows that the list cannot fill after all are in the engines' way.
            master = replace(master, listed=space.expand(master.listed.options, executor=self._executor))
        plan, prices = placement_of(space, master.listed, best), master.prices or Prices.zero(len(master.listed.row))
        answer = Solution(
            plan.item, plan.option, plan.count, self._cost, master.bound,
            "optimal" if self._cost == master.bound else "feasible", self._unplaced, 0.0, 0.0, prices,
        )  # fmt: skip
        start = placement_of(space, master.listed, self._start if run_engines else best)
        return replace(master, start=start, answer=answer, run_engines=run_engines)

    def _ascended(self, schedule: Schedule, ahead: float) -> tuple[Ints, int, float]:
        """Prices for all rows by Lagrangian ascent over the listed options, their scale, and their bound over these options.

        The ascent goes on from the prices so far. It is cut short where fewer than `ahead` seconds would be left.
        """
        master, listed = self._master, self._master.listed
        view = compile_packing(listed.packing)
        field = field_of(listed.packing, view)
        start, passes = None, self._passes
        placed = np.bincount(self._best.item, minlength=view.item_count.size)
        # What the first prices leave without a place they may not have known of.
        if self._ascents == 1 and scarce(view, placed, self._cost - master.bound):
            schedule, passes = self._params.from_scarcity.from_reach(field.reach), self._params.most_passes
        elif master.price.any():
            start = Dual(master.price[listed.row] / master.scale, np.zeros(field.pair_item.size), -np.inf)
        self._ascents += 1
        with Ascent(view, field, start, passes, self._workers, schedule, self._pricing.threaded) as ascent:
            while ascent.step() and (ascent.passes % self._pricing.unwatched or self._budget.allows(1.0, ahead)):
                pass
        prices = to_prices(listed.packing, view, field, ascent.best)
        return row_prices(self._space, listed, prices), prices.scale, ascent.best.value

    def _more_passes(self) -> int:
        """Passes of the next ascent."""
        return min(round(self._params.growth * self._passes), self._params.most_passes)
