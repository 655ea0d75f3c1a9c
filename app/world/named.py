"""Plans by name, plans by number, and what a plan makes of what runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from app.errors import Fault, UnknownReference
from app.schemas.faults import FAULTS_TOLD
from app.schemas.naming import unknown
from app.world.question import Question
from app.world.running import Named
from solver import Plan, Problem
from solver.facts.difference import Change, by_shard, difference
from solver.facts.network import Commitment, Node
from solver.facts.placement import Slot
from solver.facts.plan import Ints
from solver.rules import GOALS, name_of
from solver.rules.goals.disturbed import about


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


def costs_of(problem: Problem, plan: Plan, workloads: Iterable[str]) -> dict[str, int]:
    """What each goal costs of some workloads under a plan of a problem, in money a month, in the order of the goals.

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
