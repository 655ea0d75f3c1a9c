"""A fault that lasts is told once, not ten times a second, and whoever meets it waits longer each time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import structlog

from app.errors import AppError

log = structlog.get_logger(__name__)

#: How often a fault that goes on is told of again.
AGAIN_SECONDS = 60.0


@dataclass(slots=True)
class Trouble:
    """What goes wrong again and again in one place. Safe to use from several threads.

    Attributes
    ----------
    where
        The place, as the first word of its log lines: `supervisor`, `store.write`.
    first_seconds, most_seconds
        How long to wait after the first fault, and at most; each wait is twice the one before.
    """

    where: str
    first_seconds: float = 0.1
    most_seconds: float = 5.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _what: str | None = None
    _times: int = 0
    _since: float = 0.0
    _told: float = 0.0

    def met(self, error: Exception) -> float:
        """Count a fault, and tell of it if it is a new one or has not been told of for a minute; answers how many seconds to
        wait before the next try."""
        what, now = f"{type(error).__name__}: {error}", time.monotonic()
        with self._lock:
            if self._times == 0:
                self._since = now
            self._times += 1
            times, told = self._times, what == self._what and now < self._told + AGAIN_SECONDS
            if not told:
                self._what, self._told = what, now
        if not told:
            self._tell(error, times)
        return float(min(self.most_seconds, self.first_seconds * 2 ** min(times - 1, 30)))

    def over(self) -> None:
        """Say that it works again, if it did not."""
        if not self._times:
            return
        with self._lock:
            times, seconds, self._times, self._what = self._times, time.monotonic() - self._since, 0, None
        if times:
            log.info(f"{self.where}.recovered", times=times, seconds=round(seconds, 1))

    def _tell(self, error: Exception, times: int) -> None:
        if isinstance(error, AppError):
            cause = None if error.__cause__ is None else str(error.__cause__).splitlines()[0]
            log.warning(f"{self.where}.failed", code=error.code, detail=error.detail, cause=cause, times=times)
        else:
            log.error(f"{self.where}.broke", times=times, exc_info=error)
