"""What may be spent: the time of a question, the limits of one solve, and the part of them that one phase gets."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable

from solver.packing.solution import Limits, ShouldStop


class Deadline:
    """The time of one question, by the wall clock, and the caller's patience.

    Parameters
    ----------
    limits : Limits
        Of the question. Where work counts, the time is not what steps are decided by.
    kept_back : float
        Seconds at the end for what comes after the search.
    should_stop : callable, optional
        Polled.
    """

    def __init__(self, limits: Limits, kept_back: float = 0.0, should_stop: ShouldStop | None = None) -> None:
        self._began = time.monotonic()
        self._whole = limits.seconds
        self._limit = limits.seconds - kept_back
        self._by_work = limits.work is not None
        self._should_stop = should_stop

    @property
    def seconds(self) -> float:
        """Since the question came."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds until the search has to end."""
        return self._limit - self.seconds

    def keep_back(self, seconds: float) -> None:
        """Keep back at least so much of the time, up to a tenth of it."""
        self._limit = min(self._limit, self._whole - min(seconds, 0.1 * self._whole))

    def stopped(self) -> bool:
        """Whether the caller wants the best so far."""
        return self._should_stop is not None and self._should_stop()

    def allows(self, share: float, ahead: float) -> bool:
        """Whether, so many seconds from now, less than a share of the time will be spent."""
        spent = (self.seconds + ahead) / max(self._limit, 1e-9)
        return (self._by_work or spent < share) and not self.stopped()


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

    def charge(self, share: float) -> None:
        """Count so large a share of the limit as work done, where work counts."""
        if self._limits.work is not None:
            self.work(int(share * self._limits.work))

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


class Budget:
    """The share of a solve's limit that one phase gets, from when it is made.

    Where a work limit is given the clock does not steer: the phase then ends by its own count of steps, or with the solve,
    and the whole share is charged afterwards.

    Parameters
    ----------
    clock : Clock
        Of the solve.
    share : float
        Of its limit.
    over : callable
        Whether the solve is over.
    """

    def __init__(self, clock: Clock, share: float, over: Callable[[], bool]) -> None:
        self._clock, self._share, self._over = clock, share, over
        self._begin = clock.seconds()

    def used(self) -> float:
        """What part of the budget is used up; 0 where work counts."""
        if self._clock.by_work():
            return 0.0
        return self._clock.share(self._clock.seconds() - self._begin, 0.0) / self._share

    def over(self) -> bool:
        """Whether to stop: the solve is over, or this budget."""
        return self._over() or self.used() > 1.0

    def charge(self) -> None:
        """Count the whole budget as work done, where work counts."""
        self._clock.charge(self._share)
