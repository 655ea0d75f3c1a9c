"""What runs on a node fits into it: its accelerators (slices included), vCPUs, memory and power."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, HostRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, remembered


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


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """Accounts of accelerators (one a node and kind), vCPUs, memory and power (one a node)."""
    cards = {(n, pool.accelerator): pool.count for n, node in enumerate(problem.nodes) for pool in node.pools}
    account = {key: number for number, key in enumerate(cards)}
    kind = [profile.accelerator for profile in problem.profiles]
    pairs = zip(plan.node.tolist(), plan.profile.tolist(), strict=True)
    card = np.array([account.get((n, kind[f] or ""), -1) for n, f in pairs], np.int64)
    on_cards = np.flatnonzero(card >= 0)
    one_server = [(p.slice_permille, p.vcpu_milli, p.host_memory_mib, p.power_w) for p in problem.profiles]
    taken = np.array(one_server, np.int64).reshape(-1, 4)[plan.profile] * plan.servers[:, None]
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
               1000 * np.array(list(cards.values()), np.int64), on_cards, card[on_cards], taken[on_cards, 0]),
        *(
            Ledger("node_capacity", resource, unit, ids, np.array(have, np.int64), everyone, plan.node, taken[:, column])
            for column, ((resource, unit), have) in enumerate(by_node.items(), start=1)
        ),
    )  # fmt: skip


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
