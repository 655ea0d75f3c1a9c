"""Rows as a store takes them, with what a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from app.identity.caller import LOCAL, Caller
from app.store.records import AllocationChangeRow, ChangeRow, DecisionRow, EntityRow, EventRow, PlanRow, RecordRow

#: A row that says who wrote it.
Row = TypeVar("Row", ChangeRow, PlanRow, EventRow, RecordRow, AllocationChangeRow)


def node(id: str, **body: Any) -> EntityRow:
    return EntityRow("nodes", id, 1, 1, {"id": id, **body})


def plan(id: str, at: int, **more: Any) -> PlanRow:
    given: dict[str, Any] = {
        "status": "queued", "what_if": False, "submitted_ms": at, "started_ms": None, "finished_ms": None,
        "revision": 0, "generation": None, "applied_generation": None, "applied": None, "brief": {"name": None},
        "result": None, "failure": None,
    }  # fmt: skip
    return PlanRow(id=id, **(given | more))


def decision(workload: str, **more: Any) -> DecisionRow:
    given: dict[str, Any] = {
        "shard": 0, "status": "placed", "site": "s", "access": "a", "policy": "p", "model": "m", "devices": 3,
        "in_request": True, "previous_node": None, "deadline_us": 9, "node": "n", "route": ["x", "y"], "margin_us": 4,
    }  # fmt: skip
    return DecisionRow(workload=workload, **(given | more))


def signed(row: Row, by: Caller = LOCAL) -> Row:
    """A row as it is read that a caller has written."""
    return replace(row, tenant=by.tenant, actor=by.actor)


def event(type: str = "node.failed", **more: Any) -> EventRow:
    given: dict[str, Any] = {"at_ms": 7, "generation": None, "plan": None, "node": None, "detail": {}}
    return EventRow(id=0, type=type, **(given | more))
