"""What runs on a node fits into it: its accelerators (slices included), vCPUs, memory and power."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, HostRows, Rows
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import Ledger, Violation, overfull, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    nodes = problem.nodes
    ids = [node.id for node in nodes]
    pools = np.concatenate(([0], np.cumsum([len(node.pools) for node in nodes]))).astype(np.int64)

    def per_profile(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        column = np.array([getattr(profile, name) for profile in problem.profiles], np.int64)
        return column[hosts.profile]

    def rows(resource: str, unit: str, capacity: list[int], names: list[str] = ids) -> Rows:
        return Rows("node_capacity", resource, unit, names, np.array(capacity, np.int64))

    cards = rows(
        "accelerators", "thousandths of a card",
        [1000 * pool.count for node in nodes for pool in node.pools],
        [f"{node.id}/{pool.accelerator}" for node in nodes for pool in node.pools],
    )  # fmt: skip
    return (
        HostRows(cards, np.where(hosts.pool < 0, -1, pools[hosts.node] + hosts.pool), per_profile("slice_permille")),
        HostRows(rows("vcpu", "thousandths of a vCPU", [1000 * node.vcpu for node in nodes]), hosts.node,
                 per_profile("vcpu_milli")),
        HostRows(rows("memory", "MiB", [node.memory_mib for node in nodes]), hosts.node, per_profile("host_memory_mib")),
        HostRows(rows("power", "W", [node.power_w for node in nodes]), hosts.node, per_profile("power_w")),
    )  # fmt: skip


def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """Accounts of accelerators (one a node and kind), vCPUs, memory and power (one a node)."""
    cards = {(n, pool.accelerator): pool.count for n, node in enumerate(problem.nodes) for pool in node.pools}
    account = {key: number for number, key in enumerate(cards)}
    on_cards: list[tuple[int, int, int]] = []
    shared: list[tuple[int, int, int]] = []
    for row, _, _, _ in placements(problem, plan):
        n, servers = int(plan.node[row]), int(plan.servers[row])
        profile = problem.profiles[plan.profile[row]]
        if profile.accelerator is not None and (n, profile.accelerator) in account:
            on_cards.append((row, account[n, profile.accelerator], servers * profile.slice_permille))
        shared.append((servers * profile.vcpu_milli, servers * profile.host_memory_mib, servers * profile.power_w))
    card_table = np.array(on_cards, np.int64).reshape(-1, 3)
    table = np.array(shared, np.int64).reshape(-1, 3)
    ids = [node.id for node in problem.nodes]
    names = [f"{ids[n]}/{accelerator}" for n, accelerator in cards]
    everyone = np.arange(len(plan), dtype=np.int64)
    by_node = {
        ("vcpu", "thousandths of a vCPU"): [node.vcpu * 1000 for node in problem.nodes],
        ("memory", "MiB"): [node.memory_mib for node in problem.nodes],
        ("power", "W"): [node.power_w for node in problem.nodes],
    }
    return (
        Ledger("node_capacity", "accelerators", "thousandths of a card", names,
               1000 * np.array(list(cards.values()), np.int64), card_table[:, 0], card_table[:, 1], card_table[:, 2]),
        *(
            Ledger("node_capacity", resource, unit, ids, np.array(have, np.int64), everyone, plan.node, table[:, column])
            for column, ((resource, unit), have) in enumerate(by_node.items())
        ),
    )  # fmt: skip


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan))
