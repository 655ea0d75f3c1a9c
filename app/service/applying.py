"""Making a plan the allocation: judged again, all or nothing, never on a world it was not judged on.

The verdict is reached on the picture of one generation, outside any transaction. The change itself is one
transaction that begins by checking that this generation is still the newest; since every change makes a new one, the
verdict still holds then, and whoever came first wins. A service killed at any point before the commit leaves
everything as it was; after it, asking again answers what was done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from app.errors import Fault, IllegalNow, PlanNotReady, StaleGeneration, WhatIfPlan
from app.schemas.plans import Applied
from app.schemas.requests import PlanRequest
from app.service import lifecycle
from app.service.entities import check_known, keep
from app.service.judging import Appraisal, appraise
from app.service.plans import present
from app.store.port import Session, Store
from app.store.records import AllocationChangeRow, AllocationRow, DecisionRow, PlanRow, SummaryRow


def apply_plan(store: Store, id: str, on_stale: Literal["refuse", "reverify"]) -> Applied:
    """Make a plan the allocation.

    Raises
    ------
    NotFound, PlanNotReady, WhatIfPlan
        If there is no such plan, it has no decisions, or it is about a network that does not exist.
    StaleGeneration
        If the world has changed since the plan was made (or, when it is re-verified, while it was judged).
    IllegalNow
        If the verifier refuses it. Nothing is changed in any of these cases.
    """
    with store.reading() as session:
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
    appraisal = appraise(store, plan)
    if not appraisal.verdict.ok:
        raise IllegalNow(
            f"{appraisal.verdict.violation_count} rules are broken on generation {appraisal.verdict.generation}.",
            tuple(
                Fault(violation.workload or violation.node or violation.rule, violation.sentence, violation.rule)
                for violation in appraisal.verdict.violations[:20]
            ),
        )
    with store.writing() as session:
        newest = session.generations.now()
        if newest != appraisal.verdict.generation:
            raise _stale(plan, newest)
        return _put_in_force(session, plan, appraisal)


def _stale(plan: PlanRow, newest: int) -> StaleGeneration:
    return StaleGeneration(
        f"Plan {plan.id!r} was made from generation {plan.generation}; the newest is {newest}. Nothing was changed.",
        (Fault("generation", f"the newest is {newest}", str(plan.generation)),),
    )


def _put_in_force(session: Session, plan: PlanRow, appraisal: Appraisal) -> Applied:
    generation = lifecycle.advance(session, ["allocation", "workloads"])
    _keep_workloads(session, plan, generation)
    before = {row.key: row for row in session.allocation.rows()}
    after = {_key(row): row for row in appraisal.decisions}
    about = {row.workload for row in appraisal.decisions}
    gone = [key for key, row in before.items() if key not in after and row.decision.workload in about]
    changes: list[AllocationChangeRow] = []
    count = {"placed": 0, "moved": 0, "resized": 0, "unplaced": 0, "kept": 0, "ended": 0}
    rows: list[AllocationRow] = []

    def note(action: str, row: DecisionRow, was: str | None, now: str | None) -> None:
        changes.append(AllocationChangeRow(generation, len(changes), row.workload, row.shard, action, was, now))

    for key, decided in after.items():
        old = before.get(key)
        was = None if old is None else old.decision.node
        # What stays on a node that drains or has failed stays disturbed.
        stays = old is not None and was is not None and was == decided.node
        decision = replace(decided, status=old.decision.status) if old and stays else decided
        action = _action(decision, None if old is None else old.decision)
        count[action] += 1
        if old is not None and was is not None and decision.node is None:
            count["ended"] += 1
        since = generation if action != "kept" or old is None else old.since_generation
        rows.append(AllocationRow(key, plan.id, since, decision))
        if action != "kept":
            note(action, decision, was, decision.node)
    for key in gone:
        old_row = before[key].decision
        count["ended"] += old_row.node is not None
        note("ended", old_row, old_row.node, None)
    session.allocation.remove([key for key in before if key in after] + gone)
    session.allocation.put(rows)
    session.allocation.note(changes)
    session.allocation.put_summary(SummaryRow(generation, plan.id, appraisal.summary.model_dump(mode="json")))
    session.plans.put_usage(plan.id, appraisal.uses)
    applied = Applied(
        plan=plan.id,
        generation=generation,
        placed=count["placed"],
        moved=count["moved"],
        unplaced=count["unplaced"],
        kept=count["kept"] + count["resized"],
        ended=count["ended"],
        reverified=plan.generation != appraisal.verdict.generation,
    )
    lifecycle.applied(session, applied)
    return applied


def _keep_workloads(session: Session, plan: PlanRow, generation: int) -> None:
    """Store the workloads that the request gave in full, as they will run from now on."""
    request = PlanRequest.model_validate(session.plans.request(plan.id))
    for ordinal, workload in enumerate(request.workloads):
        here = workload.model_copy(update={"current": (), "movable": True})
        stored = session.entities.get("workloads", workload.id)
        if stored is not None and stored.body == here.model_dump(mode="json"):
            continue
        check_known(session, "workloads", here)
        keep(session, "workloads", here, generation, "applied", stored, f"plan {plan.id}", ordinal)


def _key(row: DecisionRow) -> str:
    """The key of a shard: sorts by workload, then shard."""
    return f"{row.workload}/{row.shard:08d}"


def _action(now: DecisionRow, before: DecisionRow | None) -> str:
    if now.node is None:
        return "kept" if before is not None and before.node is None else "unplaced"
    if before is None or before.node is None:
        return "placed"
    if before.node != now.node:
        return "moved"
    same = replace(now, previous_node=before.previous_node, in_request=before.in_request, status=before.status)
    return "kept" if same == before else "resized"
