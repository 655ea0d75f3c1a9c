"""Explanations on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from app.schemas.figures import goals
from app.schemas.verdicts import (
    Candidate,
    ExplanationOut,
    Holder,
    Latency,
    PlacedShard,
    Reason,
    Refusal,
    Repair,
    RepairChange,
    said,
)
from solver import Explanation, Problem, Violation
from solver.judging.explain import Candidate as SolverCandidate
from solver.judging.explain import Change as SolverChange
from solver.judging.explain import Holder as SolverHolder
from solver.judging.explain import Repair as SolverRepair

#: Resource of a node -> the field that says how much the node has of it.
_FIELDS = {"vcpu": "vcpu", "memory": "memory_mib", "power": "power_w"}


def refusal_of(told: Explanation, problem: Problem | None = None) -> Refusal | None:
    """Why a workload has shards that are unplaced, or stay disturbed, in short; None when it has none.

    With the `problem` that was explained it says of the nearest node that it has nothing at all of what is short there.
    """
    if not told.unplaced and not told.stuck:
        return None
    reasons = tuple(Reason(rule=rule, nodes=nodes) for rule, nodes in told.histogram.items())
    repairs = tuple(_repair(repair) for repair in told.repairs)
    nearest = told.candidates[0].refusals if problem is not None and told.candidates else ()
    zeros = dict.fromkeys(zero for zero in (_nothing_at_all(problem, violation) for violation in nearest) if zero)
    return Refusal(
        sentence=" ".join((told.sentence, *(f"{zero}." for zero in zeros))),
        reasons=reasons,
        repairs=repairs,
        holders=_holders(told.holders),
    )


def _nothing_at_all(problem: Problem | None, broken: Violation) -> str | None:
    """That a node has none of what is short there, which is also what it has where nobody has said anything; else None."""
    account = broken.account
    field = None if account is None or account.rule != "node_capacity" else _FIELDS.get(account.resource)
    place = None if problem is None or broken.node is None else problem.node_index.get(broken.node)
    if problem is None or field is None or place is None or getattr(problem.nodes[place], field):
        return None
    return f"The `{field}` of {broken.node} is 0, as where nothing is said of it"


def story_of(
    plan_id: str, generation: int, told: Explanation, listed: int, problem: Problem | None = None
) -> ExplanationOut:
    """An explanation with its `listed` nearest candidates, of a workload of a problem."""
    return ExplanationOut(
        plan=plan_id,
        workload=told.workload,
        generation=generation,
        placed=tuple(
            PlacedShard(
                shard=shard.shard,
                node=shard.node,
                profile=shard.profile,
                servers=shard.servers,
                batch_limit=shard.batch_limit,
                route=shard.route,
                latency=Latency(
                    access_us=shard.latency.access_us,
                    transfer_us=shard.latency.transfer_us,
                    transport_us=shard.latency.transport_us,
                    service_us=shard.latency.service_us,
                    waiting_us=shard.latency.waiting_us,
                    margin_us=shard.latency.margin_us,
                    deadline_us=shard.latency.deadline_us,
                ),
                cost_by_goal=goals(shard.cost_by_goal),
                next_best=None if shard.next_best is None else _candidate(shard.next_best),
                extra_cost=shard.extra_cost,
            )
            for shard in told.placed
        ),
        unplaced=told.unplaced,
        stuck=told.stuck,
        refusal=refusal_of(told, problem),
        candidates=tuple(_candidate(candidate, problem) for candidate in told.candidates[:listed]),
        candidate_count=len(told.candidates),
    )


def _candidate(candidate: SolverCandidate, problem: Problem | None = None) -> Candidate:
    refusals = []
    for violation in candidate.refusals:
        zero = _nothing_at_all(problem, violation)
        refusals.append(violation if zero is None else replace(violation, sentence=f"{violation.sentence}. {zero}"))
    return Candidate(
        node=candidate.node,
        profile=candidate.profile,
        servers=candidate.servers,
        hardware=candidate.hardware,
        cost=candidate.cost,
        refusals=tuple(said(violation) for violation in refusals),
    )


def _repair(repair: SolverRepair) -> Repair:
    return Repair(
        rule=repair.rule,
        nodes=repair.nodes,
        node=repair.node,
        cost=repair.cost,
        change=tuple(_change(one) for one in repair.change),
        sentence=repair.sentence,
        scope=repair.scope,
        holders=_holders(repair.holders),
    )


def _change(one: SolverChange) -> RepairChange:
    """A change in the words of the wire, where what a plan decides about is said by the scope of the request."""
    kind, field, value = _ASKED.get((one.kind, one.field), (one.kind, one.field, _json(one.value)))
    return RepairChange.model_validate({"kind": kind, "id": one.id, "field": field, "value": value})


#: Fields of the solver's workloads that the wire says otherwise.
_ASKED: dict[tuple[str, str], tuple[str, str, Any]] = {
    ("workloads", "free"): ("scope", "running", "move"),
    ("workloads", "may_end"): ("scope", "may_end", True),
    ("workloads", "stays"): ("workloads", "movable", True),
}


def _holders(holders: Iterable[SolverHolder]) -> tuple[Holder, ...]:
    return tuple(Holder(workload=one.workload, shards=one.shards, amount=one.amount) for one in holders)


def _json(value: object) -> Any:
    """A value of a field as it goes over the wire."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, frozenset):
        return sorted(_json(one) for one in value)
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
