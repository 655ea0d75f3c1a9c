"""Tells the store how far a solve is, without the solve ever waiting for the store.

What is new takes the place of what has not been written yet; a store that is busy costs points of the series, never
time of the search. The newest draft is put by in the store as well, for whoever finds the solve without its supervisor.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import structlog

from app.errors import Unavailable
from app.service import lifecycle
from app.store.port import Session, Store
from app.store.records import Claim, ProgressRow
from solver import Progress

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
    has become void, or for a solve that has ended.
    """

    def __init__(self, store: Store, claim: Claim, name: str | None, generation: int) -> None:
        self._store = store
        self._claim = claim
        self._name = name
        self._generation = generation
        self._news = threading.Condition()
        self._point: Progress | None = None
        self._draft: bytes | None = None
        self._ordinal = 0
        self._due = self._draft_due = 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._follow, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._news:
            self._closed = True
            self._news.notify()

    def add(self, point: Progress) -> None:
        """Have a point written, in place of one that has not been. Returns at once."""
        with self._news:
            self._point = point
            self._news.notify()

    def put_by(self, draft: bytes) -> None:
        """Have a draft written, in place of one that has not been. Returns at once."""
        with self._news:
            self._draft = draft
            self._news.notify()

    def _follow(self) -> None:
        while (news := self._next()) is not None:
            point, draft = news
            began = time.monotonic()
            try:
                with self._store.writing() as session:
                    going = session.jobs.lease(self._claim) is not None
                    if going:
                        self._write(session, point, draft)
            except Unavailable as error:
                log.warning("progress.skipped", plan=self._claim.id, code=error.code)
                self._put_off(draft)
                continue
            except Exception:
                # The search goes on without its points; its end will meet the same trouble, and say so.
                log.exception("recorder.broke", plan=self._claim.id)
                self._put_off(draft)
                continue
            if not going:
                return
            now = time.monotonic()
            self._due = now + PROGRESS_SECONDS
            if point is not None:
                self._ordinal += 1
            if draft is not None:
                self._draft_due = now + max(DRAFT_SECONDS, (_SPARING - 1) * (now - began))

    def _put_off(self, draft: bytes | None) -> None:
        """Try again in a while: with this draft, unless there is a newer one."""
        self._due = self._draft_due = time.monotonic() + _AGAIN_SECONDS
        with self._news:
            self._draft = self._draft or draft

    def _write(self, session: Session, point: Progress | None, draft: bytes | None) -> None:
        if point is not None:
            row = ProgressRow(
                self._claim.attempt, self._ordinal, point.seconds, point.cost, point.bound, point.unplaced, point.phase
            )
            lifecycle.improved(session, self._claim.id, self._name, self._generation, row)
        if draft is not None:
            session.plans.keep_draft(self._claim.id, self._generation, draft)

    def _next(self) -> tuple[Progress | None, bytes | None] | None:
        """What is due to be written; None when there will be nothing more."""
        with self._news:
            while not self._closed:
                now = time.monotonic()
                point = self._point if now >= self._due else None
                draft = self._draft if now >= self._draft_due else None
                if point is not None or draft is not None:
                    self._point = self._point if point is None else None
                    self._draft = self._draft if draft is None else None
                    return point, draft
                waiting = ((self._due, self._point), (self._draft_due, self._draft))
                dues = [due for due, thing in waiting if thing is not None]
                self._news.wait(min(dues) - now if dues else None)
            return None
