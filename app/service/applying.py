"""Making a plan the allocation: judged again, all or nothing, never on a world it was not judged on.

The verdict is reached on the picture of one generation, outside any transaction. The change itself is one
transaction that begins by checking that this generation is still the newest; since every change makes a new one, the
verdict still holds then, and whoever came first wins. A service killed at any point before the commit leaves
everything as it was; after it, asking again answers what was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.errors import Fault, IllegalNow, NotOperating, PlanNotReady, StaleGeneration, WhatIfPlan
from app.identity.caller import Caller
from app.schemas.entities import Workload
from app.schemas.plans import Applied
from app.service import lifecycle, recall
from app.service.cache import Cache
from app.service.entities import check_known, keep, same
from app.service.judging import Appraisal, appraise
from app.service.plans import present
from app.service.settling import better, worse
from app.store.port import Session
from app.store.records import AllocationChangeRow, AllocationRow, Body, DecisionRow, PlanRow, StatusRow, SummaryRow
from solver.facts.difference import Change


def apply_plan(
    cache: Cache, caller: Caller, id: str, on_stale: Literal["refuse", "reverify"], allow_not_operating: bool = False
) -> Applied:
    """Make a plan the allocation.

    Raises
    ------
    NotFound, PlanNotReady, WhatIfPlan
        If there is no such plan, it has no decisions, or it is about a network that does not exist.
    StaleGeneration
        If the world has changed since the plan was made (or, when it is re-verified, while it was judged).
    IllegalNow
        If the verifier refuses it.
    NotOperating
        If it puts something on a node that does not operate today, unless `allow_not_operating`.

    Nothing is changed in any of these cases.
    """
    with cache.store.reading() as session:
        plan = present(session, id)
        newest = session.generations.now()
        in_force = session.allocation.summary()
    if plan.result is None or plan.generation is None:
        raise PlanNotReady(f"Plan {id!r} is {plan.status} and has no decisions.")
    if plan.what_if:
        raise WhatIfPlan(f"Plan {id!r} answers a what-if; ask for it without one to apply it.")
    if plan.applied is not None and in_force is not None and in_force.plan_id == id:
        return Applied.model_validate(plan.applied)
    if plan.generation != newest and on_stale == "refuse":
        raise _stale(plan, newest)
    appraisal = appraise(cache, plan)
    if not appraisal.verdict.ok:
        raise IllegalNow(
            f"{appraisal.verdict.violation_count} rules are broken on generation {appraisal.verdict.generation}.",
            tuple(
                Fault(violation.workload or violation.node or violation.rule, violation.sentence, violation.rule)
                for violation in appraisal.verdict.violations[:20]
            ),
        )
    if appraisal.not_operating and not allow_not_operating:
        closed = appraisal.not_operating
        raise NotOperating(
            f"Plan {id!r} puts something on {len(closed)} nodes that do not operate today. Nothing was changed.",
            tuple(
                Fault(f"nodes[{node}]", "it does not operate today", "a node that operates", code="not_operating")
                for node in closed[:20]
            ),
        )
    with cache.store.writing(caller) as session:
        present(session, id)
        newest = session.generations.now()
        if newest != appraisal.verdict.generation:
            raise _stale(plan, newest)
        return _put_in_force(session, plan, appraisal)


def _stale(plan: PlanRow, newest: int) -> StaleGeneration:
    return StaleGeneration(
        f"Plan {plan.id!r} was made from generation {plan.generation}; the newest is {newest}. Nothing was changed.",
        (Fault("generation", f"the newest is {newest}", str(plan.generation), value=str(newest), code="stale"),),
    )


@dataclass(slots=True)
class _Rewriting:
    """What applying a plan does to the rows of the allocation: `before` are those that were in force, `decisions` those that
    are to be, by key. `gone` are keys of rows that go, or are written anew in `rows`."""

    plan: str
    generation: int
    before: Mapping[str, AllocationRow]
    decisions: Mapping[str, DecisionRow]
    gone: list[str]
    rows: list[AllocationRow] = field(default_factory=list)
    statuses: list[StatusRow] = field(default_factory=list)
    cards: list[tuple[str, list[list[int]]]] = field(default_factory=list)
    changes: list[AllocationChangeRow] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    def note(self, action: str, shard: tuple[str, int], was: str | None, now: str | None) -> None:
        """Add to the history of the allocation."""
        self.changes.append(AllocationChangeRow(self.generation, len(self.changes), *shard, action, was, now))

    def take(self, change: Change) -> None:
        """Do what the plan does to one shard."""
        key = _key(*change.shard)
        old, decision = self.before.get(key), self.decisions.get(key)
        kept = change.action == "kept"
        self.count["unplaced" if change.before is None and change.after is None else change.action] += 1
        if old is not None:
            self.gone.append(key)
        if decision is not None:
            since = old.since_generation if kept and old is not None else self.generation
            disturbed = _disturbed_since(old if kept else None, decision.disturbed, self.generation)
            self.rows.append(AllocationRow(key, self.plan, since, decision, disturbed))
        if not kept:
            was, now = change.before, change.after
            self.note(change.action, change.shard, None if was is None else was.node, None if now is None else now.node)

    def leave(self, row: AllocationRow) -> None:
        """Leave a row as it is, though what else runs may have made it better or worse."""
        old, decision = row.decision, self.decisions.get(row.key)
        if old.node is None:
            return
        self.count["kept"] += 1
        if decision is None:
            self.count["disturbed"] += old.status == "disturbed"
            return
        self.count["disturbed"] += decision.status == "disturbed"
        if decision.cards and not old.cards:
            self.cards.append((row.key, decision.cards))
        if (decision.status, decision.disturbed) != (old.status, old.disturbed):
            since = _disturbed_since(row, decision.disturbed, self.generation)
            self.statuses.append(StatusRow(row.key, decision.status, decision.disturbed, since))
        if decision.status != old.status:
            action = "disturbed" if decision.status == "disturbed" else "restored"
            self.note(action, (decision.workload, decision.shard), decision.node, decision.node)

    def keep(self, session: Session) -> None:
        """Write the rows, and what they replace."""
        in_force = session.allocation.summary()
        terms = None if in_force is None else in_force.terms
        replaced = _replaced(self.before, self.gone, self.rows)
        recall.record(session, self.generation, replaced, self.count, terms=terms, plan=self.plan)
        session.allocation.remove(self.gone)
        session.allocation.put(self.rows)
        session.allocation.put_statuses(self.statuses)
        session.allocation.put_cards(self.cards)
        session.allocation.note(self.changes)

    def tell(self, session: Session) -> None:
        """Tell of what is disturbed now and was not, and the other way round."""
        stand = {row.key: row.decision for row in self.rows} | {row.key: self.decisions[row.key] for row in self.statuses}
        stood = {key: self.before[key].decision if key in self.before else None for key in stand}
        disturbed = [row for key, row in stand.items() if worse(stood[key], row)]
        restored = [row for key, row in stand.items() if better(stood[key], row)]
        lifecycle.stood(session, self.generation, disturbed, restored)


def _put_in_force(session: Session, plan: PlanRow, appraisal: Appraisal) -> Applied:
    generation = session.generations.now() + 1
    written = _keep_workloads(session, plan.id, appraisal.given, generation)
    lifecycle.advance(session, ["allocation", *(["workloads"] if written else [])])
    before = {row.key: row for row in session.allocation.rows()}
    decisions = {_key(row.workload, row.shard): row for row in appraisal.decisions}
    gone = [key for shard in appraisal.vanished if (key := _key(*shard)) in before]
    work = _Rewriting(plan.id, generation, before, decisions, gone)
    for change in appraisal.changes:
        work.take(change)
    rewritten = set(work.gone)
    for key, row in before.items():
        if key not in rewritten:
            work.leave(row)
    work.keep(session)
    figures, terms = appraisal.summary.model_dump(mode="json"), appraisal.terms.model_dump(mode="json")
    session.allocation.put_summary(SummaryRow(generation, plan.id, figures, terms))
    session.plans.put_usage(plan.id, appraisal.uses)
    count = work.count
    applied = Applied(
        plan=plan.id,
        generation=generation,
        placed=count["placed"],
        moved=count["moved"],
        resized=count["resized"],
        unplaced=count["unplaced"],
        kept=count["kept"],
        ended=count["ended"],
        disturbed=count["disturbed"] + sum(row.decision.status == "disturbed" for row in work.rows),
        reverified=plan.generation != appraisal.verdict.generation,
    )
    lifecycle.applied(session, applied)
    work.tell(session)
    return applied


def _replaced(
    before: Mapping[str, AllocationRow], gone: Iterable[str], rows: Iterable[AllocationRow]
) -> dict[tuple[str, int], recall.Stood]:
    """How the shards were in force, `before`, that are in force otherwise now."""
    now = {row.key: row.decision for row in rows}
    found = {}
    for key in {*gone, *now}:
        old, new = before.get(key), now.get(key)
        decision = new if old is None else old.decision
        was = recall.stood_as(None if old is None else old.decision)
        if decision is not None and was != recall.stood_as(new):
            found[decision.workload, decision.shard] = was
    return found


def _disturbed_since(old: AllocationRow | None, disturbed: Body | None, generation: int) -> int | None:
    """Since when a shard is disturbed; `old` is its row if it stays as it was."""
    if disturbed is None:
        return None
    return generation if old is None or old.disturbed_since is None else old.disturbed_since


def _keep_workloads(session: Session, plan_id: str, given: Sequence[Workload], generation: int) -> bool:
    """Store the workloads that the request gave in full; where they run is in the allocation from now on. Those that say
    what is stored are left alone; answers whether there are others."""
    stored = {body["id"]: body for body in session.entities.bodies("workloads", [workload.id for workload in given])}
    new = []
    for workload in given:
        here = workload.model_copy(update={"current": ()}) if workload.current else workload
        if here.id not in stored or not same("workloads", stored[here.id], here.model_dump(mode="json")):
            new.append(here)
    check_known(session, "workloads", new)
    before = {here.id: stored[here.id] for here in new if here.id in stored}
    keep(session, "workloads", new, generation, "applied", before, f"plan {plan_id}")
    return bool(new)


def _key(workload: str, shard: int) -> str:
    """The key of a shard: sorts by workload, then shard."""
    return f"{workload}/{shard:08d}"
