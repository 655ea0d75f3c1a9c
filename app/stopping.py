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
    """Hears the signals that end this process.

    Parameters
    ----------
    on_told : callable
        Called once, at the first signal, from a thread of its own.
    tidy : callable
        Called before this process is ended from here, for what would be left behind.
    """

    def __init__(self, on_told: Callable[[], object], tidy: Callable[[], object]) -> None:
        self._on_told = on_told
        self._tidy = tidy
        # Putting something into it is safe wherever a signal may strike.
        self._told: SimpleQueue[int] = SimpleQueue()

    def listen(self) -> None:
        """Hear signals from now on until the process has ended."""
        threading.Thread(target=self._follow, name="stopping", daemon=True).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda heard, _: self._told.put(heard))

    def _follow(self) -> None:
        self._told.get()
        self._on_told()
        try:
            again = self._told.get(timeout=STOP_SECONDS)
        except Empty:
            log.warning("stop.cut_short", seconds=STOP_SECONDS)
            self._leave(0)
        else:
            self._leave(128 + again)

    def _leave(self, code: int) -> None:
        kill_children()
        self._tidy()
        os._exit(code)
