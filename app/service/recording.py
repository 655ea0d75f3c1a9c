"""Tells the store how far a solve is, without the solve ever waiting for the store.

A cost is shown to people in the transaction that puts its plan by, so whatever becomes of the solve, nobody is left with
less than what was shown. Bounds hold for every plan and are shown as they rise. What is new takes the place of what has not
been written yet; a store that is busy costs points of the series, never time of the search.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import structlog

from app.errors import Unavailable
from app.identity.caller import SERVICE
from app.service import lifecycle
from app.service.drafts import Draft
from app.store.port import Session, Store
from app.store.records import Claim, ProgressRow
from solver import Progress
from solver.running.following import Follower, Newest

log = structlog.get_logger(__name__)

#: Least time between two stored points of progress.
PROGRESS_SECONDS = 0.25
#: Least time between two stored drafts, and how many times as long as one takes.
DRAFT_SECONDS, _SPARING = 1.0, 20
#: Time before another try where the store could not be written.
_AGAIN_SECONDS = 1.0


class Recorder:
    """Writes the newest point and the newest draft of a claimed solve, from a thread of its own.

    Used as a context; after its block nothing more is written but what is under way. Nothing is written under a claim that
    has become void, or for a solve that has ended. `kept` is a draft that is in the store already.
    """

    def __init__(self, store: Store, claim: Claim, name: str | None, generation: int, kept: Draft | None = None) -> None:
        self._store = store
        self._claim = claim
        self._name = name
        self._generation = generation
        self._follower = Follower(self._record, "recorder")
        self._points: Newest[Progress] = self._follower.kind()
        self._drafts: Newest[tuple[bytes, Draft]] = self._follower.kind()
        #: What the store has: the draft, the last point that was thought of, and the last row.
        self._kept = kept
        self._reached: Progress | None = None
        self._row: ProgressRow | None = None

    def __enter__(self) -> Self:
        self._follower.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._follower.__exit__(kind, error, trace)

    def add(self, point: Progress) -> None:
        """Have a point written, in place of one that has not been. Returns at once."""
        self._points.offer(point)

    def put_by(self, record: bytes, draft: Draft) -> None:
        """Have a draft, and as bytes what it becomes, written in place of one that has not been. Returns at once."""
        self._drafts.offer((record, draft))

    def _record(self) -> bool:
        """Write what is due; False where nothing will be written any more."""
        point, draft = self._points.take(), self._drafts.take()
        began = time.monotonic()
        row = self._row_of(point or self._reached, self._kept if draft is None else draft[1])
        try:
            with self._store.writing(SERVICE) as session:
                going = session.jobs.lease(self._claim) is not None
                if going:
                    self._write(session, row, draft)
        except Unavailable as error:
            log.warning("progress.skipped", plan=self._claim.id, code=error.code)
            self._put_off(draft)
            return True
        except Exception:
            # The search goes on without its points; its end will meet the same trouble, and say so.
            log.exception("recorder.broke", plan=self._claim.id)
            self._put_off(draft)
            return True
        now = time.monotonic()
        self._points.due = now + PROGRESS_SECONDS
        self._reached, self._row = point or self._reached, row or self._row
        if draft is not None:
            self._kept = draft[1]
            self._drafts.due = now + max(DRAFT_SECONDS, (_SPARING - 1) * (now - began))
        return going

    def _put_off(self, draft: tuple[bytes, Draft] | None) -> None:
        """Try again in a while: with this draft, unless there is a newer one."""
        self._points.due = self._drafts.due = time.monotonic() + _AGAIN_SECONDS
        self._drafts.put_back(draft)

    def _row_of(self, point: Progress | None, kept: Draft | None) -> ProgressRow | None:
        """What there is to show: the cost of what is put by, and the highest bound; None if that has been shown."""
        if kept is None:
            return None
        seconds, bound, phase = (0.0, 0, "search") if point is None else (point.seconds, point.bound, point.phase)
        figures, last = kept.result, self._row
        if last is not None:
            seconds, bound = max(seconds, last.seconds), max(bound, last.bound)
        bound = min(figures.cost, max(bound, figures.bound))
        if last is not None and (figures.cost, bound) == (last.cost, last.bound):
            return None
        ordinal = 0 if last is None else last.ordinal + 1
        return ProgressRow(self._claim.attempt, ordinal, seconds, figures.cost, bound, figures.unplaced_shards, phase)

    def _write(self, session: Session, row: ProgressRow | None, draft: tuple[bytes, Draft] | None) -> None:
        if draft is not None:
            session.plans.keep_draft(self._claim.id, self._generation, draft[0])
        if row is not None:
            lifecycle.improved(session, self._claim.id, self._name, self._generation, row)
