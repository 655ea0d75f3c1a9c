"""Ending a service or a worker: in good order when first told, within seconds in any case, and at once when told again.

Nothing is lost by leaving early: what has been answered is committed, and solves are taken up, or end with their drafts.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

from app.jobs.processes import kill_children

log = structlog.get_logger(__name__)

#: How long ending in good order may take.
STOP_SECONDS = 8.0


class Stopping:
    """Hears the signals that end this process, from :meth:`listen` on until it has ended.

    `tidy` is called before this process is ended from here, for what would be left behind.
    """

    def __init__(self, tidy: Callable[[], object]) -> None:
        self._tidy = tidy
        # Putting something into it is safe wherever a signal may strike.
        self._heard: SimpleQueue[int] = SimpleQueue()
        self._lock = threading.Lock()
        self._told = False
        self._then: Callable[[], object] | None = None

    @property
    def told(self) -> bool:
        """Whether this process is to end."""
        return self._told

    def listen(self) -> None:
        """Hear signals from now on."""
        threading.Thread(target=self._follow, name="stopping", daemon=True).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda heard, _: self._heard.put(heard))

    def then(self, end: Callable[[], object]) -> None:
        """Have this called, from another thread, when this process is told to end; at once, if it has been told."""
        with self._lock:
            self._then = end
            if self._told:
                end()

    def _follow(self) -> None:
        self._heard.get()
        with self._lock:
            self._told = True
            if self._then is not None:
                self._then()
        try:
            again = self._heard.get(timeout=STOP_SECONDS)
        except Empty:
            log.warning("stop.cut_short", seconds=STOP_SECONDS)
            self._leave(0)
        else:
            self._leave(128 + again)

    def _leave(self, code: int) -> None:
        kill_children()
        self._tidy()
        os._exit(code)
