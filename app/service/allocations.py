"""What dashboards read: the allocation in force. Nothing here computes anything that was not kept when it was applied."""

from __future__ import annotations

from app.schemas.allocations import AllocationSummary, StatusCount
from app.schemas.figures import Summary
from app.store.port import Cut, Store
from app.store.records import AllocationChangeRow, AllocationRow, UsageRow


def generation_of(store: Store, part: str) -> int:
    """The generation that last changed a part ("all" for any)."""
    with store.reading() as session:
        return session.generations.of(part)


def listed(store: Store, cut: Cut) -> tuple[int, list[AllocationRow]]:
    """The generation that last changed the allocation, and a page of it."""
    with store.reading() as session:
        return session.generations.of("allocation"), session.allocation.page(cut)


def summarised(store: Store) -> AllocationSummary:
    """The figures of the plan in force, and what is in which status now."""
    with store.reading() as session:
        row = session.allocation.summary()
        counts = session.allocation.counts()
        return AllocationSummary(
            generation=session.generations.of("allocation"),
            network_generation=session.generations.of("network"),
            applied_generation=None if row is None else row.generation,
            plan=None if row is None else row.plan_id,
            now=tuple(
                StatusCount.model_validate({"status": status, "shards": shards, "devices": devices})
                for status, (shards, devices) in sorted(counts.items())
            ),
            as_applied=None if row is None else Summary.model_validate(row.body),
        )


def uses(store: Store, rule: str | None, key: str | None, after: tuple[str, str, str] | None, limit: int) -> list[UsageRow]:
    """A page of how full everything is under the plan in force."""
    with store.reading() as session:
        row = session.allocation.summary()
        return [] if row is None else session.plans.usage(row.plan_id, rule, key, after, limit)


def changes(store: Store, since: int, after: tuple[int, int] | None, limit: int) -> tuple[int, list[AllocationChangeRow]]:
    """The newest generation, and a page of what changed in the allocation since another."""
    with store.reading() as session:
        return session.generations.now(), session.allocation.changes(since, after, limit)
