"""Nodes in regions: what a pricing pass looks at as one, since routes that reach none of it in time need no second look."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.routes import UNREACHABLE_US, Routes

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]

#: Nodes in a region on average.
_REGION = 64


def regions(table: Routes) -> Ints:
    """Cut the nodes into regions of some dozens, each around a source of trees: a region's number for each node.

    A node belongs to the nearest of the chosen sources. These are spread evenly over the trees, of which there are most
    where sites are dense.
    """
    trees, nodes = table.route_us.shape
    if trees == 0:
        return np.zeros(nodes, np.int64)
    chosen = np.unique(np.linspace(0, trees - 1, max(1, nodes // _REGION)).astype(np.int64))
    nearest: Ints = np.argmin(table.route_us[chosen], axis=0).astype(np.int64)
    return nearest


@kernel
def nearest_of(route_us: Ints32, region: Ints, regions: int) -> tuple[Ints32, Ints32]:
    """For each tree, the round trip to the nearest node of each region, and the regions, nearest first."""
    nearest = np.full((len(route_us), regions), UNREACHABLE_US)
    order = np.zeros((len(route_us), regions), np.int32)
    for tree in range(len(route_us)):
        for n in range(len(region)):
            nearest[tree, region[n]] = min(nearest[tree, region[n]], route_us[tree, n])
        order[tree] = np.argsort(nearest[tree], kind="mergesort")
    return nearest, order
