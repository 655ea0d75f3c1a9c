"""What may be spent: one value for time, work and the caller's patience, and the part of it that one phase gets."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from solver.packing.solution import Limits, ShouldStop


class Budget:
    """What is left of the limits of a question or of a solve: time by the wall clock, work, and the caller's patience.

    Where a work limit is given, work steers the search, and time only ends it.

    Parameters
    ----------
    limits : Limits
        What may be spent, from now on.
    should_stop : callable, optional
        Polled; True ends everything.
    kept_back : float
        Seconds at the end for what comes after the search.
    """

    def __init__(self, limits: Limits, should_stop: ShouldStop | None = None, kept_back: float = 0.0) -> None:
        self._began = time.monotonic()
        self._limits = limits
        self._seconds = limits.seconds - kept_back
        self._should_stop = should_stop
        self._work = 0.0
        self._lock = threading.Lock()
        self._halted = threading.Event()
        self._finished = False

    def seconds(self) -> float:
        """Seconds since the budget was made."""
        return time.monotonic() - self._began

    @property
    def total(self) -> float:
        """Seconds that the search may take in all."""
        return self._seconds

    def left(self) -> float:
        """Seconds until the search has to end."""
        return self._seconds - self.seconds()

    def keep_back(self, seconds: float) -> None:
        """Keep back at least so much of the time, up to a tenth of it."""
        whole = self._limits.seconds
        self._seconds = min(self._seconds, whole - min(seconds, 0.1 * whole))

    def by_work(self) -> bool:
        """Whether a work limit, not the clock, steers the search."""
        return self._limits.work is not None

    def work(self, units: float = 1.0) -> None:
        """Count work done."""
        with self._lock:
            self._work += units

    def charge(self, share: float) -> None:
        """Count so large a share of the limit as work done, where work counts."""
        if self._limits.work is not None:
            self.work(int(share * self._limits.work))

    def used(self) -> float:
        """Share of the limit that is used up, from 0 to 1: of work where a work limit is given, else of time."""
        return self.share(self.seconds(), self._work)

    def share(self, seconds: float, work: float) -> float:
        """Share of the limit that so many seconds are, or, where a work limit is given, so many units of work."""
        if self._limits.work is not None:
            return work / max(1, self._limits.work)
        return seconds / max(1e-9, self._seconds)

    def allows(self, share: float, ahead: float) -> bool:
        """Whether a step that ends so many seconds from now leaves the time used below a share.

        Where work counts, every step has the time that it takes. A stop allows nothing.
        """
        return (self.by_work() or self.share(self.seconds() + ahead, 0.0) < share) and not self.stopped()

    def part(self, share: float) -> BudgetPart:
        """So large a share of the limit, from now on."""
        return BudgetPart(self, share)

    @property
    def halted(self) -> bool:
        """Whether the search was told to end, by a stop or for want of memory."""
        return self._halted.is_set()

    def halt(self) -> None:
        """End the search now."""
        self._halted.set()

    def finish(self) -> None:
        """Note that nothing is left to search for: the best plan is proven optimal."""
        self._finished = True

    def over(self) -> bool:
        """Whether to stop: halted, finished, or out of time or work."""
        worked_off = self._limits.work is not None and self._work >= self._limits.work
        return self._finished or self._halted.is_set() or worked_off or self.left() <= 0

    def stopped(self) -> bool:
        """Ask the caller whether to stop; for the calling thread only."""
        return self._should_stop is not None and self._should_stop()

    def watch(self) -> bool:
        """Ask the caller, and the limits; for the calling thread only. True once the solve is to end."""
        if self.stopped():
            self._halted.set()
        if self._limits.memory_mib is not None:
            # Linux counts the peak in KiB.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if peak > self._limits.memory_mib * 1024:
                self._halted.set()
        return self._halted.is_set() or self.left() <= 0


class BudgetPart:
    """The share of a budget that one phase gets, from when it is made; over with the budget.

    Where a work limit is given the clock does not steer: the phase then ends by its own count of steps, or with the solve,
    and the whole share is charged afterwards.
    """

    def __init__(self, whole: Budget, share: float) -> None:
        self._whole, self._share = whole, share
        self._began = whole.seconds()

    def used(self) -> float:
        """Share of the part that is used up; 0 where work counts."""
        if self._whole.by_work():
            return 0.0
        return self._whole.share(self._whole.seconds() - self._began, 0.0) / self._share

    def left(self) -> float:
        """Seconds until the part is used up; where work counts, until the search has to end."""
        if self._whole.by_work():
            return self._whole.left()
        return min(self._whole.left(), (1.0 - self.used()) * self._share * self._whole.total)

    def over(self) -> bool:
        """Whether to stop: the whole budget is over, or this part."""
        return self._whole.over() or self.used() > 1.0

    def charge(self) -> None:
        """Count the whole part as work done, where work counts."""
        self._whole.charge(self._share)


#: What an engine is given: a whole budget, or a part of one.
AnyBudget: TypeAlias = Budget | BudgetPart


class Stopwatch:
    """Seconds of each kind of step: when it was last done, and in all."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        #: Seconds of each kind of step in all, in the order in which they were first done.
        self.total: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.add(step, time.monotonic() - began)

    def __getitem__(self, step: str) -> float:
        """Seconds of the step when it was last done; 0 before that."""
        return self._last.get(step, 0.0)

    def add(self, step: str, seconds: float) -> None:
        """Count a step that was timed elsewhere."""
        self._last[step] = seconds
        self.total[step] = self.total.get(step, 0.0) + seconds
