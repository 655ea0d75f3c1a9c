"""Sees to it now and then that a store keeps no more than its settings say."""

from __future__ import annotations

import threading

import structlog

from app.service.retention import RetentionLimits, sweep
from app.settings import Settings
from app.store.port import Store
from app.trouble import Trouble

log = structlog.get_logger(__name__)

#: Pause between two steps: writers that wait come first.
PAUSE_SECONDS = 0.05


class Housekeeping:
    """Sweeps a store, from a thread of its own. Several services may do so beside each other."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._every = settings.upkeep_seconds
        self._kept = RetentionLimits(
            settings.plans_kept, settings.plan_days, settings.changes_kept, settings.history_days, settings.progress_kept
        )
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin; the first sweep is a while after that, when the service has been started."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is being done."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        trouble = Trouble("housekeeping", self._every, self._every)
        while not self._ending.wait(self._every):
            try:
                removed = sweep(self._store, self._kept, lambda: self._ending.wait(PAUSE_SECONDS))
            except Exception as error:
                trouble.met(error)
                continue
            trouble.over()
            if removed:
                log.info("store.swept", **{what.replace(" ", "_"): count for what, count in removed.items()})
