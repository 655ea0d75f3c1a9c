"""What the servers' electricity costs: their power, times the node's PUE, at its price, for the 730 hours of a month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, HostCost
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints

HOURS_A_MONTH = 730


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    # PUE in thousandths and watts instead of kilowatts make the million; the product stays well within 64 bits
    # for each factor at its largest useful size, and the limits on amounts keep it there.
    price = np.array([node.pue_permille * node.power_price_kwh for node in problem.nodes], np.int64)
    watts = np.array([profile.power_w for profile in problem.profiles], np.int64)
    won = -(-watts[hosts.profile] * HOURS_A_MONTH * price[hosts.node] // 1_000_000)
    return (HostCost(-(-won * problem.terms.weights.energy // 1000)),)


def cost(problem: Problem, plan: Plan) -> int:
    return plan.over_servers(_of_a_server(problem))


def each(problem: Problem, plan: Plan) -> Ints:
    """What each placement costs by itself."""
    return plan.each_over_servers(_of_a_server(problem))


def _of_a_server(problem: Problem) -> Callable[[int, int], int]:
    def per_server(n: int, f: int) -> int:
        node, profile = problem.nodes[n], problem.profiles[f]
        milliwatt_hours = profile.power_w * node.pue_permille * HOURS_A_MONTH
        won = -(-milliwatt_hours * node.power_price_kwh // 10**6)
        return -(-won * problem.terms.weights.energy // 1000)

    return per_server
