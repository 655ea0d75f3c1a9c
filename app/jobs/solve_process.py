"""The process of one solve: it ends with its plan stored, or with its reason; it never outlives its supervisor."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import structlog

from app.jobs.processes import ORPHANED
from app.logs import configure_logs
from app.service.drafts import Draft
from app.service.solving import lose, solve
from app.settings import Settings
from app.store.records import Claim
from app.store.sql import open_store
from solver.handover import Mailbox

log = structlog.get_logger(__name__)

#: What the supervisor sends to have the best plan so far handed in.
STOP = b"stop"
#: Share of the memory limit beyond which a search ends by itself.
_IN_GOOD_ORDER = 0.9


@dataclass(frozen=True, slots=True)
class Order:
    """What a solve process is told."""

    settings: Settings
    claim: Claim
    #: Where drafts are put, for the supervisor to store if this process has to be killed.
    drafts: Mailbox


def run(order: Order, line: Connection) -> None:
    """Carry out a claimed solve.

    `line` leads to the supervisor: it says stop, and its end is the supervisor's. It is told when the search begins and
    ends, as (phase, monotonic seconds), and the costs of what is found and of what has been put by, as ("found", won a
    month) and ("drafted", won a month).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings, claim = order.settings, order.claim
    configure_logs(settings.log_level, settings.log_format)
    limit = settings.solve_memory_mib
    stop = threading.Event()
    threading.Thread(target=_listen, args=(line, stop), daemon=True).start()
    store = open_store(settings.store_url, settings.events_kept)
    speaking = threading.Lock()

    def tell(what: str, value: float) -> None:
        with speaking:
            line.send((what, value))

    def put_by(draft: Draft) -> None:
        order.drafts.put([pickle.dumps(draft)])
        tell("drafted", draft.result.cost)

    try:
        solve(
            store,
            claim,
            workers=settings.solve_workers,
            memory_mib=None if limit is None else int(_IN_GOOD_ORDER * limit),
            explain_seconds=settings.explain_seconds,
            should_stop=stop.is_set,
            on_phase=lambda phase: tell(phase, time.monotonic()),
            on_draft=put_by,
            on_found=lambda cost: tell("found", cost),
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
