"""What dashboards read: the allocation in force, and how it stands (:mod:`app.service.standing`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import islice

from app.schemas.allocations import AllocationRecord, AllocationSummary, BrokenRule, StandingFigures, StatusCount
from app.schemas.figures import Summary, goals
from app.service.standing import Standing
from app.store.port import Store
from app.store.records import AllocationChangeRow, AllocationRow, PageQuery, UsageRow


def generation_of(store: Store, part: str) -> int:
    """The generation that last changed a part ("all" for any)."""
    with store.reading() as session:
        return session.generations.of(part)


def listed(store: Store, cut: PageQuery) -> tuple[int, list[AllocationRow]]:
    """The generation that last changed the allocation, and a page of it."""
    with store.reading() as session:
        return session.generations.of("allocation"), session.allocation.page(cut)


def summarised(store: Store, stands: Standing) -> AllocationSummary:
    """What is in which status now, how it stands, and the figures of the plan in force as it was applied."""
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
            standing=None if row is None else _figures(stands),
            as_applied=None if row is None else Summary.model_validate(row.body),
        )


def _figures(stands: Standing) -> StandingFigures:
    return StandingFigures(
        day=stands.day,
        cost_month=stands.cost,
        cost_by_goal=goals(stands.cost_by_goal),
        use_by_tier=stands.use_by_tier,
        use_by_province=stands.use_by_province,
        tightest=stands.tightest,
        broken=tuple(BrokenRule(rule=rule, shards=shards) for rule, shards in sorted(stands.disturbed.items())),
        unlawful_shards=stands.unlawful,
    )


def uses(
    stands: Standing, rule: str | None, parts: Mapping[str, str], after: tuple[str, str, str] | None, limit: int
) -> list[UsageRow]:
    """A page of how full everything is now, in the order of the places."""
    rows, wants = stands.uses, set(parts.items())
    begin = 0 if after is None else bisect_right(rows, after, key=lambda row: row.place)

    def wanted() -> Iterator[UsageRow]:
        for row in islice(rows, begin, None):
            if rule in (None, row.account.rule) and wants <= set(row.account.subject):
                yield row

    return list(islice(wanted(), limit))


def changes(store: Store, since: int, after: tuple[int, int] | None, limit: int) -> tuple[int, list[AllocationChangeRow]]:
    """The newest generation, and a page of what changed in the allocation since another."""
    with store.reading() as session:
        return session.generations.now(), session.allocation.changes(since, after, limit)


def history(store: Store, before: int | None, limit: int) -> list[AllocationRecord]:
    """A page of the generations that changed what runs, newest first: those before a generation, if it is given."""
    with store.reading() as session:
        newest = session.allocation.records(None, 1)
        summary = session.allocation.summary()
        in_force = None if summary is None else summary.generation
        rows = session.allocation.records(before, limit)
    return [AllocationRecord.of(row, newest[0].generation, in_force) for row in rows]
