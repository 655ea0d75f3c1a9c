"""The best plan and the best bound of a solve, shared by its threads; nothing enters unchecked."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from solver.packing import IntArray, Packing, Placement
from solver.packing.check import check
from solver.packing.solution import Prices, Progress, Solution
from solver.running.budget import Budget

if TYPE_CHECKING:
    from solver.bounds.compiled_packing import CompiledPacking


class WrongAnswer(RuntimeError):
    """An engine offered a placement that the independent checker refuses, or proved what a checked placement contradicts: a
    defect, never an answer."""


class Incumbent:
    """Best verified placement, best proven bound and the prices behind it.

    Events for the caller wait in `events` until the coordinating thread delivers them. Once cost and bound have met, the
    budget is finished.
    """

    def __init__(self, packing: Packing, budget: Budget) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self.packing = packing
        self.placement = Placement(nothing, nothing, nothing)
        self.cost, _ = check(packing, nothing, nothing, nothing)
        self.unplaced = int(packing.item_count.sum())
        self.bound = 0
        #: How much of the bound is proven here; the rest is believed of foreign solvers.
        self._proven = 0
        self.bound_seconds = 0.0
        self.prices = Prices.zero(packing.rows)
        self.events: deque[Progress] = deque()
        #: Whether any engine has offered a plan yet.
        self.planned = False
        self._budget = budget
        #: Phases of the solve and when each began.
        self._phases: list[tuple[str, float]] = []
        self._lock = threading.Lock()
        self._finish()

    def enter(self, phase: str) -> None:
        """Note that a phase begins, and that the one before it has ended."""
        with self._lock:
            self._phases.append((phase, self._budget.seconds()))

    def offer(self, view: CompiledPacking, taken: IntArray, phase: str) -> bool:
        """Offer the placement with `taken[o]` copies on each live option; returns whether it became the best."""
        chosen = np.flatnonzero(taken)
        item = view.option_item[chosen].astype(np.int64)
        return self.offer_placement(Placement(item, view.origin[chosen], taken[chosen]), phase)

    def offer_part(self, view: CompiledPacking, options: IntArray, copies: IntArray, phase: str) -> bool:
        """Offer the placement with `copies` on `options` and nothing elsewhere; returns whether it became the best."""
        taken = np.zeros(view.option_cost.size, dtype=np.int64)
        taken[options] = copies
        return self.offer(view, taken, phase)

    def offer_placement(self, placement: Placement, phase: str) -> bool:
        """Offer a placement in global indices; returns whether it became the best.

        Raises
        ------
        WrongAnswer
            If the checker objects to it, or if it costs less than the bound that is proven here.
        """
        cost, violations = check(self.packing, placement.item, placement.option, placement.count)
        if violations:
            raise WrongAnswer(f"{phase}: {violations[0]} ({len(violations)} violations)")
        with self._lock:
            self.planned = True
            if cost >= self.cost:
                return False
            if cost < self._proven:
                raise WrongAnswer(f"{phase}: the verified cost {cost} is below the proven bound {self._proven}")
            self.placement, self.cost = placement, cost
            if cost < self.bound:
                # What a foreign solver said is not so.
                self.bound = self._proven
            self.unplaced = int(self.packing.item_count.sum() - placement.count.sum())
            self._tell(phase)
            self._finish()
            return True

    def prove(self, bound: int, prices: Prices | None, phase: str) -> None:
        """Report a lower bound proven here, and the prices behind it if prices are all that is behind it.

        Raises
        ------
        WrongAnswer
            If a verified placement costs less.
        """
        with self._lock:
            if prices is not None:
                self.prices = prices
            if bound > self.cost:
                raise WrongAnswer(f"{phase}: bound {bound} exceeds the verified cost {self.cost}")
            self._proven = max(self._proven, bound)
        self.believe(bound, phase)

    def believe(self, bound: int, phase: str) -> None:
        """Take over a foreign solver's lower bound, unless a verified placement contradicts it."""
        with self._lock:
            if not self.bound < bound <= self.cost:
                return
            self.bound, self.bound_seconds = bound, self._budget.seconds()
            self._tell(phase)
            self._finish()

    def optimal(self) -> bool:
        """Whether cost and bound have met."""
        return self.cost <= self.bound

    def solution(self) -> Solution:
        """What has been reached by now, as one consistent answer."""
        with self._lock:
            now = self._budget.seconds()
            ends = [*(began for _, began in self._phases[1:]), now]
            return Solution(
                item=self.placement.item,
                option=self.placement.option,
                count=self.placement.count,
                cost=self.cost,
                bound=self.bound,
                status="optimal" if self.cost == self.bound else "feasible",
                unplaced=self.unplaced,
                seconds=now,
                bound_seconds=self.bound_seconds,
                prices=self.prices,
                phase_seconds={name: end - began for (name, began), end in zip(self._phases, ends, strict=False)},
            )

    def taken(self, view: CompiledPacking) -> IntArray:
        """The best placement as copies on each live option, int64[O]."""
        with self._lock:
            placement = self.placement
        copies = np.zeros(view.option_cost.size, dtype=np.int64)
        np.add.at(copies, np.searchsorted(view.origin, placement.option), placement.count)
        return copies

    def placed(self) -> IntArray:
        """Copies of each item that the best placement places, int64[I]."""
        with self._lock:
            placement = self.placement
        copies = np.zeros(self.packing.items, dtype=np.int64)
        np.add.at(copies, placement.item, placement.count)
        return copies

    def _finish(self) -> None:
        if self.optimal():
            self._budget.finish()

    def _tell(self, phase: str) -> None:
        self.events.append(Progress(self._budget.seconds(), self.cost, self.bound, self.unplaced, phase))
