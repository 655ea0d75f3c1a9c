"""Plans by name and plans by number: the one place where each becomes the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from app.errors import Fault, UnknownReference
from app.schemas.figures import GoalCost, UseOut, permille
from app.schemas.question import Question
from app.schemas.verdicts import UnplacedShard, VerdictOut, ViolationOut
from app.store.records import Body, DecisionRow, UsageRow
from solver import Plan, Problem, Use, Verdict, Violation, budgets

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


def numbered(problem: Problem, placements: Iterable[Named]) -> Plan:
    """The plan that places what `placements` name.

    Raises
    ------
    UnknownReference
        If a placement names a workload, node, profile or link that the problem does not have.
    """
    rows: list[tuple[int, int, int, int, int]] = []
    routes: list[list[int]] = []
    faults: list[Fault] = []

    def number(index: Mapping[str, int], name: str | None, where: str, what: str) -> int:
        found = index.get(name or "", -1)
        if found < 0:
            faults.append(Fault(where, f"there is no {what} {name!r}", f"the id of a {what} of the question"))
        return found

    for place, row in enumerate(placements):
        at = f"placements[{place}]"
        workload = number(problem.workload_index, row.workload, f"{at}.workload", "workload")
        node = number(problem.node_index, row.node, f"{at}.node", "node")
        profile = number(problem.profile_index, row.profile, f"{at}.profile", "profile")
        rows.append((workload, row.shard, node, profile, row.servers or 0))
        routes.append([number(problem.link_index, link, f"{at}.route[{hop}]", "link") for hop, link in enumerate(row.route)])
        if len(faults) > LISTED:
            break
    if faults:
        raise UnknownReference("The plan names what the question does not have.", tuple(faults[:LISTED]))
    table = np.array(rows, np.int64).reshape(-1, 5)
    pointers = np.concatenate(([0], np.cumsum([len(route) for route in routes], dtype=np.int64))).astype(np.int64)
    links = np.array([link for route in routes for link in route], np.int64)
    return Plan(table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], pointers, links)


def decided(question: Question, plan: Plan, verdict: Verdict, refusals: Mapping[str, Body]) -> list[DecisionRow]:
    """A verified plan as rows by name, in the order of the question's workloads and their shards.

    `refusals` says, by workload, why its shards run nowhere, where that is known.
    """
    problem = question.problem
    times = budgets(problem, plan)
    route = [problem.links[link].id for link in plan.route_link.tolist()]
    pointers = plan.route_ptr.tolist()
    found: dict[tuple[int, int], DecisionRow] = {}
    columns = zip(
        plan.workload.tolist(), plan.shard.tolist(), plan.node.tolist(), plan.profile.tolist(), plan.servers.tolist(),
        times.access_us.tolist(), times.transfer_us.tolist(), times.transport_us.tolist(), times.service_us.tolist(),
        times.waiting_us.tolist(), times.margin_us.tolist(), strict=True,
    )  # fmt: skip
    for row, (w, shard, n, p, servers, access, transfer, transport, service, waiting, margin) in enumerate(columns):
        node = problem.nodes[n]
        found[w, shard] = replace(
            _nowhere(question, w, shard),
            status="placed",
            node=node.id,
            tier=str(node.tier),
            province=node.province,
            profile=problem.profiles[p].id,
            servers=servers,
            route=route[pointers[row] : pointers[row + 1]],
            access_us=access,
            transfer_us=transfer,
            transport_us=transport,
            service_us=service,
            waiting_us=waiting,
            margin_us=margin,
        )
    for w, shard in verdict.unplaced:
        why = refusals.get(problem.workloads[w].id)
        found[w, shard] = replace(_nowhere(question, w, shard), refusal=why)
    return [found[key] for key in sorted(found)]


def _nowhere(question: Question, w: int, shard: int) -> DecisionRow:
    """A shard that runs nowhere."""
    problem = question.problem
    workload = problem.workloads[w]
    access = problem.access_of(workload)
    size = workload.shard_size
    return DecisionRow(
        workload=workload.id,
        shard=shard,
        status="unplaced",
        site=access.site,
        access=access.id,
        policy=workload.policy,
        model=workload.model,
        devices=max(0, min(size, workload.devices - shard * size)),
        in_request=workload.id in question.requested,
        previous_node=workload.runs_at(shard) or None,
        deadline_us=workload.deadline_us,
    )


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
    return VerdictOut(
        ok=verdict.ok,
        generation=question.generation,
        cost=verdict.cost,
        cost_by_goal=goals(verdict.cost_by_goal),
        violations=tuple(said(broken) for broken in verdict.violations[:LISTED]),
        violation_count=len(verdict.violations),
        unplaced=tuple(UnplacedShard(workload=workloads[w].id, shard=shard) for w, shard in verdict.unplaced[:LISTED]),
        unplaced_count=len(verdict.unplaced),
        use=tightest(uses),
    )
