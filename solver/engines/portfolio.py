"""The main road: which engine runs when, within the limits, and what is reported.

A first plan at once; prices and the bound; rounding at the prices; a quick search; the bound of whole patterns; where
activations decide, branching over these; for dense assignments dives; for small packings CP-SAT on the whole; then search
(dives, where those suit) and neighbourhoods by turns until the end. The calling thread only watches the clock and delivers
progress, so a slow engine never delays the answer.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from solver.bounds.blocks import blocks_of
from solver.bounds.bound import item_terms
from solver.bounds.climbing import Summit, ascend_patterns, units
from solver.bounds.guide import Guide, guide_of
from solver.bounds.lagrangian import Dual, Field, ascend, field_of, from_prices, to_prices
from solver.bounds.patterns import Pricing
from solver.bounds.view import View, view_of
from solver.engines.assignment.table import suits
from solver.engines.cpsat import LARGEST_MODEL, Answer, Effort, Part, solve_part, whole_packing
from solver.engines.facility.branching import Branching
from solver.engines.facility.mip import LARGEST_LINEAR_MODEL, solve_linear
from solver.engines.facility.openings import Openings
from solver.engines.first import carried_over, first_plan
from solver.engines.improving import Improving
from solver.engines.state import State, state_of
from solver.packing import IntArray, Packing, Placement
from solver.packing.check import check
from solver.packing.solution import Limits, OnBest, OnProgress, Prices, ShouldStop, Solution
from solver.running.incumbent import Clock, Incumbent

#: Passes of the Lagrangian ascent; beyond these the bound moves by parts in a million.
_PASSES, _WARM_PASSES = 400, 150
#: Seconds beyond the limit that a first plan may take; compiling the kernels for the first time ever takes that long.
_FIRST_GRACE = 30.0
#: The most of the time limit that the ascent may take.
_PRICING_SHARE = 0.15
#: The most of the limit that the pattern bound may take, the options beyond which it is not tried, and, where work
#: counts, its passes for each unit and in all.
_PATTERN_SHARE, _LARGEST_PATTERNS, _PASSES_EACH, _MOST_PASSES = 0.15, 500_000, 10, 500
#: The most of the limit that the search over open activations may take, the sets it begins with, and the changes it tries.
_OPENING_SHARE, _SETS, _CHANGES = 0.08, 8, 300
#: Options beyond which not even gates are branched on: what each adds to the bound is too long to work out.
_LARGEST_GATED = 200_000
#: The most of the limit that branching over activations may take, CP-SAT's share of it for one choice of them, and the
#: most halves to look at, in all and for each unit of work where work counts.
_BRANCHING_SHARE, _CHOICE_SHARE, _MOST_HALVES, _HALVES_EACH = 0.4, 0.02, 1_000_000, 10
#: The most of the limit that CP-SAT may spend on the whole packing, and the most without any progress: of a small model,
#: up to so many options, an answer may still come.
_EXACT_SHARE, _PATIENCE, _SMALL_PATIENCE, _SMALL = 0.3, 0.08, 0.2, 1_000
#: How many options more than there are items CP-SAT begins with, as a share of these.
_SPARE = 0.5
#: The most of the limit that SCIP may spend on the whole packing, and its nodes for a unit of work where work counts.
_LINEAR_SHARE, _LINEAR_NODES = 0.6, 10
#: For dense assignments: the share of the limit that dives get before the exact attempt.
_DIVE_FIRST = 0.06


def solve(
    packing: Packing,
    limits: Limits,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    start: Placement | None = None,
    prices: Prices | None = None,
    on_best: OnBest | None = None,
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
    on_best : callable, optional
        Called in the calling thread, often, once there is a plan. While it works nobody watches the clock: be brief.

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
        # The plan first: nobody is told of a plan that could still be lost with this process.
        if on_best is not None and best.planned:
            on_best(best.solution())
        _deliver(best, on_progress)
        # A limit too short for a first plan still buys one; a stop does not wait for it.
        if clock.watch() and (best.planned or clock.halted or clock.left() < -_FIRST_GRACE):
            clock.halt()
            driver.join(0.3)
            break
    _deliver(best, on_progress)
    if failure:
        raise failure[0]
    return best.solution()


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
        #: The bound at the newest prices, with its fraction.
        self.proven = 0.0
        #: Whether there are activations that branching does not decide.
        self.loose = packing.activations > 0

    def over(self) -> bool:
        """Whether to stop: limits reached, or nothing left to prove."""
        return self.clock.over() or self.best.optimal()

    def all(self, start: Placement | None, prices: Prices | None) -> None:
        """Every phase in turn."""
        best = self.best
        view = view_of(self.packing)
        if start is not None:
            best.offer(view, carried_over(view, start), "start")
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
        improving = Improving(view, guide, best, self.clock, self.limits, warm=start is not None)
        begin = self.clock.spent()
        improving.search(begin, begin + min(0.02, 2.0 / self.limits.seconds), self.limits.seed)
        if not self.over():
            guide = improving.guide = self._patterns(view, guide)
        worths = None
        if not self.over() and suits(view):
            # A good plan first: the fewer options can be part of a better one, the smaller is the exact model.
            worths = improving.worths()
            begin = self.clock.spent()
            improving.spread(partial(improving.dives, worths, begin, begin + _DIVE_FIRST, 0))
        if not self.over():
            self._exact(view, guide)
        if not self.over():
            improving.run(worths)

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
        terms, count = item_terms(self.packing, prices), self.packing.item_count
        self.proven = terms.total(count) / terms.scale
        self.best.prove(terms.bound(count), prices, "prices")

    def _patterns(self, view: View, guide: Guide) -> Guide:
        """The bound from whole patterns, branching where there are gates, and, unless the packing is large, the guide
        sharpened by what patterns say."""
        if view.option_cost.size > _LARGEST_PATTERNS:
            return guide
        blocks = blocks_of(view)
        if blocks is None:
            return guide
        prices = self.best.prices
        begin, limit = self.clock.spent(), self.limits.work
        passes = 0
        opened: dict[bytes, None] = {}

        def proceed(total: int) -> bool:
            nonlocal passes
            passes += 1
            if self.packing.activations:
                # Told again, a set moves to the end: the latest are the best.
                name = pricing.activated(pricing.opened()).tobytes()
                opened.pop(name, None)
                opened[name] = None
            self.best.prove(-(-total // pricing.scale), None, "patterns")
            return not self.over()

        def pace() -> float:
            if limit is not None:
                return passes / min(_MOST_PASSES, max(1, _PASSES_EACH * limit))
            return (self.clock.spent() - begin) / _PATTERN_SHARE

        with Pricing(self.packing, view, blocks, prices, self.workers) as pricing:
            unit = units(view, prices.row / prices.scale)
            root = ascend_patterns(pricing, unit, lambda: self.best.cost, proceed, pace)
            if limit is not None:
                self.clock.work(int(_PATTERN_SHARE * limit))
            gated = blocks.gate.size > 0
            self.loose = not np.isin(view.option_activation, (-1, *blocks.gate)).all()
            if self.over() or view.option_cost.size > (_LARGEST_GATED if gated else LARGEST_MODEL):
                return guide
            guide = pricing.sharpen(guide, root.value)
            if gated:
                openings = self._openings(view, guide, [np.frombuffer(name, dtype=bool) for name in reversed(opened)])
                self._branch(pricing, unit, view, guide, root, openings)
        return guide

    def _openings(self, view: View, guide: Guide, sets: list[NDArray[np.bool_]]) -> Openings:
        """Plans around sets of open activations, where single copies cannot find which to open."""

        def found(state: State) -> None:
            self.best.offer(view, state.taken, "openings")

        openings = Openings(view, guide, self.limits.seed, found)
        late = self._until(_OPENING_SHARE)
        openings.begin(sets[:_SETS], late)
        openings.change(_CHANGES, late)
        return openings

    def _branch(
        self, pricing: Pricing, unit: NDArray[np.float64], view: View, guide: Guide, root: Summit, openings: Openings
    ) -> None:
        """Decide which activations are open by splitting, for a share of the limit at most."""
        limit = self.limits.work
        seconds = max(0.1, _CHOICE_SHARE * self.limits.seconds)
        effort = Effort(seconds, self.workers, self.limits.seed, None if limit is None else _CHOICE_SHARE * limit)
        over = self._until(_BRANCHING_SHARE)
        Branching(pricing, unit, view, guide, self.best, openings, effort, over).run(
            root, _MOST_HALVES if limit is None else _HALVES_EACH * limit
        )
        if limit is not None:
            self.clock.work(int(_BRANCHING_SHARE * limit))

    def _until(self, share: float) -> Callable[[], bool]:
        """Says when the solve is over, or, where time counts, so large a share of the limit is used up from now."""
        end = self.clock.spent() + share
        return self.over if self.clock.by_work() else lambda: self.over() or self.clock.spent() > end

    def _exact(self, view: View, guide: Guide) -> None:
        """CP-SAT on the whole packing, as long as it gets on and for a share of the limit at most.

        It begins with the options that a plan close to the bound can be made of, which are few, and goes on with more: a
        plan found among them is optimal if it costs no more than any with one of the others could.
        """
        part = _whole(view, self.best.taken(view), guide, self.best.cost)
        if part.options.size > LARGEST_MODEL:
            return
        limit, work = self.limits.seconds, self.limits.work
        left = math.inf if work is None else 0.1 * _EXACT_SHARE * work
        if self.loose and part.options.size <= LARGEST_LINEAR_MODEL:
            self._linear(view, part)
        end = self.clock.seconds() + min(self.clock.left(), max(1.0, _EXACT_SHARE * limit))
        items = view.item_count.size
        spare, below = _SPARE * items, -1
        while not self.over() and left > 0.0:
            best = self.best.cost
            cost = min(best, guide.target(math.ceil(items + spare), below) + 1)
            part = _whole(view, self.best.taken(view), guide, cost)
            seconds = max(0.0, end - self.clock.seconds())
            effort = Effort(seconds, self.workers, self.limits.seed, None if work is None else left)
            answer = self._window(view, part, effort, cost)
            if not answer.optimal or cost == best:
                break
            left -= answer.work
            spare, below = 2.0 * spare, cost - 1
        if work is not None:
            self.clock.work(int(_EXACT_SHARE * work))

    def _window(self, view: View, part: Part, effort: Effort, cost: int) -> Answer:
        """CP-SAT on a part that leaves out nothing of plans cheaper than `cost`."""
        share = _SMALL_PATIENCE if part.options.size <= _SMALL else _PATIENCE
        patience = max(1.0, share * self.limits.seconds)
        last = self.clock.seconds()
        state = (self.best.cost, self.best.bound)

        def stuck() -> bool:
            nonlocal last, state
            if state != (self.best.cost, self.best.bound):
                last, state = self.clock.seconds(), (self.best.cost, self.best.bound)
            return self.over() or (effort.work is None and self.clock.seconds() - last > patience)

        def bounded(bound: int) -> None:
            self.best.believe(min(bound, cost), "exact")

        def offered(taken: IntArray) -> None:
            self.best.offer_part(view, part.options, taken, "exact")

        answer = solve_part(view, part, effort, stuck, on_taken=offered, on_bound=bounded)
        if answer.taken is not None:
            offered(answer.taken)
            bounded(answer.bound)
        return answer

    def _linear(self, view: View, part: Part) -> None:
        """SCIP on the whole packing, for its plans only: where there are activations that are no gates its relaxation says
        more than CP-SAT's, but its bound rests on floating point."""
        work = self.limits.work
        seconds = min(self.clock.left(), max(1.0, _LINEAR_SHARE * self.limits.seconds))
        effort = Effort(seconds, 1, self.limits.seed, None if work is None else _LINEAR_NODES * work)
        taken = solve_linear(view, part, effort, self.over)
        if taken is not None:
            self.best.offer_part(view, part.options, taken, "exact")


def _whole(view: View, taken: IntArray, guide: Guide, cost: int) -> Part:
    """The whole packing as a part, without what is neither in `taken` nor can be in a plan cheaper than `cost`."""
    state, gap = state_of(view, taken), guide.gap(cost)
    options = np.flatnonzero((guide.excess <= gap) | (taken > 0))
    return whole_packing(view, options, taken, (guide.left_out > gap) & (state.waiting == 0))
