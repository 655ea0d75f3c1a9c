"""What happens, as it is told: in a stream, and page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias, cast, get_args

from pydantic import Field

from app.schemas.wire import Actor, Tenant, Wire, moment
from app.store.records import EventRow

EventType: TypeAlias = Literal[
    "generation.changed",
    "plan.queued",
    "plan.started",
    "plan.improved",
    "plan.finished",
    "plan.cancelled",
    "plan.failed",
    "plan.applied",
    "plan.deleted",
    "node.active",
    "node.draining",
    "node.failed",
    "allocation.disturbed",
    "allocation.restored",
    "stream.reset",
]
TYPES: tuple[EventType, ...] = get_args(EventType)

Severity: TypeAlias = Literal["info", "notice", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

#: How much each type matters, said here alone. `critical`: what runs is not as promised. `warning`: it soon will not be, or
#: something failed that nothing rests on yet. `notice`: an answer, or what runs was changed as asked. `info`: all else.
SEVERITY: dict[EventType, Severity] = {
    "generation.changed": "info",
    "plan.queued": "info",
    "plan.started": "info",
    "plan.improved": "info",
    "plan.finished": "notice",
    "plan.cancelled": "notice",
    "plan.failed": "warning",
    "plan.applied": "notice",
    "plan.deleted": "info",
    "node.active": "notice",
    "node.draining": "warning",
    "node.failed": "critical",
    "allocation.disturbed": "critical",
    "allocation.restored": "notice",
    "stream.reset": "warning",
}

#: What is told when events that were asked for are no longer kept.
RESET: EventType = "stream.reset"


class EventOut(Wire):
    """Something that has happened."""

    id: int = Field(description="Grows with every event; pass the last one seen to go on from there.")
    at: datetime
    type: EventType = Field(
        description="`stream.reset`: the events after the given id are no longer kept; reload everything and go on."
    )
    severity: Severity = Field(
        description="How much it matters, by its type. `critical`: what runs is not as promised. `warning`: something "
        "failed, or is about to stop. `notice`: an answer, or what runs was changed as asked. `info`: all else."
    )
    generation: int | None = Field(description="The generation that it made; of a plan, the one that it is made from.")
    plan: str | None
    node: str | None
    tenant: Tenant
    actor: Actor
    detail: dict[str, Any] = Field(
        description="`generation.changed`: `parts`. `plan.*`: `name`. `plan.improved`: the point of progress. "
        "`plan.finished`, `plan.cancelled`: `warnings` of the result, cost, bound, gap, placed and unplaced shards, "
        "seconds. `plan.failed`: `code`, `reason`. `plan.applied`: what became of the shards, as the answer to applying "
        "says it. `node.*`: how many shards that run there are `disturbed`, or `restored`, and the `reason`. "
        "`allocation.disturbed`: how many `shards` and `devices` that run are no longer as promised, up to 20 of their "
        "`workloads`, how many shards break which of the `rules`, and how many of them are `unlawful` where they run. "
        "`allocation.restored`: `shards`, `devices` and `workloads`."
    )

    @staticmethod
    def of(row: EventRow) -> EventOut:
        return EventOut.model_validate(
            {
                "id": row.id,
                "at": moment(row.at_ms),
                "type": row.type,
                "severity": SEVERITY[cast(EventType, row.type)],
                "generation": row.generation,
                "plan": row.plan,
                "node": row.node,
                "tenant": row.tenant,
                "actor": row.actor,
                "detail": dict(row.detail),
            }
        )


class EventPage(Wire):
    """Events, oldest first."""

    items: tuple[EventOut, ...]
    next: int | None = Field(description="Pass as `after` to get the next page; null when there are no more.")
    last: int = Field(description="The id of the newest event of all; pass it as `after` the next time.")
