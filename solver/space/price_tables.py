"""Prices made ready for compiled loops: of a server on each host, and of what is summed along routes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.routes import UNREACHABLE_US, sum_to
from solver.space.kinds import host_cost, host_rows, item_rows, route_cost, route_rows
from solver.space.loading import Scratch, scratch
from solver.space.tables import Tables

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Reals32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

#: A little less than one, so that a lower bound worked out in 64 bits stays one when it is kept in 32.
_SHY = 1 - 1e-6


class PriceTables(NamedTuple):
    """Prices made ready for the loops, and what these have found out about them."""

    scale: int
    visit: Ints  # [H] hosts: group by group, region by region, from the lowest price of a server to the highest
    bucket: Ints  # [groups * regions + 1] where the hosts of each group in each region begin
    server: Ints  # [H] cost and worth of one server of the host visited then
    node: Ints32  # [H] its node
    place: Ints  # [H + S] cost and worth of one server of each host and place to stay
    item: Ints  # [K] worth of what every option of an item loads
    arc: Ints  # [2L, P] what is summed along routes (see `RouteSums`), on each arc
    flows: int  # flows that have prices: none where no link is scarce
    row: Ints  # [rows] or empty
    low: Reals32  # [T, G, P] not more than the least that is summed along a route of each tree into each region
    known: Bools  # [T] trees that `low` is known of


class RouteSums(NamedTuple):
    """What is summed along the routes of one tree and its variants: for all nodes, or for those that are asked for.

    Each of the P things that are summed is a column: for each flow the price of a kbit/s towards the node, for each the
    price of one back, and the charges.
    """

    total: Ints  # [V, N, P] where `fresh`
    fresh: Bools  # [V, N]
    scratch: Scratch  # of one option


def price_tables_of(tables: Tables, prices: Ints | None, scale: int) -> PriceTables:
    """Make prices (of a unit of load on each row, in 1/scale of a unit; None for zeros) ready for the loops."""
    server, item = host_cost.value(tables.host_cost, scale), np.zeros(len(tables.tree), np.int64)
    arcs, flows = len(tables.arc_reverse), []
    if prices is not None:
        server = server + host_rows.value(tables.host_rows, prices)
        item = item_rows.value(tables.item_rows, prices)
        flows = route_rows.summed(tables.route_rows, prices, tables.arc_reverse)
    trees, regions = tables.nearest.shape
    group_of = np.repeat(np.arange(len(tables.group) - 1), np.diff(tables.group))
    place, server = server, server[: tables.regular]
    bucket_of = group_of * regions + tables.region[tables.node[: tables.regular]]
    visit = np.lexsort((server, bucket_of)).astype(np.int64)
    bucket = np.searchsorted(bucket_of[visit], np.arange((len(tables.group) - 1) * regions + 1)).astype(np.int64)
    node = tables.node[visit].astype(np.int32)
    summed = [*flows, *route_cost.summed(tables.route_cost)]
    arc = np.stack(summed, axis=1) if summed else np.zeros((arcs, 0), np.int64)
    row = np.zeros(0, np.int64) if prices is None else prices
    low, known = np.zeros((trees, regions, arc.shape[1]), np.float32), np.zeros(trees, np.bool_)
    return PriceTables(scale, visit, bucket, server[visit], node, place, item, arc, len(flows) // 2, row, low, known)


@kernel
def route_sums(t: Tables, m: PriceTables) -> RouteSums:
    """Room for what is summed along a tree."""
    variants, nodes = t.variant.shape[1], t.route_us.shape[1]
    total = np.zeros((variants, nodes, m.arc.shape[1]), np.int64)
    return RouteSums(total, np.zeros((variants, nodes), np.bool_), scratch(t))


@kernel
def enter_tree(t: Tables, m: PriceTables, tree: int, sums: RouteSums) -> None:
    """Turn to another tree and its variants: the first time, sum along all routes and note the least of it in each region.

    Whoever comes again at the same prices looks at few nodes; sums are left to be worked out where they are asked for.
    """
    summed, region = m.arc.shape[1], t.region
    sums.fresh.fill(summed == 0)
    if m.known[tree]:
        return
    for v in range(t.variant.shape[1]):
        row, total = t.variant[tree, v], sums.total[v]
        if row < 0:
            break
        low = np.full((t.nearest.shape[1], summed), np.iinfo(np.int64).max)
        for n in range(len(region)):
            if t.route_us[row, n] != UNREACHABLE_US:
                sum_to(t.arc[row], t.tail, n, m.arc, total, sums.fresh[v], sums.scratch.arc)
                for q in range(summed):
                    low[region[n], q] = min(low[region[n], q], total[n, q])
        m.low[row] = low * _SHY
    m.known[tree] = True
