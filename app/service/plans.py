"""What planners do: ask for plans, follow them, stop them, forget them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from app.clock import now_ms
from app.errors import InUse, NotFound, PlanEnded, PlanInForce, PlanNotReady, QueueFull
from app.identity.caller import Caller
from app.schemas.plans import PlanOut, brief_of
from app.schemas.requests import PlanRequest
from app.service import lifecycle
from app.service.promises import Promise
from app.store.port import Session, Store
from app.store.records import PageQuery, PlacedDecision, PlanRow, PlanStamp, ProgressRow, UsageRow

#: Statuses after which nothing changes any more.
ENDED = frozenset({"finished", "cancelled", "failed"})
#: The status of the answer to a request that was accepted.
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """A plan and the last point of its progress."""

    row: PlanRow
    best: ProgressRow | None


def submit(
    store: Store,
    caller: Caller,
    request: PlanRequest,
    seconds: float,
    id: str | None = None,
    most_waiting: int | None = None,
    promise: Promise | None = None,
) -> PlanProgress:
    """Accept a request; from here on it is solved, or ends as failed with its reason.

    `seconds` is the time to search, in place of what the request leaves open or asks in excess. Under an `id` of its own a
    request is accepted once, however often it is told.

    Raises
    ------
    QueueFull
        If `most_waiting` others wait to be solved.
    KeyUnderWay, KeyReused
        As :meth:`app.service.promises.Promise.check`.
    """
    limits = request.limits.model_copy(update={"seconds": seconds})
    body = request.model_copy(update={"limits": limits}).model_dump(mode="json", exclude_unset=True)
    row = PlanRow(
        id=id or str(uuid4()),
        status="queued",
        what_if=request.what_if is not None,
        submitted_ms=now_ms(),
        started_ms=None,
        finished_ms=None,
        revision=0,
        generation=None,
        applied_generation=None,
        applied=None,
        brief=brief_of(body),
        result=None,
        failure=None,
    )
    with store.writing(caller) as session:
        known = None if id is None else session.plans.get(id)
        if known is not None:
            return PlanProgress(known, _best(session, known.id))
        if promise is not None:
            promise.check(session)
        if most_waiting is not None and session.jobs.queued() >= most_waiting:
            raise QueueFull(f"{most_waiting} plans are waiting to be solved.")
        lifecycle.submitted(session, row, body)
        seen = PlanProgress(present(session, row.id), None)
        if promise is not None:
            told = PlanOut.of(seen.row, None).model_dump_json().encode()
            promise.keep(session, ACCEPTED, {"Location": f"/v1/plans/{row.id}"}, told)
    return seen


def newest(store: Store) -> str:
    """The id of the plan that was asked for last.

    Raises
    ------
    NotFound
        If none has been asked for yet.
    """
    with store.reading() as session:
        found = session.plans.page(PageQuery(1, (), "submitted_ms", True, True, None))
    if not found:
        raise NotFound("There is no plan yet; ask for one with POST /v1/plans.")
    return found[0].id


def see(store: Store, id: str) -> PlanProgress:
    """A plan, as far as it has come."""
    with store.reading() as session:
        row = present(session, id)
        return PlanProgress(row, _best(session, id))


def listed(store: Store, cut: PageQuery) -> list[PlanProgress]:
    """A page of plans."""
    with store.reading() as session:
        return [PlanProgress(row, _best(session, row.id)) for row in session.plans.page(cut)]


def asked(store: Store, id: str) -> tuple[str, bytes]:
    """The request that a plan answers, as JSON; its version is the plan, since it never changes."""
    with store.reading() as session:
        present(session, id)
        request = session.plans.request(id)
    return id, PlanRequest.model_validate(request).model_dump_json().encode()


def progress(store: Store, id: str, limit: int) -> tuple[PlanRow, list[ProgressRow]]:
    """A plan and the last points of its series."""
    with store.reading() as session:
        return present(session, id), session.plans.progress(id, limit)


def decisions(store: Store, id: str, equal: tuple[tuple[str, str], ...], after: int, limit: int) -> list[PlacedDecision]:
    """A page of what a plan decides."""
    with store.reading() as session:
        decided(session, id)
        return session.plans.decisions(id, equal, after, limit)


def uses(
    store: Store, id: str, rule: str | None, parts: Mapping[str, str], after: tuple[str, str, str] | None, limit: int
) -> list[UsageRow]:
    """A page of how full everything is under a plan."""
    with store.reading() as session:
        decided(session, id)
        return session.plans.usage(id, rule, parts, after, limit)


def version_of(store: Store, id: str) -> str:
    """The version of a plan that has its decisions."""
    with store.reading() as session:
        return decided(session, id).version


def cancel(store: Store, caller: Caller, id: str) -> PlanProgress:
    """Stop a solve. What waits ends at once; what runs ends soon after, with its best plan so far.

    Raises
    ------
    PlanEnded
        If there is nothing left to stop.
    """
    with store.writing(caller) as session:
        row = present(session, id)
        if row.status in ENDED:
            raise PlanEnded(f"Plan {id!r} has already ended: it is {row.status}.")
        if session.jobs.ask_stop(id) == "queued":
            session.jobs.end(id)
            failure = {"code": "plan.cancelled", "reason": "It was cancelled before its solve began."}
            lifecycle.ended(session, id, "cancelled", failure=failure)
        return PlanProgress(present(session, id), _best(session, id))


def delete(store: Store, caller: Caller, id: str) -> None:
    """Forget a plan.

    Raises
    ------
    PlanInForce
        If it is the one applied last, or has not ended yet.
    InUse
        If it was applied before, and some of what it placed runs still.
    """
    with store.writing(caller) as session:
        row = present(session, id)
        if row.status not in ENDED:
            raise PlanInForce(f"Plan {id!r} is {row.status}; cancel it first.")
        summary = session.allocation.summary()
        if summary is not None and summary.plan_id == id:
            raise PlanInForce(f"Plan {id!r} is the one in force.")
        shards = session.allocation.held_by(id)
        if shards:
            ran = "1 shard runs" if shards == 1 else f"{shards:,} shards run"
            raise InUse(f"{ran} as plan {id!r} decided; it can be forgotten when none does.")
        lifecycle.deleted(session, id)


def present(session: Session, id: str) -> PlanRow:
    """The plan of this id, which must be there."""
    row = session.plans.get(id)
    if row is None:
        raise NotFound(f"There is no plan {id!r}.")
    return row


def decided(session: Session, id: str) -> PlanStamp:
    """How far the plan of this id has come, which must be there and have its decisions."""
    stamp = session.plans.stamp(id)
    if stamp is None:
        raise NotFound(f"There is no plan {id!r}.")
    if not stamp.decided:
        raise PlanNotReady(f"Plan {id!r} is {stamp.status} and has no decisions.")
    return stamp


def _best(session: Session, id: str) -> ProgressRow | None:
    points = session.plans.progress(id, 1)
    return points[0] if points else None
