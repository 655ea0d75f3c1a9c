"""What servers cost to hold: their part of an accelerator, their vCPUs and their memory, in money a month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, HostCost
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    nodes, profiles = problem.nodes, problem.profiles
    card_price = np.array(
        [nodes[n].pools[p].price_month if p >= 0 else 0
         for n, p in zip(hosts.node.tolist(), hosts.pool.tolist(), strict=True)], np.int64,
    )  # fmt: skip
    cpu_price = np.array([node.vcpu_price_month for node in nodes], np.int64)[hosts.node]
    memory_price = np.array([node.memory_price_gib_month for node in nodes], np.int64)[hosts.node]
    sliced = np.array([profile.slice_permille for profile in profiles], np.int64)[hosts.profile]
    vcpu = np.array([profile.vcpu_milli for profile in profiles], np.int64)[hosts.profile]
    memory = np.array([profile.host_memory_mib for profile in profiles], np.int64)[hosts.profile]
    won = -(-card_price * sliced // 1000) - (-cpu_price * vcpu // 1000) - (-memory_price * memory // 1024)
    return (HostCost(-(-won * problem.terms.weights.accelerators // 1000)),)


def cost(problem: Problem, plan: Plan) -> int:
    return plan.over_servers(_of_a_server(problem))


def each(problem: Problem, plan: Plan) -> Ints:
    """What each placement costs by itself."""
    return plan.each_over_servers(_of_a_server(problem))


def _of_a_server(problem: Problem) -> Callable[[int, int], int]:
    weight = problem.terms.weights.accelerators

    def per_server(n: int, f: int) -> int:
        node, profile = problem.nodes[n], problem.profiles[f]
        card = next((pool.price_month for pool in node.pools if pool.accelerator == profile.accelerator), 0)
        parts = (
            (card * profile.slice_permille, 1000),
            (node.vcpu_price_month * profile.vcpu_milli, 1000),
            (node.memory_price_gib_month * profile.host_memory_mib, 1024),
        )
        won = sum(-(-amount // unit) for amount, unit in parts)
        return -(-won * weight // 1000)

    return per_server
