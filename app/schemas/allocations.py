"""What dashboards are told: the allocation in force, its summary, what changed; and the history of everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.schemas.figures import Summary, UseOut
from app.schemas.plans import Decision, decision_fields
from app.schemas.wire import Page, Wire, moment
from app.store.records import AllocationChangeRow, AllocationRow, ChangeRow


class AllocationOut(Decision):
    """A decision in force."""

    plan: str = Field(description="The plan that it came from.")
    since_generation: int = Field(description="The generation since which it stands like this.")

    @staticmethod
    def of_row(row: AllocationRow) -> AllocationOut:
        return AllocationOut(plan=row.plan_id, since_generation=row.since_generation, **decision_fields(row.decision))


class StatusCount(Wire):
    """How much is in one status now."""

    status: Literal["placed", "unplaced", "disturbed"]
    shards: int
    devices: int


class AllocationSummary(Wire):
    """The allocation in force, in figures."""

    generation: int = Field(description="The generation that last touched the allocation.")
    network_generation: int = Field(description="The generation that last touched the network.")
    applied_generation: int | None = Field(description="The generation in which the plan in force was applied.")
    plan: str | None = Field(description="The plan in force; null while there is none.")
    now: tuple[StatusCount, ...] = Field(
        description="What is placed, refused, or disturbed (its node drains or has failed) at this moment."
    )
    as_applied: Summary | None = Field(description="The figures of the plan in force, as it was applied.")


class AllocationChange(Wire):
    """What one generation did to one shard."""

    generation: int
    workload: str
    shard: int
    action: Literal["placed", "moved", "resized", "unplaced", "disturbed", "restored", "ended"]
    from_node: str | None
    to_node: str | None

    @staticmethod
    def of(row: AllocationChangeRow) -> AllocationChange:
        return AllocationChange.model_validate(
            {
                "generation": row.generation,
                "workload": row.workload,
                "shard": row.shard,
                "action": row.action,
                "from_node": row.from_node,
                "to_node": row.to_node,
            }
        )


class AllocationChanges(Page[AllocationChange]):
    """Changes of the allocation since a generation, oldest first."""

    generation: int = Field(description="The newest generation; pass it as `since` the next time.")


class UsePage(Page[UseOut]):
    """How much of each limited thing the plan uses."""


class Change(Wire):
    """One thing that one generation changed."""

    generation: int
    at: datetime
    kind: str
    id: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str | None

    @staticmethod
    def of(row: ChangeRow) -> Change:
        return Change(
            generation=row.generation,
            at=moment(row.at_ms),
            kind=row.kind,
            id=row.id,
            action=row.action,
            before=None if row.before is None else dict(row.before),
            after=None if row.after is None else dict(row.after),
            note=row.note,
        )


class ChangePage(Page[Change]):
    """History, oldest first."""

    generation: int = Field(description="The newest generation; pass it as `since` the next time.")
