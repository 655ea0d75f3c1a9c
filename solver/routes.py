# mypy: disallow-untyped-decorators=False
"""Fastest ways from where sites enter the network to every node, under a mask of allowed links.

networkx holds the graph (:attr:`solver.problem.Network.graph`); the many-source search is a compiled loop of our own,
since scipy's holds the interpreter lock, leaves parallel links apart and does not name the link into a node: on a nation
of 10,000 nodes it took four times as long. Among equally fast ways the one with fewer links wins, and then the one that
is found first, which is the same on every run.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numba
import numpy as np
import numpy.typing as npt

from solver.problem import Problem

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: One-way latency of a node that no allowed way reaches.
UNREACHABLE_US = np.int32(2**31 - 1)

# Weights are latency * _HOP + 1, so that hops break ties. Ways are followed up to _FAR, which is 36 minutes one way, more
# than half the longest deadline; with the number of a node in up to 20 further bits that is a whole number of 64 bits.
_HOP = 1 << 12
_FAR = np.int64(2**43)

#: Trees that are grown in one go.
_BLOCK = 64

#: Nodes in a region on average.
_REGION = 64


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


def arcs_of(problem: Problem) -> Arcs:
    """Number the arcs of a problem's links."""
    index = problem.node_index
    tail = np.array([index[link.source] for link in problem.links], np.int64)
    head = np.array([index[link.target] for link in problem.links], np.int64)
    latency = np.array([link.latency_us for link in problem.links], np.int64)
    return Arcs(
        np.concatenate((tail, head)), np.concatenate((head, tail)), np.concatenate((latency, latency)), len(problem.nodes)
    )


def routes(arcs: Arcs, source: Ints, mask: Ints, links_open: Bools, executor: Executor | None = None) -> Routes:
    """Grow one shortest-path tree for each pair ``(source[r], mask[r])``.

    Parameters
    ----------
    source : int64 array of shape (R,)
        Node where tree r starts.
    mask : int64 array of shape (R,)
        Which row of `links_open` says over which links it may grow.
    links_open : bool array of shape (masks, L)
        Allowed links.
    executor : Executor, optional
        Grows blocks of trees side by side; threads suffice, as the loop releases the interpreter lock.
    """
    shape = (len(source), arcs.nodes)
    table = Routes(source, mask, np.empty(shape, np.int32), np.empty(shape, np.int32), arcs.tail)
    order = np.argsort(arcs.tail, kind="stable")
    for m in np.unique(mask).tolist():
        rows = np.flatnonzero(mask == m)
        usable = order[np.concatenate((links_open[m], links_open[m]))[order]]
        open_ptr = np.searchsorted(arcs.tail[usable], np.arange(arcs.nodes + 1))
        grow = partial(
            _grow, source, open_ptr, usable, arcs.head[usable], arcs.latency_us[usable], arcs.nodes.bit_length(),
            table.one_way_us, table.arc,
        )  # fmt: skip
        blocks = np.array_split(rows, max(1, len(rows) // _BLOCK))
        for _ in map(grow, blocks) if executor is None else executor.map(grow, blocks):
            pass
    return table


def regions(table: Routes) -> Ints:
    """Cut the nodes into regions of some dozens, each around a source of trees: a region's number for each node.

    A node belongs to the nearest of the chosen sources. These are spread evenly over the trees, of which there are most
    where sites are dense.
    """
    trees, nodes = table.one_way_us.shape
    if trees == 0:
        return np.zeros(nodes, np.int64)
    chosen = np.unique(np.linspace(0, trees - 1, max(1, nodes // _REGION)).astype(np.int64))
    nearest: Ints = np.argmin(table.one_way_us[chosen], axis=0).astype(np.int64)
    return nearest


@numba.njit(cache=True, nogil=True)
def nearest_of(one_way_us: Ints32, region: Ints, regions: int) -> tuple[Ints32, Ints32]:
    """For each tree, the latency to the nearest node of each region, and the regions, nearest first."""
    nearest = np.full((len(one_way_us), regions), UNREACHABLE_US)
    order = np.zeros((len(one_way_us), regions), np.int32)
    for tree in range(len(one_way_us)):
        for n in range(len(region)):
            nearest[tree, region[n]] = min(nearest[tree, region[n]], one_way_us[tree, n])
        order[tree] = np.argsort(nearest[tree], kind="mergesort")
    return nearest, order


@numba.njit(cache=True, nogil=True)
def _grow(
    source: Ints, ptr: Ints, arc_of: Ints, head: Ints, latency_us: Ints, bits: int, one_way_us: Ints32, arc: Ints32,
    rows: Ints,
) -> None:  # fmt: skip
    """Dijkstra's algorithm with a binary heap of whole numbers: the distance, and in its lowest `bits` bits the node.

    Most nodes of an access network hang on one or two others. Such a node never enters the heap: what is reached through
    it is looked at as soon as the node itself is reached, and again whenever it is reached faster.
    """
    nodes = len(ptr) - 1
    distance = np.empty(nodes, np.int64)
    heap = np.empty(len(head) + 1, np.int64)
    for r in rows:
        distance[:] = _FAR
        one_way_us[r] = UNREACHABLE_US
        arc[r] = -1
        distance[source[r]] = 0
        one_way_us[r, source[r]] = 0
        heap[0] = source[r]
        size = 1
        while size > 0:
            key = heap[0]
            size -= 1
            moved, hole = heap[size], 0
            while True:
                child = 2 * hole + 1
                if child + 1 < size and heap[child + 1] < heap[child]:
                    child += 1
                if child >= size or heap[child] >= moved:
                    break
                heap[hole] = heap[child]
                hole = child
            heap[hole] = moved
            settled, so_far = key & ((1 << bits) - 1), key >> bits
            if so_far > distance[settled]:
                continue
            for first in range(ptr[settled], ptr[settled + 1]):
                a, n, reached, there = first, settled, so_far + latency_us[first] * _HOP + 1, head[first]
                while reached < distance[there]:
                    distance[there] = reached
                    one_way_us[r, there] = one_way_us[r, n] + latency_us[a]
                    arc[r, there] = arc_of[a]
                    if ptr[there + 1] - ptr[there] > 2:
                        key = reached << bits | there
                        hole = size
                        size += 1
                        while hole > 0 and heap[(hole - 1) >> 1] > key:
                            heap[hole] = heap[(hole - 1) >> 1]
                            hole = (hole - 1) >> 1
                        heap[hole] = key
                        break
                    a = ptr[there] + (head[ptr[there]] == n)
                    if a == ptr[there + 1]:
                        break
                    n, there = there, head[a]
                    reached += latency_us[a] * _HOP + 1


@numba.njit(cache=True)
def sum_to(arc: Ints32, tail: Ints, node: int, price: Ints, total: Ints, fresh: Bools, stack: Ints) -> None:
    """Write into ``total[n]`` the sums of ``price[arc]`` along the way to a node n of one tree (0 where there is none), and
    to those on the way; sums that are `fresh` are taken as they are, and the others are afterwards.

    `arc` is one row of :class:`Routes`, `tail` as there; `price` has a column for each of the things that are summed;
    `stack` is room for as many nodes.
    """
    depth, n = 0, node
    while not fresh[n] and arc[n] >= 0:
        stack[depth] = n
        depth += 1
        n = tail[arc[n]]
    if not fresh[n]:
        total[n] = 0
        fresh[n] = True
    while depth > 0:
        depth -= 1
        above = n
        n = stack[depth]
        for q in range(total.shape[1]):
            total[n, q] = total[above, q] + price[arc[n], q]
        fresh[n] = True


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
