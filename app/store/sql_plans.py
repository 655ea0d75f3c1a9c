"""Plans and the leases on their solves in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from app.errors import NotFound
from app.store.records import (
    Body,
    Claim,
    DecisionRow,
    Lease,
    PageQuery,
    PlacedDecision,
    PlanRow,
    PlanStamp,
    PlanStatus,
    ProgressRow,
    UsageRow,
    columns_of,
)
from app.store.signing import Signing
from app.store.sql_entities import cut_rows
from app.store.tables import decision, draft, job, memory, plan, progress, snapshot, usage
from app.store.tables import request as asked
from solver.rules.account import Account, subject_of

#: Rows of a table that are removed at once with their plan.
AT_ONCE = 2_000
_USE = ("rule", "resource", "unit", "subject", "used", "capacity")
_decision_fields = attrgetter(*(f.name for f in fields(DecisionRow)))


def decision_of(row: Row[Any]) -> DecisionRow:
    """The decision that a row of `decision` or `allocation` holds."""
    return DecisionRow(*_decision_fields(row))


def _columns(use: UsageRow) -> dict[str, Any]:
    account = use.account
    named = {"rule": account.rule, "key": use.place[1], "resource": account.resource, "unit": account.unit}
    return {**named, "subject": dict(account.subject), "used": use.used, "capacity": use.capacity}


class SqlPlans:
    """See :class:`app.store.sections.Plans`."""

    def __init__(self, connection: Connection, signing: Signing) -> None:
        self._db = connection
        self._signing = signing

    def add(self, row: PlanRow, request: Body) -> None:
        self._db.execute(insert(plan), [self._signing.signed(columns_of(row))])
        self._db.execute(insert(asked), [{"plan_id": row.id, "body": request}])

    def get(self, id: str) -> PlanRow | None:
        row = self._db.execute(select(plan).where(plan.c.id == id)).one_or_none()
        return None if row is None else PlanRow(**row._mapping)

    def request(self, id: str) -> Body:
        found: Body | None = self._db.execute(select(asked.c.body).where(asked.c.plan_id == id)).scalar_one_or_none()
        if found is None:
            # Whoever asks has seen the plan, and it may be deleted since.
            raise NotFound(f"There is no plan {id!r}.")
        return found

    def stamp(self, id: str) -> PlanStamp | None:
        row = self._db.execute(
            select(plan.c.status, plan.c.revision, plan.c.generation, plan.c.result.is_not(None).label("decided")).where(
                plan.c.id == id
            )
        ).one_or_none()
        return None if row is None else PlanStamp(id, row.status, row.revision, row.generation, bool(row.decided))

    def result(self, id: str) -> Body:
        found: Body = self._db.execute(select(plan.c.result).where(plan.c.id == id)).scalar_one()
        return found

    def last_result(self) -> Body | None:
        searched = plan.c.result["restored"].as_string().is_(None)
        query = select(plan.c.result).where(plan.c.result.is_not(None), searched)
        return self._db.execute(query.order_by(plan.c.finished_ms.desc(), plan.c.id).limit(1)).scalar()

    def page(self, cut: PageQuery) -> list[PlanRow]:
        query = cut_rows(select(plan), cut, plan.c.id, dict(plan.c.items()))
        return [PlanRow(**row._mapping) for row in self._db.execute(query)]

    def counts(self) -> dict[str, int]:
        rows = self._db.execute(select(plan.c.status, func.count().label("n")).group_by(plan.c.status))
        return {row.status: row.n for row in rows}

    def started(self, id: str, at_ms: int, generation: int) -> None:
        self._set(id, status="running", started_ms=at_ms, generation=generation)

    def note_terms(self, id: str, terms: Body) -> None:
        brief: Body = self._db.execute(select(plan.c.brief).where(plan.c.id == id)).scalar_one()
        self._set(id, brief={**brief, "terms": terms})

    def requeued(self, id: str) -> None:
        self._set(id, status="queued", started_ms=None, generation=None)

    def ended(
        self, id: str, status: PlanStatus, at_ms: int, result: Body | None = None, failure: Body | None = None
    ) -> None:
        self._set(id, status=status, finished_ms=at_ms, result=result, failure=failure)
        self._db.execute(delete(draft).where(draft.c.plan_id == id))

    def keep_draft(self, id: str, generation: int, body: bytes) -> None:
        self._db.execute(delete(draft).where(draft.c.plan_id == id))
        self._db.execute(insert(draft).values(plan_id=id, generation=generation, body=body))

    def draft(self, id: str) -> bytes | None:
        found: bytes | None = self._db.execute(select(draft.c.body).where(draft.c.plan_id == id)).scalar()
        return found

    def made_from(self, id: str, generation: int) -> None:
        self._set(id, generation=generation)

    def applied(self, id: str, generation: int, outcome: Body) -> None:
        self._set(id, applied_generation=generation, applied=outcome)

    def _set(self, id: str, **values: Any) -> None:
        self._db.execute(update(plan).where(plan.c.id == id).values(revision=plan.c.revision + 1, **values))

    def delete(self, id: str) -> None:
        for table in (asked, memory, draft):
            self._db.execute(delete(table).where(table.c.plan_id == id))
        for table in (progress, decision, usage):
            # A nation's are a hundred thousand rows: those go in steps, when nobody waits.
            if (
                self._db.execute(select(func.count()).select_from(table).where(table.c.plan_id == id)).scalar_one()
                <= AT_ONCE
            ):
                self._db.execute(delete(table).where(table.c.plan_id == id))
        self._db.execute(delete(job).where(job.c.id == id))
        self._db.execute(delete(plan).where(plan.c.id == id))
        used = select(plan.c.generation).where(plan.c.generation.is_not(None)).union(select(draft.c.generation))
        self._db.execute(delete(snapshot).where(snapshot.c.generation.not_in(used)))

    def add_progress(self, id: str, row: ProgressRow) -> None:
        self._db.execute(insert(progress), [{"plan_id": id, **columns_of(row)}])
        self._set(id)

    def name(self, id: str) -> str | None:
        return self._db.execute(select(plan.c.brief["name"].as_string()).where(plan.c.id == id)).scalar()

    def progress(self, id: str, limit: int) -> list[ProgressRow]:
        newest = select(func.max(progress.c.attempt)).where(progress.c.plan_id == id).scalar_subquery()
        query = (
            select(progress)
            .where(progress.c.plan_id == id, progress.c.attempt == newest)
            .order_by(progress.c.ordinal.desc())
            .limit(limit)
        )
        names = tuple(f.name for f in fields(ProgressRow))
        rows = [ProgressRow(**{n: row._mapping[n] for n in names}) for row in self._db.execute(query)]
        return rows[::-1]

    def put_decisions(self, id: str, rows: Sequence[DecisionRow]) -> None:
        self._db.execute(delete(decision).where(decision.c.plan_id == id))
        if rows:
            self._db.execute(
                insert(decision),
                [
                    self._signing.owned({"plan_id": id, "position": position, **columns_of(row)})
                    for position, row in enumerate(rows)
                ],
            )

    def decisions(self, id: str, equal: tuple[tuple[str, str], ...], after: int, limit: int | None) -> list[PlacedDecision]:
        query = select(decision).where(decision.c.plan_id == id, decision.c.position > after)
        for name, value in equal:
            query = query.where(decision.c[name] == value)
        rows = self._db.execute(query.order_by(decision.c.position).limit(limit))
        return [PlacedDecision(row.position, decision_of(row)) for row in rows]

    def columns(self, id: str, fields: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        query = select(*(decision.c[name] for name in fields)).where(decision.c.plan_id == id)
        return self._db.execute(query.order_by(decision.c.workload, decision.c.shard)).all()

    def put_usage(self, id: str, rows: Sequence[UsageRow]) -> None:
        self._db.execute(delete(usage).where(usage.c.plan_id == id))
        if rows:
            self._db.execute(insert(usage), [self._signing.owned({"plan_id": id, **_columns(row)}) for row in rows])

    def usage(
        self, id: str, rule: str | None, parts: Mapping[str, str], after: tuple[str, str, str] | None, limit: int | None
    ) -> list[UsageRow]:
        order = (usage.c.rule, usage.c.key, usage.c.resource)
        query = select(*(usage.c[name] for name in _USE)).where(usage.c.plan_id == id)
        if rule is not None:
            query = query.where(usage.c.rule == rule)
        for field, value in parts.items():
            query = query.where(usage.c.subject[field].as_string() == value)
        if after is not None:
            query = query.where(tuple_(*order) > after)
        rows = self._db.execute(query.order_by(*order).limit(limit)).all()
        return [
            UsageRow(Account(rule, resource, unit, subject_of(subject)), used, capacity)
            for rule, resource, unit, subject, used, capacity in rows
        ]

    def keep_snapshot(self, generation: int, body: bytes) -> None:
        if not self.has_snapshot(generation):
            self._db.execute(insert(snapshot).values(generation=generation, body=body))

    def keep_memory(self, id: str, body: bytes) -> None:
        self._db.execute(delete(memory))
        self._db.execute(insert(memory).values(plan_id=id, body=body))

    def memory(self) -> tuple[str, bytes] | None:
        row = self._db.execute(select(memory)).one_or_none()
        return None if row is None else (row.plan_id, row.body)

    def has_snapshot(self, generation: int) -> bool:
        found = self._db.execute(select(snapshot.c.generation).where(snapshot.c.generation == generation)).one_or_none()
        return found is not None

    def snapshot(self, generation: int) -> bytes | None:
        found: bytes | None = self._db.execute(select(snapshot.c.body).where(snapshot.c.generation == generation)).scalar()
        return found


class SqlJobs:
    """See :class:`app.store.sections.Jobs`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, id: str, at_ms: int, priority: int = 1) -> None:
        new = {"state": "queued", "attempt": 0, "failures": 0, "beat": 0, "stop": False}
        self._db.execute(insert(job).values(id=id, submitted_ms=at_ms, priority=priority, **new))

    def queued(self) -> int:
        return self._db.execute(select(func.count()).where(job.c.state == "queued")).scalar_one()

    def claim(self, owner: str) -> Claim | None:
        oldest = (
            select(job.c.id)
            .where(job.c.state == "queued")
            .order_by(job.c.priority.desc(), job.c.submitted_ms, job.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        row = self._db.execute(
            update(job)
            .where(job.c.id == oldest)
            .values(state="running", owner=owner, attempt=job.c.attempt + 1, beat=job.c.beat + 1)
            .returning(job.c.id, job.c.attempt)
        ).one_or_none()
        return None if row is None else Claim(row.id, row.attempt)

    def waiting(self) -> bool:
        found = self._db.execute(select(job.c.id).where(job.c.state == "queued").limit(1))
        return found.one_or_none() is not None

    def leases(self) -> list[Lease]:
        rows = self._db.execute(select(job.c.id, job.c.attempt, job.c.beat).where(job.c.state == "running"))
        return [Lease(Claim(row.id, row.attempt), row.beat) for row in rows]

    def lease(self, claim: Claim) -> Lease | None:
        beat = self._db.execute(select(job.c.beat).where(*_held(claim))).scalar()
        return None if beat is None else Lease(claim, beat)

    def renew(self, claim: Claim) -> bool | None:
        row = self._db.execute(
            update(job).where(*_held(claim)).values(beat=job.c.beat + 1).returning(job.c.stop)
        ).one_or_none()
        return None if row is None else bool(row.stop)

    def stop_wanted(self, claim: Claim) -> bool:
        return bool(self._db.execute(select(job.c.stop).where(*_held(claim))).scalar())

    def finish(self, claim: Claim) -> bool:
        return self._db.execute(update(job).where(*_held(claim)).values(state="done")).rowcount == 1

    def give_back(self, claim: Claim, failure: str | None, attempts: int) -> Literal["queued", "spent", "void"]:
        held = self._db.execute(select(job.c.failures).where(*_held(claim))).one_or_none()
        if held is None:
            return "void"
        failures = held.failures + (failure is not None)
        spent = failures >= attempts
        self._db.execute(
            update(job)
            .where(*_held(claim))
            .values(state="done" if spent else "queued", failures=failures, last_failure=failure)
        )
        return "spent" if spent else "queued"

    def end(self, id: str) -> None:
        self._db.execute(update(job).where(job.c.id == id).values(state="done"))

    def ask_stop(self, id: str) -> str | None:
        row = self._db.execute(update(job).where(job.c.id == id).values(stop=True).returning(job.c.state)).one_or_none()
        return None if row is None else str(row.state)


def _held(claim: Claim) -> tuple[Any, ...]:
    return job.c.id == claim.id, job.c.attempt == claim.attempt, job.c.state == "running"
