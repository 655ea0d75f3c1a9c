"""Plans by name and plans by number: the one place where each becomes the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import numpy as np

from app.errors import Fault, UnknownReference
from app.schemas.faults import FAULTS_TOLD, unknown
from app.schemas.figures import GoalCost, UseOut, permille
from app.schemas.question import Question
from app.schemas.running import RunningShard
from app.schemas.verdicts import UnplacedShard, VerdictOut, ViolationOut
from app.store.records import Body, DecisionRow, UsageRow
from solver import Plan, Problem, Use, Verdict, Violation, budgets
from solver.facts.difference import Change, by_shard, difference
from solver.facts.placement import Placement, Slot
from solver.facts.plan import Ints
from solver.facts.problem import Commitment, Node
from solver.rules import GOALS, name_of
from solver.rules.goals.disturbed import UNLAWFUL, Disturbances, about, disturbances

#: How many violations, unplaced shards and the like one answer lists.
LISTED = 1000
#: How many of the tightest limits a summary lists.
TIGHTEST = 20


class Named(Protocol):
    """A placement by name: of the wire, or of the store."""

    @property
    def workload(self) -> str: ...
    @property
    def shard(self) -> int: ...
    @property
    def node(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def servers(self) -> int | None: ...
    @property
    def route(self) -> Sequence[str]: ...
    @property
    def cards(self) -> Sequence[Sequence[int]]: ...
    @property
    def batch_limit(self) -> int: ...


def numbered(problem: Problem, placements: Iterable[Named]) -> Plan:
    """The plan that places what `placements` name.

    Raises
    ------
    UnknownReference
        If a placement names a workload, node, profile or link that the problem does not have.
    """
    rows: list[tuple[int, int, int, int, int, int]] = []
    routes: list[list[int]] = []
    cards: list[list[int]] = []
    faults: list[Fault] = []

    def number(index: Mapping[str, int], name: str | None, where: str, what: str) -> int:
        found = index.get(name or "", -1)
        if found < 0:
            faults.append(unknown(where, what, name or "", index.keys()))
        return found

    for place, row in enumerate(placements):
        at = f"placements[{place}]"
        workload = number(problem.workload_index, row.workload, f"{at}.workload", "workload")
        node = number(problem.node_index, row.node, f"{at}.node", "node")
        profile = number(problem.profile_index, row.profile, f"{at}.profile", "profile")
        rows.append((workload, row.shard, node, profile, row.servers or 0, row.batch_limit))
        cards.append([Slot(*slot).number for slot in row.cards])
        routes.append([number(problem.link_index, link, f"{at}.route[{hop}]", "link") for hop, link in enumerate(row.route)])
        if len(faults) >= FAULTS_TOLD:
            break
    if faults:
        raise UnknownReference("The plan names what the question does not have.", tuple(faults[:FAULTS_TOLD]))
    table = np.array(rows, np.int64).reshape(-1, 6)
    workload_, shard, node_, profile_, servers, batch = (np.ascontiguousarray(table[:, c]) for c in range(6))
    return Plan(workload_, shard, node_, profile_, servers, *_joined(routes), batch, *_joined(cards))


def _joined(parts: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Where each part begins, and the parts one after the other."""
    pointers = np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.int64))).astype(np.int64)
    return pointers, np.array([number for part in parts for number in part], np.int64)


def placement_of(row: DecisionRow) -> Placement:
    """Where a shard that is placed runs, as a placement."""
    if row.node is None:
        raise ValueError(f"shard {row.shard} of {row.workload} runs nowhere")
    shard = RunningShard(
        workload=row.workload, shard=row.shard, node=row.node, role=row.role, profile=row.profile, servers=row.servers,
        cards=tuple((card, eighth) for card, eighth in row.cards), route=tuple(row.route), batch_limit=row.batch_limit,
    )  # fmt: skip
    return shard.placement()


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


def costs_of(problem: Problem, plan: Plan, workloads: Iterable[str]) -> dict[str, int]:
    """What each goal costs of some workloads under a plan of a problem, in won a month, in the order of the goals.

    Their shards that run nowhere count, and what is moved of them. The costs of two parts that share no workload add up to
    those of both.
    """
    wanted = {name for name in workloads if name in problem.workload_index}
    if len(wanted) < len(problem.workloads):
        part = about(problem, tuple(workload for workload in problem.workloads if workload.id in wanted))
        plan = part.plan_of(here for here in problem.placements(plan) if here.workload in wanted)
        problem = part
    return {name_of(goal): goal.cost(problem, plan) for goal in GOALS}


def changes(question: Question, plan: Plan) -> list[Change]:
    """What a plan makes of the shards of its problem, against what runs."""
    before = {
        (here.workload, here.shard): here for workload in question.problem.workloads for here in workload.current if here
    }
    after = by_shard(question.problem.placements(plan))
    left_alone = {
        (workload.id, shard)
        for workload in question.problem.workloads
        for shard in range(workload.shards)
        if not workload.is_free(shard)
    }
    return [change for change in difference(before, after) if change.shard not in left_alone]


def not_operating(problem: Problem, changed: Iterable[Change], day: date) -> tuple[str, ...]:
    """Ids of the nodes that changed placements use and that do not operate on `day`, sorted."""
    used = {change.after.node for change in changed if change.after is not None and change.action != "kept"}
    return tuple(sorted(name for name in used if not _operates(problem.nodes[problem.node_index[name]], day)))


def _operates(node: Node, day: date) -> bool:
    opened = node.available_from is None or node.available_from <= day
    return node.commitment is Commitment.OPERATIONAL and opened


def used(uses: Iterable[Use]) -> list[UsageRow]:
    """The accounts of a plan as rows."""
    return [UsageRow(use.rule, use.key, use.resource, use.unit, use.used, use.capacity) for use in uses]


def tightest(rows: Iterable[UsageRow]) -> tuple[UseOut, ...]:
    """The limits with the least left, tightest first."""
    busy = [row for row in rows if row.used > 0]
    busy.sort(key=lambda row: (-permille(row.used, row.capacity), row.rule, row.key, row.resource))
    return tuple(UseOut.of(row) for row in busy[:TIGHTEST])


def goals(costs: Mapping[str, int]) -> tuple[GoalCost, ...]:
    """The cost of each goal, in the solver's order."""
    return tuple(GoalCost(goal=goal, krw_month=cost) for goal, cost in costs.items())


def said(broken: Violation) -> ViolationOut:
    """A violation on the wire."""
    return ViolationOut(
        rule=broken.rule,
        workload=broken.workload,
        shard=broken.shard,
        node=broken.node,
        needed=broken.needed,
        available=broken.available,
        unit=broken.unit,
        sentence=broken.sentence,
    )


def judged(question: Question, verdict: Verdict, uses: Sequence[UsageRow]) -> VerdictOut:
    """A verdict by name."""
    workloads = question.problem.workloads
    unplaced = [(workloads[w].id, shard) for w, shard in verdict.unplaced if workloads[w].is_free(shard)]
    return VerdictOut(
        ok=verdict.ok,
        generation=question.generation,
        cost=verdict.cost,
        cost_by_goal=goals(verdict.cost_by_goal),
        violations=tuple(said(broken) for broken in verdict.violations[:LISTED]),
        violation_count=len(verdict.violations),
        unplaced=tuple(UnplacedShard(workload=name, shard=shard) for name, shard in unplaced[:LISTED]),
        unplaced_count=len(unplaced),
        disturbed=tuple(said(broken) for broken in verdict.disturbed[:LISTED]),
        disturbed_count=len(verdict.disturbed),
        use=tightest(uses),
    )
