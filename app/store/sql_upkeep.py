"""What is kept no longer, in SQL; each call is one small step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, select, tuple_

from app.store.tables import (
    allocation,
    allocation_change,
    allocation_record,
    change,
    decision,
    event,
    memory,
    plan,
    progress,
    snapshot,
    summary,
    usage,
)


class SqlUpkeep:
    """See :class:`app.store.sections.Upkeep`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def unneeded_plans(self, kept: int, before_ms: int, limit: int) -> list[str]:
        needed: set[str] = set()
        for query in (select(summary.c.plan_id), select(allocation.c.plan_id).distinct(), select(memory.c.plan_id)):
            needed.update(self._db.execute(query).scalars())
        ended = self._db.execute(
            select(plan.c.id, plan.c.finished_ms)
            .where(plan.c.finished_ms.is_not(None))
            .order_by(plan.c.finished_ms.desc(), plan.c.id)
        ).all()
        others = [row for row in ended if row.id not in needed]
        return [row.id for place, row in enumerate(others) if place >= kept or row.finished_ms < before_ms][-limit:]

    def remove_leavings(self, rows: int) -> int:
        for table in (decision, usage, progress):
            for id in self._plans_in(table):
                if self._db.execute(select(plan.c.id).where(plan.c.id == id)).one_or_none() is None:
                    return self._remove(table, select(*table.primary_key).where(table.c.plan_id == id), rows)
        return 0

    def thin_progress(self, points: int, rows: int) -> int:
        ended = select(plan.c.id).where(plan.c.finished_ms.is_not(None))
        long = self._db.execute(
            select(progress.c.plan_id, func.count().label("n"), func.max(progress.c.attempt).label("newest"))
            .where(progress.c.plan_id.in_(ended))
            .group_by(progress.c.plan_id)
            .having(func.count() > points)
            .limit(1)
        ).one_or_none()
        if long is None:
            return 0
        of_plan = progress.c.plan_id == long.plan_id
        last = select(func.max(progress.c.ordinal)).where(of_plan, progress.c.attempt == long.newest).scalar_subquery()
        superseded = progress.c.attempt < long.newest
        between = (progress.c.ordinal % (long.n // points + 1) != 0) & (progress.c.ordinal != last)
        query = select(*progress.primary_key).where(of_plan, superseded)
        return self._remove(progress, query, rows) or self._remove(
            progress, select(*progress.primary_key).where(of_plan, between), rows
        )

    def forget_history(self, kept: int, before_ms: int, rows: int) -> int:
        old = [
            self._db.execute(select(func.max(table.c.generation)).where(table.c.at_ms < before_ms)).scalar() or 0
            for table in (change, event)
        ]
        removed = 0
        for table in (change, allocation_change):
            newest_first = select(table.c.generation).order_by(table.c.generation.desc(), table.c.ordinal.desc())
            # A generation is kept whole or not at all.
            whole = self._db.execute(newest_first.offset(kept).limit(1)).scalar() or 0
            newest = max(*old, whole - 1)
            query = select(*table.primary_key).where(table.c.generation <= newest).order_by(table.c.generation)
            removed += self._remove(table, query, rows)
            if table is allocation_change:
                # What a generation replaced is kept as long as the list of what it changed.
                outdated = select(allocation_record.c.generation).where(allocation_record.c.generation <= newest)
                removed += self._remove(allocation_record, outdated, rows)
        return removed

    def remove_snapshots(self) -> int:
        used = select(plan.c.generation).where(
            plan.c.generation.is_not(None), plan.c.result.is_not(None) | plan.c.finished_ms.is_(None)
        )
        return self._db.execute(delete(snapshot).where(snapshot.c.generation.not_in(used))).rowcount

    def _plans_in(self, table: Table) -> Iterator[str]:
        """The plans that a table has rows of, by one look at its index for each."""
        last: str | None = ""
        while last is not None:
            last = self._db.execute(select(func.min(table.c.plan_id)).where(table.c.plan_id > last)).scalar()
            if last is not None:
                yield last

    def _remove(self, table: Table, which: Select[Any], rows: int) -> int:
        """Remove up to so many of the rows with these keys."""
        keys = tuple_(*table.primary_key)
        return self._db.execute(delete(table).where(keys.in_(which.limit(rows)))).rowcount
