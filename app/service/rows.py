"""Verified plans as the rows that a store keeps, and placements from such rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.store.records import Body, DecisionRow, UsageRow
from app.world.question import Question
from solver import Plan, Use, Verdict, Violation, budgets
from solver.rules.goals.disturbed import UNLAWFUL, Disturbances, disturbances


def broken_by(violations: Sequence[Violation]) -> Body | None:
    """The rules that a placement breaks where it stays, as its row keeps them, with the gravest sentence; None for none."""
    if not violations:
        return None
    gravest = min(violations, key=lambda violation: violation.rule not in UNLAWFUL)
    return {
        "rules": list(dict.fromkeys(violation.rule for violation in violations)),
        "sentence": gravest.sentence,
        "unlawful": gravest.rule in UNLAWFUL,
    }


def decided(
    question: Question,
    plan: Plan,
    verdict: Verdict,
    refusals: Mapping[str, Body],
    tolerated: Disturbances | None = None,
) -> list[DecisionRow]:
    """A verified plan as rows by name, in the order of the question's workloads and their shards.

    Shards that the plan does not decide about and of which no more is known than their node have no row. `refusals` says,
    by workload, why its shards run nowhere or stay disturbed, where that is known; `tolerated` by (workload, shard) what a
    placement breaks where it stays, which is what it breaks on the terms of the question where nothing else is said.
    """
    problem = question.problem
    times = budgets(problem, plan)
    if tolerated is None:
        tolerated = disturbances(problem, plan)
    placements = problem.placements(plan)
    found: dict[tuple[int, int], DecisionRow] = {}
    columns = zip(
        placements, plan.workload.tolist(), plan.node.tolist(),
        times.access_us.tolist(), times.transfer_us.tolist(), times.transport_us.tolist(), times.service_us.tolist(),
        times.waiting_us.tolist(), times.margin_us.tolist(), strict=True,
    )  # fmt: skip
    for here, w, n, access, transfer, transport, service, waiting, margin in columns:
        node = problem.nodes[n]
        broken = broken_by(tolerated.get((w, here.shard), ()))
        found[w, here.shard] = replace(
            _nowhere(question, w, here.shard),
            status="disturbed" if broken else "placed",
            role=str(here.role),
            node=here.node,
            tier=str(node.tier),
            province=node.province,
            profile=here.profile,
            servers=here.servers,
            cards=[list(slot) for slot in here.cards],
            route=list(here.route),
            batch_limit=here.batch_limit,
            disturbed=broken,
            refusal=refusals.get(here.workload) if broken and problem.workloads[w].is_free(here.shard) else None,
            access_us=access,
            transfer_us=transfer,
            transport_us=transport,
            service_us=service,
            waiting_us=waiting,
            margin_us=margin,
        )
    for w, shard in verdict.unplaced:
        if not problem.workloads[w].is_free(shard):
            continue
        why = refusals.get(problem.workloads[w].id)
        found[w, shard] = replace(_nowhere(question, w, shard), refusal=why)
    return [found[key] for key in sorted(found)]


def _nowhere(question: Question, w: int, shard: int) -> DecisionRow:
    """A shard that runs nowhere."""
    problem = question.problem
    workload = problem.workloads[w]
    access = problem.access_of(workload)
    return DecisionRow(
        workload=workload.id,
        shard=shard,
        status="unplaced",
        site=access.site,
        access=access.id,
        policy=workload.policy,
        model=workload.model,
        devices=workload.devices_of(shard),
        in_request=workload.id in question.requested,
        previous_node=workload.runs_at(shard) or None,
        deadline_us=workload.deadline_us,
    )


def used(uses: Iterable[Use]) -> list[UsageRow]:
    """The accounts of a plan as rows."""
    return [UsageRow(use.account, use.used, use.capacity) for use in uses]
