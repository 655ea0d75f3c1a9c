"""The allocation in force in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, tuple_, update

from app.store.records import (
    AllocationChangeRow,
    AllocationRow,
    PageQuery,
    RecordRow,
    RunningRow,
    StatusRow,
    SummaryRow,
    columns_of,
)
from app.store.signing import Signing
from app.store.sql_entities import CHUNK, cut_rows
from app.store.sql_plans import decision_of
from app.store.tables import allocation, allocation_change, allocation_record, summary


class SqlAllocation:
    """See :class:`app.store.sections.Allocation`."""

    def __init__(self, connection: Connection, signing: Signing) -> None:
        self._db = connection
        self._signing = signing

    def rows(self, workload: str | None = None) -> list[AllocationRow]:
        query = select(allocation).order_by(allocation.c.key)
        if workload is not None:
            query = query.where(allocation.c.workload == workload)
        return [_row(row) for row in self._db.execute(query)]

    def running(self) -> list[RunningRow]:
        rows = self._db.execute(
            select(*(allocation.c[f.name] for f in fields(RunningRow)))
            .where(allocation.c.node.is_not(None))
            .order_by(allocation.c.workload, allocation.c.shard)
        )
        return [RunningRow(**row._mapping) for row in rows]

    def displaced(self) -> list[tuple[str, int]]:
        rows = self._db.execute(
            select(allocation.c.workload, allocation.c.shard)
            .where(allocation.c.node.is_(None))
            .order_by(allocation.c.workload, allocation.c.shard)
        )
        return [(row.workload, row.shard) for row in rows]

    def page(self, cut: PageQuery) -> list[AllocationRow]:
        query = cut_rows(select(allocation), cut, allocation.c.key, dict(allocation.c.items()))
        return [_row(row) for row in self._db.execute(query)]

    def columns(self, names: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        query = select(*(allocation.c[name] for name in names)).order_by(allocation.c.key)
        return self._db.execute(query).all()

    def counts(self) -> dict[str, tuple[int, int]]:
        rows = self._db.execute(
            select(
                allocation.c.status,
                func.count().label("shards"),
                func.coalesce(func.sum(allocation.c.devices), 0).label("devices"),
            ).group_by(allocation.c.status)
        )
        return {row.status: (int(row.shards), int(row.devices)) for row in rows}

    def unlawful(self) -> int:
        query = select(func.count()).select_from(allocation)
        query = query.where(allocation.c.status == "disturbed", allocation.c.disturbed["unlawful"].as_boolean())
        return int(self._db.execute(query).scalar_one())

    def held_by(self, plan: str) -> int:
        query = select(func.count()).select_from(allocation).where(allocation.c.plan_id == plan)
        return int(self._db.execute(query).scalar_one())

    def runs_on(self, node: str) -> int:
        query = select(func.count()).select_from(allocation).where(allocation.c.node == node)
        return int(self._db.execute(query).scalar_one())

    def nodes(self) -> set[str]:
        query = select(allocation.c.node).where(allocation.c.node.is_not(None)).distinct()
        return set(self._db.execute(query).scalars())

    def by_plan(self, plan: str) -> int:
        query = select(func.count()).select_from(allocation).where(allocation.c.plan_id == plan)
        return int(self._db.execute(query).scalar_one())

    def remove(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), CHUNK):
            self._db.execute(delete(allocation).where(allocation.c.key.in_(keys[start : start + CHUNK])))

    def put(self, rows: Sequence[AllocationRow]) -> None:
        if rows:
            self._db.execute(
                insert(allocation),
                [
                    self._signing.owned(
                        {
                            "key": row.key,
                            "plan_id": row.plan_id,
                            "since_generation": row.since_generation,
                            "disturbed_since": row.disturbed_since,
                            **columns_of(row.decision),
                        }
                    )
                    for row in rows
                ],
            )

    def put_statuses(self, rows: Sequence[StatusRow]) -> None:
        if rows:
            given = ("status", "disturbed", "disturbed_since")
            self._db.execute(
                update(allocation)
                .where(allocation.c.key == bindparam("of_key"))
                .values({name: bindparam(f"to_{name}", type_=allocation.c[name].type) for name in given}),
                [{"of_key": row.key, **{f"to_{name}": getattr(row, name) for name in given}} for row in rows],
            )

    def put_cards(self, rows: Sequence[tuple[str, list[list[int]]]]) -> None:
        if rows:
            cards = bindparam("to_cards", type_=allocation.c.cards.type)
            self._db.execute(
                update(allocation).where(allocation.c.key == bindparam("of_key")).values(cards=cards),
                [{"of_key": key, "to_cards": slots} for key, slots in rows],
            )

    def note(self, rows: Sequence[AllocationChangeRow]) -> None:
        if rows:
            self._db.execute(insert(allocation_change), [self._signing.signed(columns_of(row)) for row in rows])

    def changes(self, since: int, after: tuple[int, int] | None, limit: int) -> list[AllocationChangeRow]:
        order = (allocation_change.c.generation, allocation_change.c.ordinal)
        query = select(allocation_change).where(allocation_change.c.generation > since)
        if after is not None:
            query = query.where(tuple_(*order) > after)
        rows = self._db.execute(query.order_by(*order).limit(limit))
        return [AllocationChangeRow(**row._mapping) for row in rows]

    def record(self, row: RecordRow, replaced: bytes) -> None:
        values = {name: value for name, value in self._signing.signed(columns_of(row)).items() if name != "kept"}
        self._db.execute(insert(allocation_record).values(**values, replaced=replaced))

    def records(self, before: int | None, limit: int) -> list[RecordRow]:
        # What was replaced may be a megabyte, and a list wants none of it.
        told = [column for column in allocation_record.c if column.name != "replaced"]
        query = select(*told, allocation_record.c.replaced.is_not(None).label("kept"))
        if before is not None:
            query = query.where(allocation_record.c.generation < before)
        rows = self._db.execute(query.order_by(allocation_record.c.generation.desc()).limit(limit))
        return [RecordRow(**{**row._mapping, "kept": bool(row.kept)}) for row in rows]

    def replaced(self, since: int) -> list[tuple[int, bytes | None]]:
        query = select(allocation_record.c.generation, allocation_record.c.replaced)
        query = query.where(allocation_record.c.generation >= since).order_by(allocation_record.c.generation.desc())
        return [(row.generation, row.replaced) for row in self._db.execute(query)]

    def put_summary(self, row: SummaryRow) -> None:
        self._db.execute(delete(summary))
        self._db.execute(insert(summary), [{"id": 1, **columns_of(row)}])

    def clear_summary(self) -> None:
        self._db.execute(delete(summary))

    def summary(self) -> SummaryRow | None:
        row = self._db.execute(select(summary)).one_or_none()
        return None if row is None else SummaryRow(row.generation, row.plan_id, row.body, row.terms)


def _row(row: Row[Any]) -> AllocationRow:
    return AllocationRow(row.key, row.plan_id, row.since_generation, decision_of(row), row.disturbed_since)
