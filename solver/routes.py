# mypy: disallow-untyped-decorators=False
"""Fastest ways from where sites enter the network to every node, under a mask of allowed links.

networkx holds the graph (:attr:`solver.problem.Network.graph`); the many-source search runs in scipy's compiled
Dijkstra, and what is read off its trees in compiled loops. Among equally fast ways the one with fewer links wins, and
then the one that scipy finds first, which is the same on every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.csgraph

from solver.problem import Problem

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: One-way latency of a node that no allowed way reaches.
UNREACHABLE_US = np.int32(2**31 - 1)

# Weights are latency * _HOP + 1, so that hops break ties and a link of zero latency is still an edge. Path sums stay
# exact in double precision: 10**7 us * 100 links * 2**12 is far below 2**53.
_HOP = 1 << 12


@dataclass(frozen=True)
class Routes:
    """Shortest-path trees. Row r is the tree of source r: from node `source[r]` over the links `links_open[mask[r]]`.

    `one_way_us[r, n]` is the latency to node n. The last step of the way to n is arc `arc[r, n]` (arc l: link l from source
    to target, arc L + l: back), which starts at node `tail` of that arc; -1 at the source and out of reach.
    """

    source: Ints
    mask: Ints
    one_way_us: Ints32
    arc: Ints32
    tail: Ints

    def path(self, row: int, node: int) -> list[int]:
        """Arcs from source `row` to `node`, in order; empty at the source itself and where there is no way."""
        arcs: list[int] = []
        while self.arc[row, node] >= 0:
            arcs.append(int(self.arc[row, node]))
            node = int(self.tail[arcs[-1]])
        return arcs[::-1]

    def paths(self, row: Ints, node: Ints) -> tuple[Ints, Ints]:
        """The arcs of many ways at once: way i goes from source `row[i]` to `node[i]` over ``arcs[ptr[i]:ptr[i + 1]]``."""
        ptr = np.zeros(len(row) + 1, np.int64)
        np.cumsum(_hops(self.arc, self.tail, row, node), out=ptr[1:])
        arcs = np.zeros(int(ptr[-1]), np.int64)
        _walk(self.arc, self.tail, row, node, ptr, arcs)
        return ptr, arcs


@dataclass(frozen=True)
class Arcs:
    """The links as arcs both ways: 2L tails, heads and latencies."""

    tail: Ints
    head: Ints
    latency_us: Ints
    nodes: int

    @cached_property
    def adjacency(self) -> tuple[Ints, Ints]:
        """Arcs sorted by tail: those of node n are ``order[ptr[n]:ptr[n + 1]]``."""
        order = np.argsort(self.tail, kind="stable")
        ptr = np.searchsorted(self.tail[order], np.arange(self.nodes + 1))
        return ptr.astype(np.int64), order.astype(np.int64)


def arcs_of(problem: Problem) -> Arcs:
    """Number the arcs of a problem's links."""
    index = problem.node_index
    tail = np.array([index[link.source] for link in problem.links], np.int64)
    head = np.array([index[link.target] for link in problem.links], np.int64)
    latency = np.array([link.latency_us for link in problem.links], np.int64)
    return Arcs(
        np.concatenate((tail, head)), np.concatenate((head, tail)), np.concatenate((latency, latency)), len(problem.nodes)
    )


