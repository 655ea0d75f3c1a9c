"""What carrying the traffic costs: the workload's streams over each link of the route, each way at that way's price."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.walk import walk
from solver.rules.factors import Factor, RouteCost
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    up = np.array([w.uplink_kbps for w in items.like], np.int64) * items.devices
    down = np.array([w.downlink_kbps for w in items.like], np.int64) * items.devices
    onward = np.array([link.price_gbps_month for link in problem.links], np.int64)
    back = np.array([link.back_price_gbps_month for link in problem.links], np.int64)
    weight = problem.terms.weights.transport
    if (onward == back).all():
        return (RouteCost((up + down)[None], np.concatenate((onward, onward))[None], weight),)
    both = np.stack((np.concatenate((onward, back)), np.concatenate((back, onward))))
    return (RouteCost(np.stack((up, down)), both, weight),)


def cost(problem: Problem, plan: Plan) -> int:
    return int(each(problem, plan).sum())


def each(problem: Problem, plan: Plan) -> Ints:
    """What each placement costs by itself."""
    upward = walk(problem, plan).onward
    paid = np.zeros((2, len(plan)), np.int64)
    for onward, name in ((True, "price_gbps_month"), (False, "back_price_gbps_month")):
        price = plan.of_links(_price(problem, name))
        # A request that takes a link from its source to its target pays the price of that way, its reply the other.
        np.add.at(paid[0], plan.route_row[upward == onward], price[upward == onward])
        np.add.at(paid[1], plan.route_row[upward != onward], price[upward != onward])
    devices, total = problem.devices_of(plan).tolist(), np.zeros(len(plan), np.int64)
    for row, workload, _, _ in placements(problem, plan):
        streams = workload.uplink_kbps * int(paid[0, row]) + workload.downlink_kbps * int(paid[1, row])
        won = -(-devices[row] * streams // 10**6)
        total[row] = -(-won * problem.terms.weights.transport // 1000)
    return total


def _price(problem: Problem, name: str) -> Callable[[int], int]:
    return lambda number: int(getattr(problem.links[number], name))
