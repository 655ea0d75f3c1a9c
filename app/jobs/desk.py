"""A process beside the service for what holds the interpreter: checking requests, judging plans, explaining them.

Functions are called there with the desk's own store as first argument, so that reads of the service stay prompt.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from app.errors import Unavailable
from app.jobs.processes import ORPHANED, context
from app.logs import configure_logs
from app.settings import Settings
from app.store.port import Store
from app.store.sql import SqlStore, open_store

log = structlog.get_logger(__name__)

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Desk:
    """Where judgements are made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pool = self._open()

    def call(
        self,
        function: Callable[Concatenate[Store, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """What `function` answers (or raises), called with the desk's store.

        A desk that dies under the call is set up again and asked once more.

        Raises
        ------
        Unavailable
            If it died twice.
        """
        for _ in range(2):
            pool = self._pool
            try:
                return pool.submit(_answer, function, args, kwargs).result()
            except BrokenProcessPool:
                log.warning("desk.broke", function=function.__name__)
                with self._lock:
                    if self._pool is pool:
                        self._pool = self._open()
        raise Unavailable("The process that judges plans was ended twice under this request.")

    def close(self) -> None:
        """Finish what is being done, and leave."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=context(), initializer=_sit_down, initargs=(self._settings,))
        threading.Thread(target=pool.submit, args=(_ready,), name="desk", daemon=True).start()
        return pool


_store: SqlStore | None = None


def _sit_down(settings: Settings) -> None:
    global _store
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_service, name="service", daemon=True).start()
    configure_logs(settings.log_level, settings.log_format)
    _store = open_store(settings.store_url, settings.events_kept)


def _leave_with_service() -> None:
    """End when the service has ended without saying so: nobody would ask anything any more."""
    service = multiprocessing.parent_process()
    if service is not None:
        wait([service.sentinel])
        os._exit(ORPHANED)


def _ready() -> None:
    """Asked first of all, so that the process is there when the first request comes."""


def _answer(function: Callable[..., Answer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    if _store is None:
        raise RuntimeError("the desk has no store")
    return function(_store, *args, **kwargs)
