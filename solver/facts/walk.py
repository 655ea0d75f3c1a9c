"""Following the routes of a plan link by link, all of them at once: where they end, and which way they take each link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.facts.plan import Plan
from solver.facts.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Walk:
    """`end` is the node where the route of each placement ends, -1 if one of its links does not start where the one
    before it ended. `onward` says of each entry of ``plan.route_link`` whether the link is taken from its source to its
    target."""

    end: Ints
    onward: npt.NDArray[np.bool_]


def walk(problem: Problem, plan: Plan) -> Walk:
    """Follow every route from the entry node of its workload's access; the n-th step is taken on all of them together."""
    nodes, links = problem.node_index, problem.links
    source = plan.of_links(lambda number: nodes[links[number].source])
    target = plan.of_links(lambda number: nodes[links[number].target])
    here = problem.entry_node[plan.workload]
    onward = np.zeros(len(plan.route_link), bool)
    length = np.diff(plan.route_ptr)
    for step in range(int(length.max(initial=0))):
        walking = np.flatnonzero(length > step)
        at, taken = here[walking], plan.route_ptr[walking] + step
        forward = source[taken] == at
        onward[taken] = forward
        reached = np.where(forward, target[taken], source[taken])
        here[walking] = np.where(forward | (target[taken] == at), reached, -1)
    return Walk(here, onward)
