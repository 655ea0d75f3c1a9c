"""Finds solves that nobody keeps any more, without reading a clock that somebody could set.

Whoever solves lets a counter in the store grow, every `heartbeat_seconds`. Each service and worker watches the counters by
its own monotonic clock: a lease whose counter has stood still for `lease_seconds` is lost. Only time counts in which the
store could be written, since nobody can give a sign of life in a store that is locked; and only time in which this process
looked, since one that was halted itself cannot say what it missed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import structlog

from app.errors import Unavailable
from app.identity.caller import SERVICE
from app.service.ending import lose_silent
from app.settings import Settings
from app.store.port import Store
from app.store.records import Lease

log = structlog.get_logger(__name__)

#: Time between two looks.
LOOK_SECONDS = 1.0
#: What lies between two looks counts for so many seconds at most.
_STEP_SECONDS = 2 * LOOK_SECONDS
#: How long a stop waits for what is being done.
_STOP_SECONDS = 3.0


@dataclass(slots=True)
class Leases:
    """Watches the leases of a store, and ends or gives back what nobody renews."""

    store: Store
    settings: Settings
    _silent: dict[Lease, float] = field(default_factory=dict)
    _looked: float | None = None
    _thread: threading.Thread | None = None
    _ending: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Watch from a thread."""
        self._thread = threading.Thread(target=self._watch, name="leases", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more. What is being done is waited for, for a moment."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def look(self, now: float) -> None:
        """Look at all leases at the monotonic time `now`.

        Raises
        ------
        Unavailable
            If the store cannot be written; the time since the last look does not count then.
        """
        step = 0.0 if self._looked is None else min(now - self._looked, _STEP_SECONDS)
        self._looked = now
        with self.store.reading() as session:
            held = session.jobs.leases()
        silent = {lease: self._silent[lease] + step if lease in self._silent else 0.0 for lease in held}
        if max(silent.values(), default=0.0) > 2 * self.settings.heartbeat_seconds:
            with self.store.writing(SERVICE):
                # Whoever could have written has had the chance.
                pass
        self._silent = silent
        for lease, seconds in silent.items():
            if seconds >= self.settings.lease_seconds:
                lose_silent(self.store, lease, self.settings.attempts)

    def _watch(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                self.look(time.monotonic())
            except Unavailable as error:
                log.warning("leases.unseen", code=error.code)
            except Exception:
                log.exception("leases.broke")
