"""The main road: which engine runs when, within the limits, and what is reported.

A first plan at once; prices and the bound; rounding at the prices; a quick search; for dense assignments dives; for
small packings CP-SAT on the whole; then search (dives, where those suit) and neighbourhoods by turns until the end. The
calling thread only watches the clock and delivers progress, so a slow engine never delays the answer.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from functools import partial

import numpy as np

from solver.check_packing import check
from solver.engines.bound import item_terms
from solver.engines.contract import Limits, OnProgress, Prices, ShouldStop, Solution
from solver.engines.cpsat import LARGEST_MODEL, Effort, Part, solve_part
from solver.engines.dives import Dives, Worths
from solver.engines.first import first_plan
from solver.engines.guide import Guide, guide_of
from solver.engines.incumbent import Clock, Incumbent
from solver.engines.lagrangian import Dual, Field, ascend, field_of, from_prices, to_prices
from solver.engines.lns import Neighbourhoods
from solver.engines.search import anneal, random_source
from solver.engines.state import COST, empty_state, place_fitting, state_of
from solver.engines.table import suits, table_of
from solver.engines.view import View, view_of
from solver.packing import IntArray, Packing, Placement

#: Passes of the Lagrangian ascent; beyond these the bound moves by parts in a million.
_PASSES, _WARM_PASSES = 400, 150
#: Seconds beyond the limit that a first plan may take; compiling the kernels for the first time ever takes that long.
_FIRST_GRACE = 30.0
#: The most of the time limit that the ascent may take.
_PRICING_SHARE = 0.15
#: The most of the limit that CP-SAT may spend on the whole packing, and the most without any progress.
_EXACT_SHARE, _PATIENCE = 0.3, 0.08
#: For dense assignments: the most of the time limit that the worths of items may take; the shares of dives, of the limit
#: before the exact attempt and of what is left after it; and how often these cool, each time from the best plan.
_WORTH_SHARE, _DIVE_FIRST, _DIVE_SHARE, _COOLINGS = 0.06, 0.06, 0.85, 3
#: Proposals between two looks at the clock, and in one unit of work.
_CHUNK, _UNIT = 50_000, 500_000


def solve(
    packing: Packing,
    limits: Limits,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    start: Placement | None = None,
    prices: Prices | None = None,
) -> Solution:
    """Place the copies of a packing at least cost, as well as the limits allow, and prove how well.

    Parameters
    ----------
    packing : Packing
        The problem.
    limits : Limits
        Time, cores, seed; see there.
    on_progress : callable, optional
        Called in the calling thread at each improvement of cost or bound.
    should_stop : callable, optional
        Polled; once it returns True the best plan so far is returned within about half a second.
    start : Placement, optional
        A previous plan. Entries that are no longer legal are dropped.
    prices : Prices, optional
        Prices of a previous solve of a packing with the same rows.

    Returns
    -------
    Solution
        Always legal, by an independent check.
    """
    clock = Clock(limits, should_stop)
    best = Incumbent(packing, clock)
    run = _Run(packing, limits, clock, best)
    if start is not None and not check(packing, start.item, start.option, start.count)[1]:
        best.offer_placement(start, "start")
    failure: list[BaseException] = []

    def drive() -> None:
        try:
            run.all(start, prices)
        except BaseException as problem:
            failure.append(problem)

    # A daemon: an engine that does not heed the stop is left behind, not waited for.
    driver = threading.Thread(target=drive, name="edgeplan-solve", daemon=True)
    driver.start()
    while driver.is_alive():
        driver.join(0.02)
        _deliver(best, on_progress)
        # A limit too short for a first plan still buys one; a stop does not wait for it.
        if clock.watch() and (best.planned or clock.halted or clock.left() < -_FIRST_GRACE):
            clock.halt()
            driver.join(0.3)
            break
    _deliver(best, on_progress)
    if failure:
        raise failure[0]
    placement, cost = best.placement, best.cost
    return Solution(
        item=placement.item,
        option=placement.option,
        count=placement.count,
        cost=cost,
        bound=best.bound,
        status="optimal" if cost == best.bound else "feasible",
        unplaced=best.unplaced,
        seconds=clock.seconds(),
        bound_seconds=best.bound_seconds,
        prices=best.prices,
    )


def _deliver(best: Incumbent, on_progress: OnProgress | None) -> None:
    while best.events:
        event = best.events.popleft()
        if on_progress is not None:
            on_progress(event)


class _Run:
    """One solve, in the driver thread."""

    def __init__(self, packing: Packing, limits: Limits, clock: Clock, best: Incumbent) -> None:
        self.packing = packing
        self.limits = limits
        self.clock = clock
        self.best = best
        self.workers = max(1, limits.workers)
        self.proven = 0

    def over(self) -> bool:
        """Whether to stop: limits reached, or nothing left to prove."""
        return self.clock.over() or self.best.optimal()

    def all(self, start: Placement | None, prices: Prices | None) -> None:
        """Every phase in turn."""
        best = self.best
        view = view_of(self.packing)
        if start is not None:
            best.offer(view, _carried_over(view, start), "start")
        best.offer(view, first_plan(view).taken, "first")
        if self.over():
            return
        field = field_of(self.packing, view)
        dual = self._prices(view, field, prices)
        if self.over():
            return
        guide = guide_of(view, field, from_prices(view, field, self.best.prices), self.proven)
        rounded = first_plan(view, dual.row)
        best.offer(view, rounded.taken, "rounding")
        self._search(view, guide, 0.0, min(0.02, 2.0 / self.limits.seconds), 0.1, self.limits.seed)
        worths = None
        if not self.over() and suits(view):
            # A good plan first: the fewer options can be part of a better one, the smaller is the exact model.
            worths = self._worths(view, guide)
            begin = self.clock.spent()
            self._spread(partial(self._dives, view, worths, begin, begin + _DIVE_FIRST, 0))
        if not self.over():
            self._exact(view, guide)
        if not self.over():
            self._improve(view, guide, worths)

    def _prices(self, view: View, field: Field, prices: Prices | None) -> Dual:
        warm = from_prices(view, field, prices) if prices is not None else None
        told = 0.0

        def proceed(dual: Dual) -> bool:
            nonlocal told
            now = self.clock.seconds()
            if now - told > 0.5 + told:
                told = now
                self._prove(view, field, dual)
            return not self.over()

        begin = self.clock.seconds()
        budget = _PRICING_SHARE * self.limits.seconds

        def pace() -> float:
            return 0.0 if self.clock.by_work() else (self.clock.seconds() - begin) / budget

        passes = _PASSES if warm is None else _WARM_PASSES
        dual = ascend(view, field, warm, passes, self.workers, proceed, pace)
        self._prove(view, field, dual)
        return dual

    def _prove(self, view: View, field: Field, dual: Dual) -> None:
        prices = to_prices(self.packing, view, field, dual)
        self.proven = item_terms(self.packing, prices).bound(self.packing.item_count)
        self.best.prove(self.proven, prices, "prices")

    def _exact(self, view: View, guide: Guide) -> None:
        """CP-SAT on the whole packing, as long as it gets on and for a share of the limit at most."""
        part = _whole(view, self.best.taken(view), guide, guide.gap(self.best.cost))
        if part.options.size > LARGEST_MODEL:
            return
        limit, work = self.limits.seconds, self.limits.work
        effort = Effort(
            seconds=min(self.clock.left(), max(1.0, _EXACT_SHARE * limit)),
            workers=self.workers,
            seed=self.limits.seed,
            work=None if work is None else 0.1 * _EXACT_SHARE * work,
        )
        patience = max(1.0, _PATIENCE * limit)
        last = self.clock.seconds()
        state = (self.best.cost, self.best.bound)

        def stuck() -> bool:
            nonlocal last, state
            if state != (self.best.cost, self.best.bound):
                last, state = self.clock.seconds(), (self.best.cost, self.best.bound)
            return self.over() or (work is None and self.clock.seconds() - last > patience)

        answer = solve_part(
            view,
            part,
            effort,
            stuck,
            on_taken=lambda taken: self._offer(view, part.options, taken),
            on_bound=lambda bound: self.best.believe(bound, "exact"),
        )
        if answer.taken is not None:
            self._offer(view, part.options, answer.taken)
            self.best.believe(answer.bound, "exact")
        if work is not None:
            self.clock.work(int(_EXACT_SHARE * work))

    def _offer(self, view: View, options: IntArray, copies: IntArray) -> None:
        taken = np.zeros(view.option_cost.size, dtype=np.int64)
        taken[options] = copies
        self.best.offer(view, taken, "exact")

    def _search(self, view: View, guide: Guide, begin: float, end: float, hot: float, seed: int) -> None:
        """One annealing from the best plan while `spent` goes from `begin` to `end`."""
        state = state_of(view, self.best.taken(view))
        source = random_source(seed)
        cold = 0.005
        done = 0
        while not self.over():
            share = (self.clock.spent() - begin) / max(1e-9, end - begin)
            if share >= 1.0:
                break
            warmth = guide.spread * hot * (cold / hot) ** share
            anneal(view, state, guide.rank, guide.cheapest, guide.penalty, source, _CHUNK, warmth, warmth)
            done += _CHUNK
            if done % _UNIT == 0:
                self.clock.work()
            if state.total[COST] < self.best.cost:
                self.best.offer(view, state.taken, "search")
        anneal(view, state, guide.rank, guide.cheapest, guide.penalty, source, _CHUNK, 0.0, 0.0)
        if state.total[COST] < self.best.cost:
            self.best.offer(view, state.taken, "search")

    def _improve(self, view: View, guide: Guide, worths: Worths | None) -> None:
        """Search, or dives if there are worths for them, and neighbourhoods by turns, on all workers."""
        begin = self.clock.spent()
        left = 1.0 - begin
        search = partial(self._search_turn, view, guide) if worths is None else partial(self._dives, view, worths)
        first, second = (0.3 * left, 0.3 * left) if worths is None else (_DIVE_SHARE * left, (1.0 - _DIVE_SHARE) * left)
        for turn in itertools.count(1):
            if self.over():
                return
            middle, end = begin + first, begin + first + second
            self._spread(partial(search, begin, middle, turn))
            shared = Neighbourhoods(view, self.best.taken(view), guide)
            self._spread(partial(self._neighbourhoods, view, guide, shared, end, turn))
            begin = end

    def _search_turn(self, view: View, guide: Guide, begin: float, end: float, turn: int, worker: int) -> None:
        self._search(view, guide, begin, end, 0.1, self.limits.seed + 7919 * turn + worker)

    def _worths(self, view: View, guide: Guide) -> Worths:
        """What dives start from, within its share of the time."""
        begin = self.clock.seconds()
        budget = _WORTH_SHARE * self.limits.seconds

        def proceed(share: float) -> float:
            pace = 0.0 if self.clock.by_work() else (self.clock.seconds() - begin) / budget
            return 1.0 if self.over() else max(share, pace)

        return Worths(table_of(view, guide, self.best.prices.row / self.best.prices.scale), proceed)

    def _dives(self, view: View, worths: Worths, begin: float, end: float, turn: int, worker: int) -> None:
        """Dive once in turn 0; then refill rows while `spent` goes from `begin` to `end`, cooling from the best plan."""
        dives = Dives(view, worths, self.limits.seed + 7919 * turn + worker)
        if turn == 0:
            dives.dive(self.over)
            self.best.offer(view, dives.tried(), "dives")
        coolings = 1 if turn == 0 else _COOLINGS
        cooling = -1
        while not self.over():
            share = coolings * (self.clock.spent() - begin) / max(1e-9, end - begin)
            if share >= coolings:
                break
            if int(share) > cooling:
                cooling = int(share)
                dives.restart(self.best.taken(view))
            cost = dives.step(cooling + 1 - share)
            self.clock.work()
            if cost < self.best.cost:
                self.best.offer(view, dives.tried(), "dives")

    def _neighbourhoods(self, view: View, guide: Guide, shared: Neighbourhoods, end: float, turn: int, worker: int) -> None:
        random = np.random.default_rng((self.limits.seed % 2**32, turn, worker))
        size = 40
        while not self.over() and self.clock.spent() < end:
            gap = guide.gap(self.best.cost)
            seconds = min(0.6, self.clock.left())
            work = 0.05 if self.clock.by_work() else None
            effort = Effort(seconds if work is None else self.clock.left(), 1, int(random.integers(2**31)), work)
            gain, solved = shared.step(random, size, gap, effort, self.over)
            self.clock.work()
            if gain and shared.cost() < self.best.cost:
                self.best.offer(view, shared.taken(), "neighbourhoods")
            # Neighbourhoods that solve at once may grow, others shrink.
            size = min(400, size + 1) if solved else max(12, int(size * 0.9))

    def _spread(self, task: Callable[[int], None]) -> None:
        """Run `task(0) .. task(workers-1)`, side by side."""
        if self.workers == 1:
            task(0)
            return
        failure: list[BaseException] = []

        def guarded(index: int) -> None:
            try:
                task(index)
            except BaseException as problem:
                failure.append(problem)
                self.clock.halt()

        threads = [threading.Thread(target=guarded, args=(index,), daemon=True) for index in range(self.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failure:
            raise failure[0]


def _whole(view: View, taken: IntArray, guide: Guide, gap: float) -> Part:
    """The whole packing as a part, without what cannot be in a plan better than `taken`."""
    state = state_of(view, taken)
    options = np.flatnonzero((guide.excess <= gap) | (taken > 0))
    return Part(
        options=options,
        most=view.room[options],
        items=np.arange(view.item_count.size, dtype=np.int64),
        copies=view.item_count,
        free=view.row_capacity,
        open=np.zeros(view.activation_cost.size, dtype=bool),
        hint=taken[options],
        whole=(guide.left_out > gap) & (state.waiting == 0),
    )


def _carried_over(view: View, start: Placement) -> IntArray:
    """What of a previous placement is still legal, copies on each live option; then filled up."""
    state = empty_state(view)
    position = np.searchsorted(view.origin, start.option)
    known = (start.option >= 0) & (position < view.origin.size) & (start.count > 0)
    known[known] = view.origin[position[known]] == start.option[known]
    place_fitting(view, state, position[known], start.count[known])
    return state.taken
