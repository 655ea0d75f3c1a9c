"""The process of one solve: it ends with its plan stored, or with its reason; it never outlives its supervisor."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

import structlog

from app.logs import configure_logs
from app.service.solving import lose, solve
from app.settings import Settings
from app.store.records import Claim
from app.store.sql import open_store

log = structlog.get_logger(__name__)

#: What the supervisor sends to have the best plan so far handed in.
STOP = b"stop"
#: Exit code of a solve whose supervisor is gone.
ORPHANED = 17


@dataclass(frozen=True, slots=True)
class Order:
    """What a solve process is told."""

    settings: Settings
    claim: Claim


def run(order: Order, line: Connection) -> None:
    """Carry out a claimed solve. `line` leads to the supervisor: it says stop, and its end is the supervisor's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings, claim = order.settings, order.claim
    configure_logs(settings.log_level, settings.log_format)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(line, stop), daemon=True).start()
    store = open_store(settings.store_url)
    try:
        solve(
            store,
            claim,
            workers=settings.solve_workers,
            memory_mib=settings.solve_memory_mib,
            explain_seconds=settings.explain_seconds,
            should_stop=stop.is_set,
        )
    except Exception as error:
        log.exception("solve.broke", plan=claim.id, attempt=claim.attempt)
        lose(store, claim, f"{type(error).__name__}: {error}", settings.attempts)
    finally:
        store.close()


def _listen(line: Connection, stop: threading.Event) -> None:
    """Wait for word from the supervisor; without one there is nobody to keep the lease, and so nothing to solve for."""
    try:
        while True:
            if line.recv_bytes() == STOP:
                stop.set()
    except (EOFError, OSError):
        os._exit(ORPHANED)
