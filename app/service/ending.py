"""What becomes of plans whose solve did not hand one in: lost, given back, failed.

A verified plan that had been put by is kept: the plan ends with it, and says why. Another attempt is only worth its time
where there is none; it may end like the one before it, and what has been shown to people is not taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from app.errors import Unavailable
from app.identity.caller import SERVICE
from app.service import lifecycle
from app.service.drafts import Draft, generation_of, keep_within, read_draft
from app.store.port import Session, Store
from app.store.records import Claim, Lease, PlanStatus

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

#: Time before another try where the store could not be written.
_AGAIN_SECONDS = 0.5


def insisted(write: Callable[[], Answer]) -> Answer:
    """What `write` answers, however long the store cannot be written: for a solve, whose supervisor keeps the time."""
    while True:
        try:
            return write()
        except Unavailable as error:
            log.warning("solve.waits", code=error.code)
            time.sleep(_AGAIN_SECONDS)


def fail(store: Store, claim: Claim, code: str, reason: str, status: PlanStatus = "failed") -> None:
    """End the claimed plan without decisions, unless the claim is void."""
    with store.writing(SERVICE) as session:
        if session.jobs.finish(claim):
            lifecycle.ended(session, claim.id, status, failure={"code": code, "reason": reason})


def give_back(store: Store, claim: Claim, record: bytes | memoryview | None) -> None:
    """Let the claimed plan wait for another solve as if this one had never begun, but for the draft that it leaves."""
    with store.writing(SERVICE) as session:
        if session.jobs.give_back(claim, None, 1) == "queued":
            if record is not None:
                session.plans.keep_draft(claim.id, generation_of(record), bytes(record))
            lifecycle.requeued(session, claim.id, None)


def lose(
    store: Store,
    claim: Claim,
    reason: str,
    attempts: int,
    *,
    record: bytes | memoryview | None = None,
    reported: tuple[int, int] | None = None,
    killed: bool = False,
) -> None:
    """End the claimed plan with the newest draft there is; without one, let it wait for another solve.

    Without a draft a plan ends as failed when it has been lost `attempts` times or was `killed` for what it did, which it
    would do again; and as cancelled if a stop was asked for. `record` is the draft at hand, in place of the one in the
    store, `reported` the least cost and highest bound that the solve had reached.
    """
    draft = _newest(store, claim, record)
    with store.writing(SERVICE) as session:
        _lose(session, claim, reason, attempts, draft, reported, killed)


def lose_silent(store: Store, lease: Lease, attempts: int) -> bool:
    """The same for a solve whose supervisor has fallen silent, unless it has given a sign of life by now."""
    claim = lease.claim
    draft = _newest(store, claim, None)
    with store.writing(SERVICE) as session:
        if session.jobs.lease(claim) != lease:
            return False
        log.warning("solve.abandoned", plan=claim.id, attempt=claim.attempt)
        _lose(session, claim, "its supervisor is gone", attempts, draft, None, False)
        return True


def _newest(store: Store, claim: Claim, record: bytes | memoryview | None) -> Draft | None:
    draft = read_draft(claim.id, record)
    if draft is not None:
        return draft
    with store.reading() as session:
        stored = session.plans.draft(claim.id)
    return read_draft(claim.id, stored)


def _lose(
    session: Session,
    claim: Claim,
    reason: str,
    attempts: int,
    draft: Draft | None,
    reported: tuple[int, int] | None,
    killed: bool,
) -> None:
    stopped = session.jobs.stop_wanted(claim)
    if draft is not None:
        why = f"{reason[0].upper()}{reason[1:]}."
        keep_within(session, claim, draft, "cancelled" if stopped else "finished", cut_off=why, reported=reported)
        return
    if stopped or killed:
        if session.jobs.finish(claim):
            failure = {"code": "solve.killed" if killed else "plan.cancelled", "reason": f"{reason[0].upper()}{reason[1:]}."}
            lifecycle.ended(session, claim.id, "cancelled" if stopped else "failed", failure=failure)
        return
    became = session.jobs.give_back(claim, reason, attempts)
    if became == "queued":
        lifecycle.requeued(session, claim.id, reason)
    elif became == "spent":
        failure = {"code": "solve.lost", "reason": f"The solve was lost {attempts} times; the last time: {reason}"}
        lifecycle.ended(session, claim.id, "failed", failure=failure)
