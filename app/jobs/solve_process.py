"""The process of one solve: it ends with its plan stored, or with its reason; it never outlives its supervisor."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import structlog
from pydantic_core import from_json, to_json

from app.logs import configure_logs
from app.service.drafts import Draft
from app.service.ending import insisted, lose
from app.service.solving import Phase, solve
from app.settings import Settings
from app.store.records import Claim
from app.store.sql import open_store
from solver.running.child import Caller
from solver.running.handover import Mailbox

log = structlog.get_logger(__name__)

#: Share of the memory limit beyond which a search ends by itself.
_IN_GOOD_ORDER = 0.9


@dataclass(frozen=True, slots=True)
class State:
    """How far a solve is. Costs and bounds are money a month.

    `searching_since` are the monotonic seconds at which its time began to run, None until then; `searched` says that the
    search has ended with a verified plan. `found` are the least cost and highest bound that the search has reached,
    `drafted` those of the plan that has been put by, which is what people are shown.
    """

    searching_since: float | None = None
    searched: bool = False
    found: tuple[int, int] | None = None
    drafted: tuple[int, int] | None = None

    @property
    def behind(self) -> bool:
        """Whether better is known than what has been put by."""
        if self.found is None or self.drafted is None:
            return self.found is not None
        return self.found[0] < self.drafted[0]


class Board:
    """Where a solve says how far it is, for its supervisor to look at any time. Saying it waits for nobody."""

    def __init__(self) -> None:
        self._mailbox = Mailbox()

    def put(self, state: State) -> None:
        """Say how far it is."""
        self._mailbox.put([to_json([state.searching_since, state.searched, state.found, state.drafted])])

    def read(self) -> State:
        """How far it has said to be."""
        for record in self._mailbox.newest():
            since, searched, found, drafted = from_json(bytes(record))
            return State(since, searched, found and tuple(found), drafted and tuple(drafted))
        return State()

    def close(self) -> None:
        """Let go of it."""
        self._mailbox.close()


@dataclass(frozen=True, slots=True)
class Order:
    """What a solve process is told."""

    settings: Settings
    claim: Claim
    #: Where drafts are put, for the supervisor to store if this process is lost.
    drafts: Mailbox
    board: Board


class _Teller:
    """Keeps the board up to date, from whichever thread has news."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._state = State()
        self._lock = threading.Lock()

    def phase(self, phase: Phase) -> None:
        with self._lock:
            if phase == "searching":
                self._put(replace(self._state, searching_since=time.monotonic()))
            else:
                self._put(replace(self._state, searched=True))

    def found(self, cost: int, bound: int) -> None:
        with self._lock:
            self._put(replace(self._state, found=(cost, bound)))

    def drafted(self, record: bytes, draft: Draft) -> None:
        with self._lock:
            self._order.drafts.put([record])
            self._put(replace(self._state, drafted=(draft.result.cost, draft.result.bound)))

    def _put(self, state: State) -> None:
        self._state = state
        self._order.board.put(state)


def run(order: Order, caller: Caller) -> None:
    """Carry out a claimed solve, for as long as its supervisor is there. How far it is stands on the board of the order."""
    stop = caller.listen()
    settings, claim = order.settings, order.claim
    configure_logs(settings.log_level, settings.log_format)
    limit = settings.solve_memory_mib
    store = open_store(settings.store_url, settings.events_kept, new=False)
    teller = _Teller(order)
    try:
        solve(
            store,
            claim,
            workers=settings.solve_workers,
            memory_mib=None if limit is None else int(_IN_GOOD_ORDER * limit),
            explain_seconds=settings.explain_seconds,
            should_stop=stop.is_set,
            on_phase=teller.phase,
            on_draft=teller.drafted,
            on_found=teller.found,
        )
    except Exception as error:
        log.exception("solve.broke", plan=claim.id, attempt=claim.attempt)
        reason = f"it broke with {type(error).__name__}: {error}"
        record = next(order.drafts.newest(), None)
        insisted(lambda: lose(store, claim, reason, settings.attempts, record=record))
    finally:
        store.close()
