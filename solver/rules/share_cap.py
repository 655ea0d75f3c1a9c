"""No single owner, operator or accelerator vendor serves more than its capped share of the request's devices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, PairRows, Rows
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, Problem, Profile, ShareCap, ShareOf
from solver.rules.violation import Ledger, Violation, overfull, placements

_UNIT = "devices"


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    devices = np.array([workload.shard_size for workload in items.like], np.int64)
    total = int((devices * items.count).sum())
    factors: list[Factor] = []
    for cap in problem.terms.share_caps:
        holders: dict[str, int] = {}
        slot = [
            holders.setdefault(holder, len(holders)) if (holder := _holder(problem, cap, n, f)) else -1
            for n, f in zip(hosts.node.tolist(), hosts.profile.tolist(), strict=True)
        ]
        names = [f"{cap.of} {holder}" for holder in holders]
        rows = Rows("share_cap", "share", _UNIT, names, np.full(len(names), total * cap.permille // 1000, np.int64))
        factors.append(PairRows(rows, np.zeros(len(items), np.int64), np.array(slot, np.int64), devices))
    return tuple(factors)


def _holder(problem: Problem, cap: ShareCap, n: int, f: int) -> str:
    node, accelerator = problem.nodes[n], problem.profiles[f].accelerator
    if cap.of is ShareOf.VENDOR:
        holder = problem.accelerator_by_id[accelerator].vendor if accelerator is not None else ""
    else:
        holder = node.owner if cap.of is ShareOf.OWNER else node.operator
    return holder if cap.name in (None, holder) else ""


def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """For each cap, one account for each holder that serves something and is capped by it."""
    total = sum(workload.shards * workload.shard_size for workload in problem.workloads)
    found = []
    for cap in problem.terms.share_caps:
        accounts: dict[str, int] = {}
        entries = []
        for row, workload, _, node in placements(problem, plan):
            who = _served_by(cap.of, node, problem.profiles[plan.profile[row]], problem)
            if who and (cap.name is None or cap.name == who):
                entries.append((row, accounts.setdefault(who, len(accounts)), workload.shard_size))
        table = np.array(entries, np.int64).reshape(-1, 3)
        have = np.full(len(accounts), total * cap.permille // 1000, np.int64)
        names = [f"{cap.of} {who}" for who in accounts]
        found.append(Ledger("share_cap", "share", _UNIT, names, have, table[:, 0], table[:, 1], table[:, 2]))
    return tuple(found)


def _served_by(of: ShareOf, node: Node, profile: Profile, problem: Problem) -> str | None:
    if of is ShareOf.OWNER:
        return node.owner
    if of is ShareOf.OPERATOR:
        return node.operator
    return None if profile.accelerator is None else problem.accelerator_by_id[profile.accelerator].vendor


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan))
