"""The main road: which phases a solve has, in which order, and what is reported.

The calling thread only watches the clock and delivers progress, so a slow engine never delays the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from solver.engines.assignment.phases import DIVES
from solver.engines.bounding import PATTERNS, PRICES, RELAXATION, SCARCITY
from solver.engines.constructing import FIRST, ROUNDING
from solver.engines.exact import EXACT
from solver.engines.facility.phases import BRANCHING, LINEAR, OPENINGS
from solver.engines.improving import IMPROVING, SEARCH
from solver.engines.phase import Phase, Solve
from solver.packing import Packing, Placement
from solver.packing.check import check
from solver.packing.solution import Limits, OnBest, OnProgress, Prices, ShouldStop, Solution, Stage
from solver.params import DEFAULTS, SolveParams
from solver.running.budget import Budget
from solver.running.incumbent import Incumbent

#: All phases in the order of a solve: a first plan at once; prices and the bound; rounding at the prices; a quick search;
#: other prices where room is scarce, and rounding at these; exact prices where the packing is small enough; the bound of
#: whole patterns; where activations decide, sets of them and branching; for dense assignments dives; for small packings
#: exact search of the whole; then search and neighbourhoods by turns until the end.
PHASES: tuple[Phase, ...] = (
    FIRST, PRICES, ROUNDING, SEARCH, SCARCITY, RELAXATION, PATTERNS, OPENINGS, BRANCHING, DIVES, LINEAR, EXACT, IMPROVING,
)  # fmt: skip


def solve(
    packing: Packing,
    limits: Limits,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    start: Placement | None = None,
    prices: Prices | None = None,
    on_best: OnBest | None = None,
    params: SolveParams = DEFAULTS,
    phases: tuple[Phase, ...] = PHASES,
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
    params : SolveParams
        How the engines are tuned, and which phases are left out.
    phases : tuple of Phase
        What the solve consists of, in this order: `PHASES`, or these with others added. Whatever a phase does, its plans go
        through the same check, and a bound that a checked plan contradicts ends the solve.

    Returns
    -------
    Solution
        Always legal, by an independent check.

    Raises
    ------
    ValueError
        If a phase to be left out does not exist.
    WrongAnswer
        If an engine offers an illegal plan, or claims to have proven what cannot be.
    """
    if unknown := params.without - {phase.name for phase in phases}:
        raise ValueError(f"no such phases: {', '.join(sorted(unknown))}")
    clock = Budget(limits, should_stop)
    best = Incumbent(packing, clock)
    if start is not None and not check(packing, start.item, start.option, start.count)[1]:
        best.offer_placement(start, Stage.START)
    driver = _Driver(lambda: _run(Solve(packing, limits, params, clock, best, start, prices), phases))
    driver.start()
    _watch(driver, clock, best, on_progress, on_best, params.first_grace)
    if driver.failure is not None:
        raise driver.failure
    return best.solution()


class _Driver(threading.Thread):
    """The thread of a solve. A daemon: an engine that does not heed the stop is left behind, not waited for."""

    def __init__(self, drive: Callable[[], None]) -> None:
        super().__init__(name="edgeplan-solve", daemon=True)
        self._drive = drive
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Run the phases, and keep what they fail with."""
        try:
            self._drive()
        except BaseException as problem:
            self.failure = problem


def _watch(
    driver: _Driver,
    clock: Budget,
    best: Incumbent,
    on_progress: OnProgress | None,
    on_best: OnBest | None,
    first_grace: float,
) -> None:
    """Deliver what is found until the driver has ended, or is told to."""
    while driver.is_alive():
        driver.join(0.02)
        # The plan first: nobody is told of a plan that could still be lost with this process.
        if on_best is not None and best.planned:
            on_best(best.solution())
        _deliver(best, on_progress)
        # A limit too short for a first plan still buys one; a stop does not wait for it.
        if clock.watch() and (best.planned or clock.halted or clock.left() < -first_grace):
            clock.halt()
            driver.join(0.3)
            break
    _deliver(best, on_progress)


def _deliver(best: Incumbent, on_progress: OnProgress | None) -> None:
    while best.events:
        event = best.events.popleft()
        if on_progress is not None:
            on_progress(event)


def _run(solve: Solve, phases: tuple[Phase, ...]) -> None:
    """Every phase in turn that suits, until the solve is over."""
    with solve.held:
        for phase in phases:
            if phase.name not in solve.params.without and phase.suits(solve):
                solve.best.enter(phase.name)
                phase.run(solve)
            if solve.over():
                return
