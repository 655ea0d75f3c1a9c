"""What dashboards are told: the allocation in force, its summary, what changed; and the history of everything."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from app.schemas.figures import Cost, GoalCost, GroupUse, Summary, UseOut
from app.schemas.plans import Decision, decision_fields
from app.schemas.wire import Actor, Page, Tenant, Wire, moment
from app.store.records import AllocationChangeRow, AllocationRow, ChangeRow, RecordRow


class AllocationOut(Decision):
    """A decision in force."""

    plan: str = Field(description="The plan that it came from.")
    since_generation: int = Field(description="The generation since which it stands like this.")

    disturbed_since: int | None = Field(description="The generation since which it is disturbed; null if it is not.")

    @staticmethod
    def of_row(row: AllocationRow) -> AllocationOut:
        return AllocationOut(
            plan=row.plan_id,
            since_generation=row.since_generation,
            disturbed_since=row.disturbed_since,
            **decision_fields(row.decision),
        )


class StatusCount(Wire):
    """How much is in one status now."""

    status: Literal["placed", "unplaced", "disturbed"]
    shards: int
    devices: int


class BrokenRule(Wire):
    """How many shards that run break a rule."""

    rule: str
    shards: int


class StandingFigures(Wire):
    """What is in force against the network of now, in figures."""

    day: date = Field(description="The day that they are of.")
    cost_month: Cost = Field(
        description="Of everything in force, on the terms in force; what stays disturbed has its price in it."
    )
    cost_by_goal: tuple[GoalCost, ...]
    use_by_tier: tuple[GroupUse, ...] = Field(
        description="What runs against the capacity of nodes that operate on the day; above 1000 it is over."
    )
    use_by_province: tuple[GroupUse, ...]
    tightest: tuple[UseOut, ...] = Field(description="The limits with the least left.")
    broken: tuple[BrokenRule, ...] = Field(description="A shard that breaks two rules counts for both.")
    unlawful_shards: int = Field(
        description="Shards that break residency, control, certification or transit where they run: a person's to act on."
    )


class AllocationSummary(Wire):
    """The allocation in force, in figures."""

    generation: int = Field(description="The generation that last touched the allocation.")
    network_generation: int = Field(description="The generation that last touched the network.")
    applied_generation: int | None = Field(description="The generation in which the plan in force was applied.")
    plan: str | None = Field(description="The plan in force; null while there is none.")
    now: tuple[StatusCount, ...] = Field(
        description="What is placed, refused, or disturbed (it runs, and breaks a rule on the network of now), now."
    )
    standing: StandingFigures | None = Field(description="How it stands now; null while there is no plan in force.")
    as_applied: Summary | None = Field(
        description="The figures of the plan in force as of `applied_generation`, on the network of then. Not how it stands."
    )


class AllocationChange(Wire):
    """What one generation did to one shard."""

    generation: int
    workload: str
    shard: int
    action: Literal["placed", "moved", "resized", "unplaced", "disturbed", "restored", "ended"]
    from_node: str | None
    to_node: str | None
    tenant: Tenant
    actor: Actor

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
                "tenant": row.tenant,
                "actor": row.actor,
            }
        )


class AllocationChanges(Page[AllocationChange]):
    """Changes of the allocation since a generation, oldest first."""

    generation: int = Field(description="The newest generation; pass it as `since` the next time.")


class AllocationRecord(Wire):
    """One generation that changed what runs: a plan was applied, or something that ran was ended by a change of what is
    stored."""

    generation: int
    at: datetime | None = Field(description="When; null where an older version did not say.")
    plan: str | None = Field(
        description="The plan that was applied; null where a change of what is stored ended something, which `/v1/changes` "
        "tells about the same generation. It may have been forgotten since."
    )
    name: str | None = Field(description="What that plan is called.")
    tenant: Tenant
    actor: Actor
    placed: int = 0
    moved: int = 0
    resized: int = 0
    ended: int = 0
    unplaced: int = 0
    in_force: bool = Field(description="Whether its plan is the one in force.")
    can_restore: bool = Field(description="Whether what ran just after it can be put back.")
    can_undo: bool = Field(description="Whether what ran just before it can be put back.")
    why_not: Literal["history.as_now", "history.not_kept"] | None = Field(
        description="Why what ran just after it cannot be put back: nothing has changed since, or it is not kept what ran."
    )

    @staticmethod
    def of(row: RecordRow, newest: int, in_force: int | None) -> AllocationRecord:
        """The record of a row where `newest` is the generation of the newest one, and the plan in force was applied in the
        generation `in_force`."""
        as_now = row.generation == newest
        return AllocationRecord(
            generation=row.generation,
            at=None if row.at_ms is None else moment(row.at_ms),
            plan=row.plan_id,
            name=row.name,
            tenant=row.tenant,
            actor=row.actor,
            in_force=row.plan_id is not None and row.generation == in_force,
            can_restore=row.kept and not as_now,
            can_undo=row.kept,
            why_not="history.as_now" if as_now else None if row.kept else "history.not_kept",
            **row.counts,
        )


class UsePage(Page[UseOut]):
    """How much of each limited thing is used by what runs now."""


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
    revision: int | None = Field(
        description="The entity's revision since then, which is its `ETag`; null of a deletion and of a whole document."
    )
    tenant: Tenant
    actor: Actor

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
            revision=row.revision,
            tenant=row.tenant,
            actor=row.actor,
        )


class ChangePage(Page[Change]):
    """History, oldest first."""

    generation: int = Field(description="The newest generation; pass it as `since` the next time.")