def routes(arcs: Arcs, source: Ints, mask: Ints, links_open: Bools) -> Routes:
    """Grow one shortest-path tree for each pair ``(source[r], mask[r])``.

    Parameters
    ----------
    source : int64 array of shape (R,)
        Node where tree r starts.
    mask : int64 array of shape (R,)
        Which row of `links_open` says over which links it may grow.
    links_open : bool array of shape (masks, L)
        Allowed links.
    """
    shape = (len(source), arcs.nodes)
    table = Routes(source, mask, np.full(shape, UNREACHABLE_US), np.full(shape, -1, np.int32), arcs.tail)
    adjacency_ptr, adjacency = arcs.adjacency
    for m in np.unique(mask).tolist():
        rows = np.flatnonzero(mask == m)
        keep = np.concatenate((links_open[m], links_open[m]))
        weight = arcs.latency_us * _HOP + 1
        # Of parallel links only the fastest may enter the matrix, which would otherwise add them up.
        chosen = np.flatnonzero(keep)
        chosen = chosen[np.lexsort((chosen, weight[chosen], arcs.head[chosen], arcs.tail[chosen]))]
        pair = arcs.tail[chosen] * arcs.nodes + arcs.head[chosen]
        chosen = chosen[np.concatenate(([True], pair[1:] != pair[:-1]))[: len(chosen)]]
        graph = scipy.sparse.csr_matrix(
            (weight[chosen].astype(np.float64), (arcs.tail[chosen], arcs.head[chosen])), shape=(arcs.nodes, arcs.nodes)
        )
        usable = np.zeros(len(arcs.tail), np.bool_)
        usable[chosen] = True
        for block in np.array_split(rows, max(1, len(rows) * arcs.nodes // 4_000_000)):
            _, parent = scipy.sparse.csgraph.dijkstra(graph, indices=source[block], return_predecessors=True)
            _read_trees(
                block, parent.astype(np.int32), source, adjacency_ptr, adjacency, arcs.head, arcs.latency_us, usable,
                table.one_way_us, table.arc,
            )  # fmt: skip
    return table


@numba.njit(cache=True)
def _read_trees(
    rows: Ints, found: Ints32, source: Ints, adjacency_ptr: Ints, adjacency: Ints, head: Ints, latency_us: Ints,
    usable: Bools, one_way_us: Ints32, arc: Ints32,
) -> None:  # fmt: skip
    nodes = found.shape[1]
    stack = np.zeros(nodes, np.int64)
    for i in range(len(rows)):
        r = rows[i]
        one_way_us[r, source[r]] = 0
        for start in range(nodes):
            depth = 0
            n = start
            while one_way_us[r, n] == UNREACHABLE_US and found[i, n] >= 0:
                stack[depth] = n
                depth += 1
                n = found[i, n]
            while depth > 0:
                depth -= 1
                n = stack[depth]
                above = found[i, n]
                for j in range(adjacency_ptr[above], adjacency_ptr[above + 1]):
                    a = adjacency[j]
                    if head[a] == n and usable[a]:
                        one_way_us[r, n] = one_way_us[r, above] + latency_us[a]
                        arc[r, n] = a
                        break


@numba.njit(cache=True)
def sum_along(arc: Ints32, tail: Ints, source: int, price: Ints, total: Ints, stack: Ints) -> None:
    """Write into `total[n]` the sum of ``price[arc]`` along the way to each node n of one tree (0 where there is none).

    `arc` is one row of :class:`Routes`, `tail` as there; `stack` is room for as many nodes.
    """
    nodes = len(arc)
    for n in range(nodes):
        total[n] = -1
    total[source] = 0
    for start in range(nodes):
        depth = 0
        n = start
        while total[n] < 0 and arc[n] >= 0:
            stack[depth] = n
            depth += 1
            n = tail[arc[n]]
        if total[n] < 0:
            total[n] = 0
        while depth > 0:
            depth -= 1
            above = n
            n = stack[depth]
            total[n] = total[above] + price[arc[n]]


@numba.njit(cache=True)
def _hops(arc: Ints32, tail: Ints, row: Ints, node: Ints) -> Ints:
    count = np.zeros(len(row), np.int64)
    for i in range(len(row)):
        n = node[i]
        while arc[row[i], n] >= 0:
            count[i] += 1
            n = tail[arc[row[i], n]]
    return count


@numba.njit(cache=True)
def _walk(arc: Ints32, tail: Ints, row: Ints, node: Ints, ptr: Ints, arcs: Ints) -> None:
    for i in range(len(row)):
        n = node[i]
        for position in range(ptr[i + 1] - 1, ptr[i] - 1, -1):
            arcs[position] = arc[row[i], n]
            n = tail[arc[row[i], n]]
