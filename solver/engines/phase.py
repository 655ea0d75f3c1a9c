"""What a phase of a solve is, and what the phases of one solve share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.ascent import DualResult
from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import Dual, Field, field_of, from_prices
from solver.bounds.patterns import Pricing
from solver.bounds.reduced_costs import ReducedCosts, reduced_costs_at
from solver.packing import Packing, Placement
from solver.packing.solution import Limits, Prices
from solver.params import SolveParams, Turn
from solver.running.budget import Budget, BudgetPart
from solver.running.incumbent import Incumbent

if TYPE_CHECKING:
    from solver.engines.facility.set_search import FacilitySetSearch


class Phase(NamedTuple):
    """One engine's part in a solve.

    Attributes
    ----------
    name : str
        As in `SolveParams.without` and `Solution.phase_seconds`; of the phases here a `Stage`.
    suits : callable
        Whether the phase has anything to do, given the packing and what earlier phases left.
    run : callable
        Does it, until it has its result or the solve is over: offers plans, proves bounds, and leaves in the solve what
        later phases go on from.
    """

    name: str
    suits: Callable[[Solve], bool]
    run: Callable[[Solve], None]


class Climbed(NamedTuple):
    """Where the pattern bound ended, for engines that branch on.

    Attributes
    ----------
    pricing : Pricing
        The patterns, open as long as the solve lasts.
    unit : float64[I]
        Natural size of a step of each value, see `PatternAscent`.
    root : DualResult
        The best bound.
    sets : list of bool[A]
        Sets of activations that were open on the way, the latest first.
    """

    pricing: Pricing
    unit: NDArray[np.float64]
    root: DualResult
    sets: list[NDArray[np.bool_]]


class Turns(NamedTuple):
    """How a solve is improved until its end: `search(begin, end, turn)` while `spent` goes from `begin` to `end`, and
    neighbourhoods, by these shares."""

    search: Callable[[float, float, int], None]
    share: Turn


class Solve:
    """One solve, in the thread that drives it: what was asked, and what its phases have found so far.

    Parameters
    ----------
    packing, limits, params : Packing, Limits, SolveParams
        The problem, what may be spent on it, and how.
    clock, best : Budget, Incumbent
        What is left of the limits, and the best plan and bound.
    start, prices : Placement, Prices, optional
        What an earlier solve left.
    """

    def __init__(
        self,
        packing: Packing,
        limits: Limits,
        params: SolveParams,
        clock: Budget,
        best: Incumbent,
        start: Placement | None = None,
        prices: Prices | None = None,
    ) -> None:
        self.packing, self.limits, self.params = packing, limits, params
        self.clock, self.best = clock, best
        self.start, self.prices = start, prices
        self.workers = max(1, limits.workers)
        self.view = compile_packing(packing)
        #: The prices that prove the most, and the bound there, with its fraction.
        self.dual: Dual | None = None
        self.proven = 0.0
        #: Whether copies are unplaced for want of room, as far as is known.
        self.scarce = False
        #: Whether there are activations that branching does not decide.
        self.loose = packing.activations > 0
        self.climbed: Climbed | None = None
        #: The local search over sets of open activations, which branching goes on with.
        self.set_search: FacilitySetSearch | None = None
        #: What a specialist has for the turns at the end, if one suits.
        self.turns: Turns | None = None
        #: What is to be closed after the last phase.
        self.held = ExitStack()
        self._guide: ReducedCosts | None = None

    def over(self) -> bool:
        """Whether to stop: limits reached, or nothing left to prove."""
        return self.clock.over()

    def part(self, share: float) -> BudgetPart:
        """So large a share of the limit, from now on; over with the solve."""
        return self.clock.part(share)

    @cached_property
    def field(self) -> Field:
        """What the ascent needs besides the view."""
        return field_of(self.packing, self.view)

    @property
    def guide(self) -> ReducedCosts:
        """What the prices say of each option; sharpened, once a second proof knows more."""
        if self._guide is None:
            dual = from_prices(self.view, self.field, self.best.prices)
            self._guide = reduced_costs_at(self.view, self.field, dual, self.proven, self.params.search.hardest)
        return self._guide

    @guide.setter
    def guide(self, guide: ReducedCosts) -> None:
        self._guide = guide

    def price(self, dual: Dual, proven: float) -> None:
        """Take over prices that prove the most so far; the guide is made anew from them."""
        self.dual, self.proven, self._guide = dual, proven, None

    def spread(self, task: Callable[[int], None]) -> None:
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


def always(_: Solve) -> bool:
    """Suits every packing."""
    return True
