"""The best plan and the best bound of a solve, shared by its threads; nothing enters unchecked."""

from __future__ import annotations

import resource
import threading
import time
from collections import deque

import numpy as np

from solver.bounds.view import View
from solver.packing import IntArray, Packing, Placement
from solver.packing.check import check
from solver.packing.solution import Limits, Prices, Progress, ShouldStop, Solution


class WrongAnswer(RuntimeError):
    """An engine offered a placement that the independent checker refuses: a defect, never an answer."""


class Clock:
    """What is left of the limits: time, work, and the caller's patience.

    `halt` ends everything; `spent()` runs from 0 to 1, by work where a work limit is given, else by time.
    """

    def __init__(self, limits: Limits, should_stop: ShouldStop | None) -> None:
        self._begin = time.monotonic()
        self._limits = limits
        self._should_stop = should_stop
        self._work = 0.0
        self._lock = threading.Lock()
        self._halted = threading.Event()

    def seconds(self) -> float:
        """Since the solve began."""
        return time.monotonic() - self._begin

    def left(self) -> float:
        """Seconds until the wall-clock limit."""
        return self._limits.seconds - self.seconds()

    def work(self, units: float = 1.0) -> None:
        """Count work done."""
        with self._lock:
            self._work += units

    def spent(self) -> float:
        """Share of the limit that is used up."""
        return self.share(self.seconds(), self._work)

    def share(self, seconds: float, work: float) -> float:
        """What part of the limit so many seconds are, or, where a work limit is given, so many units of work."""
        if self._limits.work is not None:
            return work / max(1, self._limits.work)
        return seconds / max(1e-9, self._limits.seconds)

    def by_work(self) -> bool:
        """Whether a work limit, not the clock, steers the search."""
        return self._limits.work is not None

    @property
    def halted(self) -> bool:
        """Whether the solve was told to end, by a stop or for want of memory."""
        return self._halted.is_set()

    def halt(self) -> None:
        """End the solve now."""
        self._halted.set()

    def over(self) -> bool:
        """Whether to stop: halted, or out of time or work."""
        worked_off = self._limits.work is not None and self._work >= self._limits.work
        return self._halted.is_set() or worked_off or self.left() <= 0

    def watch(self) -> bool:
        """Ask the caller, and the limits; for the calling thread only. True once the solve is to end."""
        if self._should_stop is not None and self._should_stop():
            self._halted.set()
        if self._limits.memory_mib is not None:
            # Linux counts the peak in KiB.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if peak > self._limits.memory_mib * 1024:
                self._halted.set()
        return self._halted.is_set() or self.left() <= 0


class Incumbent:
    """Best verified placement, best proven bound and the prices behind it.

    Events for the caller wait in `events` until the coordinating thread delivers them.
    """

    def __init__(self, packing: Packing, clock: Clock) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self.packing = packing
        self.placement = Placement(nothing, nothing, nothing)
        self.cost, _ = check(packing, nothing, nothing, nothing)
        self.unplaced = int(packing.item_count.sum())
        self.bound = 0
        self.bound_seconds = 0.0
        self.prices = Prices.zero(packing.rows)
        self.events: deque[Progress] = deque()
        #: Whether any engine has offered a plan yet.
        self.planned = False
        self._clock = clock
        #: Phases of the solve and when each began.
        self._phases: list[tuple[str, float]] = []
        self._lock = threading.Lock()

    def enter(self, phase: str) -> None:
        """Note that a phase begins, and that the one before it has ended."""
        with self._lock:
            self._phases.append((phase, self._clock.seconds()))

    def offer(self, view: View, taken: IntArray, phase: str) -> bool:
        """Offer the placement with `taken[o]` copies on each live option; returns whether it became the best."""
        chosen = np.flatnonzero(taken)
        item = view.option_item[chosen].astype(np.int64)
        return self.offer_placement(Placement(item, view.origin[chosen], taken[chosen]), phase)

    def offer_part(self, view: View, options: IntArray, copies: IntArray, phase: str) -> bool:
        """Offer the placement with `copies` on `options` and nothing elsewhere; returns whether it became the best."""
        taken = np.zeros(view.option_cost.size, dtype=np.int64)
        taken[options] = copies
        return self.offer(view, taken, phase)

    def offer_placement(self, placement: Placement, phase: str) -> bool:
        """Offer a placement in global indices; returns whether it became the best.

        Raises
        ------
        WrongAnswer
            If the checker objects to it.
        """
        cost, violations = check(self.packing, placement.item, placement.option, placement.count)
        if violations:
            raise WrongAnswer(f"{phase}: {violations[0]} ({len(violations)} violations)")
        with self._lock:
            self.planned = True
            if cost >= self.cost:
                return False
            self.placement, self.cost = placement, cost
            self.unplaced = int(self.packing.item_count.sum() - placement.count.sum())
            self._tell(phase)
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
        self.believe(bound, phase)

    def believe(self, bound: int, phase: str) -> None:
        """Take over a foreign solver's lower bound, unless a verified placement contradicts it."""
        with self._lock:
            if not self.bound < bound <= self.cost:
                return
            self.bound, self.bound_seconds = bound, self._clock.seconds()
            self._tell(phase)

    def optimal(self) -> bool:
        """Whether cost and bound have met."""
        return self.cost <= self.bound

    def solution(self) -> Solution:
        """What has been reached by now, as one consistent answer."""
        with self._lock:
            now = self._clock.seconds()
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

    def taken(self, view: View) -> IntArray:
        """The best placement as copies on each live option, int64[O]."""
        with self._lock:
            placement = self.placement
        copies = np.zeros(view.option_cost.size, dtype=np.int64)
        np.add.at(copies, np.searchsorted(view.origin, placement.option), placement.count)
        return copies

    def _tell(self, phase: str) -> None:
        self.events.append(Progress(self._clock.seconds(), self.cost, self.bound, self.unplaced, phase))
