"""How long a process may go on beyond its time, on a machine that it may have to share.

What counts is not the clock alone: a process that is given a quarter of a core needs four times as long for its last steps,
and ending it then would throw away what is nearly done. One that takes no processor time at all hangs, and gets no more.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A starved process gets so many times its grace, at most.
_STARVED = 4
#: A process without any processor time for so long is not starved; it hangs.
_HUNG_SECONDS = 3.0


@dataclass(slots=True)
class Overtime:
    """Counts the seconds that a process has spent beyond a moment. Times are monotonic seconds.

    A second counts by the processor time that the process had in it, as long as it gets any: a quarter at least.
    """

    _now: float
    _cpu: float
    _moved: float
    seconds: float = 0.0

    @classmethod
    def since(cls, now: float, cpu: float) -> Overtime:
        """Begin to count, with the processor time that the process has had until now."""
        return cls(now, cpu, now)

    def look(self, now: float, cpu: float) -> float:
        """The seconds that count by now, given all processor time that the process has had."""
        passed, worked = now - self._now, cpu - self._cpu
        if worked > 0:
            self._moved = now
        hangs = now - self._moved > _HUNG_SECONDS
        self.seconds += passed if hangs else min(passed, max(worked, passed / _STARVED))
        self._now, self._cpu = now, cpu
        return self.seconds
