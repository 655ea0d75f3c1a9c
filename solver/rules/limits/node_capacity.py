"""What runs on a node fits into it: its accelerators (slices included), vCPUs, memory and power."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.account import Account, Subjects, subject_of
from solver.rules.factors import Factor, HostRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, remembered

#: Resource of a node -> its unit.
_UNITS = {"accelerators": "card_milli", "vcpu": "vcpu_milli", "memory": "mib", "power": "w"}


def cards_of(node: str, accelerator: str) -> Account:
    """The account of the cards of a kind on a node."""
    subject = subject_of({"node": node, "accelerator": accelerator})
    return Account("node_capacity", "accelerators", _UNITS["accelerators"], subject)


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    nodes = problem.nodes
    each = Subjects({"node": [node.id for node in nodes]})
    pools = np.concatenate(([0], np.cumsum([len(node.pools) for node in nodes]))).astype(np.int64)

    def per_profile(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        column = np.array([getattr(profile, name) for profile in problem.profiles], np.int64)
        return column[hosts.profile]

    def rows(resource: str, capacity: list[int], subjects: Subjects = each) -> Rows:
        return Rows("node_capacity", resource, _UNITS[resource], subjects, np.array(capacity, np.int64))

    cards = rows(
        "accelerators", [1000 * pool.count for node in nodes for pool in node.pools],
        Subjects({
            "node": [node.id for node in nodes for _ in node.pools],
            "accelerator": [pool.accelerator for node in nodes for pool in node.pools],
        }),
    )  # fmt: skip
    return (
        HostRows(cards, np.where(hosts.pool < 0, -1, pools[hosts.node] + hosts.pool), per_profile("slice_permille")),
        HostRows(rows("vcpu", [1000 * node.vcpu for node in nodes]), hosts.node,
                 per_profile("vcpu_milli")),
        HostRows(rows("memory", [node.memory_mib for node in nodes]), hosts.node, per_profile("host_memory_mib")),
        HostRows(rows("power", [node.power_w for node in nodes]), hosts.node, per_profile("power_w")),
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
    pools = Subjects({"node": [ids[n] for n, _ in cards], "accelerator": [accelerator for _, accelerator in cards]})
    each = Subjects({"node": ids})
    everyone = np.arange(len(plan), dtype=np.int64)
    by_node = {
        ("vcpu", "vcpu_milli"): [node.vcpu * 1000 for node in problem.nodes],
        ("memory", "mib"): [node.memory_mib for node in problem.nodes],
        ("power", "w"): [node.power_w for node in problem.nodes],
    }
    return (
        Ledger("node_capacity", "accelerators", "card_milli", pools,
               1000 * np.array(list(cards.values()), np.int64), on_cards, card[on_cards], taken[on_cards, 0]),
        *(
            Ledger("node_capacity", resource, unit, each, np.array(have, np.int64), everyone, plan.node, taken[:, column])
            for column, ((resource, unit), have) in enumerate(by_node.items(), start=1)
        ),
    )  # fmt: skip


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
