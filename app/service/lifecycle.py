"""What happens, and that it is told: the one place where generations are made and plans change.

Each step writes its event in the transaction of what it tells of, so an event is there exactly if the thing has
happened. Nothing else in the service calls the store's methods that do these things (a test sees to it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.clock import now_ms
from app.schemas.plans import Applied, ProgressPoint
from app.schemas.requests import PRIORITIES
from app.store.port import Session
from app.store.records import Body, DecisionRow, EventRow, PlanRow, PlanStatus, ProgressRow
from solver.facts.network import NodeState

#: What the event of a plan's end says of its result.
_FIGURES = ("cost", "bound", "gap", "placed_shards", "unplaced_shards", "seconds")

#: How many workloads an event names.
NAMED = 20


def advance(session: Session, parts: Sequence[str], more: Body | None = None) -> int:
    """Begin the next generation as one that changes `parts`, and return it. `more` is told beside the parts."""
    generation = session.generations.advance(parts)
    _tell(session, "generation.changed", generation, detail={"parts": sorted(parts), **(more or {})})
    return generation


def submitted(session: Session, row: PlanRow, request: Body) -> None:
    """A request for a plan was accepted, and waits to be solved."""
    session.plans.add(row, request)
    session.jobs.add(row.id, row.submitted_ms, PRIORITIES.index(row.brief["priority"]))
    _tell(session, "plan.queued", None, row.id, {"name": row.brief["name"], "what_if": row.what_if})


def restored(session: Session, row: PlanRow, request: Body) -> None:
    """A plan is being written that puts back what ran; it waits for no solve."""
    session.plans.add(row, request)
    _tell(session, "plan.started", row.generation, row.id, {"name": row.brief["name"]})


def started(session: Session, id: str, name: str | None, generation: int) -> None:
    """A solve has begun on the picture of `generation`."""
    session.plans.started(id, now_ms(), generation)
    _tell(session, "plan.started", generation, id, {"name": name})


def improved(session: Session, id: str, name: str | None, generation: int, row: ProgressRow) -> None:
    """A solve has come this far."""
    session.plans.add_progress(id, row)
    point = ProgressPoint.of(row).model_dump(mode="json")
    _tell(session, "plan.improved", generation, id, {"name": name, **point})


def requeued(session: Session, id: str, reason: str | None) -> None:
    """The solve was lost or given back, and the plan waits again."""
    session.plans.requeued(id)
    _tell(session, "plan.queued", None, id, {"name": session.plans.name(id), "reason": reason})


def ended(session: Session, id: str, status: PlanStatus, result: Body | None = None, failure: Body | None = None) -> None:
    """A plan has reached its last status: with its figures, or without and why."""
    session.plans.ended(id, status, now_ms(), result=result, failure=failure)
    detail: dict[str, Any] = {"name": session.plans.name(id)}
    if result is not None:
        detail |= {"warnings": result["warnings"], **{name: result[name] for name in _FIGURES}}
    if failure is not None:
        detail |= {"code": failure["code"], "reason": failure["reason"]}
    stamp = session.plans.stamp(id)
    _tell(session, f"plan.{status}", None if stamp is None else stamp.generation, id, detail)


def applied(session: Session, outcome: Applied) -> None:
    """A plan became the allocation."""
    body = outcome.model_dump(mode="json")
    session.plans.applied(outcome.plan, outcome.generation, body)
    counts = {name: value for name, value in body.items() if name not in ("plan", "generation")}
    detail = {"name": session.plans.name(outcome.plan), **counts}
    _tell(session, "plan.applied", outcome.generation, outcome.plan, detail)


def deleted(session: Session, id: str) -> None:
    """A plan was forgotten."""
    name = session.plans.name(id)
    session.plans.delete(id)
    _tell(session, "plan.deleted", None, id, {"name": name})


def node_changed(
    session: Session, generation: int, node: str, state: NodeState, disturbed: int, restored: int, reason: str | None
) -> None:
    """A node takes work, drains, or has failed. Of what runs there, so many shards are `disturbed` now, and so many were and
    are no more."""
    detail = {"disturbed": disturbed, "restored": restored, "reason": reason}
    _tell(session, f"node.{state}", generation, node=node, detail=detail)


def stood(session: Session, generation: int, disturbed: Sequence[DecisionRow], restored: Sequence[DecisionRow]) -> None:
    """Of what runs, some shards are no longer as promised (or no longer lawful where they are), and some are so again."""
    if disturbed:
        _disturbed(session, generation, disturbed)
    if restored:
        _tell(session, "allocation.restored", generation, detail=_whose(restored))


def _disturbed(session: Session, generation: int, rows: Sequence[DecisionRow]) -> None:
    reasons = [row.disturbed for row in rows if row.disturbed is not None]
    rules = Counter(rule for reason in reasons for rule in reason["rules"])
    detail = {
        **_whose(rows),
        "rules": dict(sorted(rules.items())),
        "unlawful": sum(bool(reason["unlawful"]) for reason in reasons),
    }
    _tell(session, "allocation.disturbed", generation, detail=detail)


def _whose(rows: Sequence[DecisionRow]) -> dict[str, Any]:
    """How many shards and devices, and the first of their workloads."""
    names = sorted({row.workload for row in rows})
    return {"shards": len(rows), "devices": sum(row.devices for row in rows), "workloads": names[:NAMED]}


def _tell(
    session: Session,
    kind: str,
    generation: int | None,
    plan: str | None = None,
    detail: Body | None = None,
    *,
    node: str | None = None,
) -> None:
    session.events.add(EventRow(0, now_ms(), kind, generation, plan, node, detail or {}))
