"""What carrying the traffic costs: the workload's streams, both ways, over each link of the route at the link's price."""

from __future__ import annotations

import numpy as np

from solver.factors import Factor, RouteCost
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    kbps = np.array([(w.uplink_kbps + w.downlink_kbps) * w.shard_size for w in items.like], np.int64)
    price = np.array([link.price_krw_gbps_month for link in problem.links], np.int64)
    return (RouteCost(kbps, price, problem.terms.weights.transport),)


def cost(problem: Problem, plan: Plan) -> int:
    along = plan.along_routes(lambda number: problem.links[number].price_krw_gbps_month)
    total = 0
    for (_, workload, _, _), gbps_price in zip(placements(problem, plan), along.tolist(), strict=True):
        stream = workload.shard_size * (workload.uplink_kbps + workload.downlink_kbps)
        won = -(-stream * gbps_price // 10**6)
        total += -(-won * problem.terms.weights.transport // 1000)
    return total
