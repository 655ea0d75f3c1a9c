# mypy: disallow-untyped-decorators=False
"""Fastest ways from where sites enter the network to every node, under a mask of allowed links.

networkx holds the graph (:attr:`solver.problem.Network.graph`); the many-source search runs in scipy's compiled
Dijkstra, and what is read off its trees in compiled loops. Among equally fast ways the one with fewer links wins, and
then the one that scipy finds first, which is the same on every run.

Most entries are cell sites that hang on the network by one link. All ways from such a *stub* begin with that link, so it
shares the tree of the node at the link's other end: a nation has ten times as many entries as trees.
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
    """Fastest ways from several starts. Start r is node `source[r]`, from which ways use the links allowed by its mask.

    Ways from start r follow the shortest-path tree `tree[r]`, after the arc `stub_arc[r]` with latency `stub_us[r]` where
    the start is a stub (-1 and 0 where it is the tree's root); no way at all is needed to the start itself.

    `one_way_us[t, n]` is the latency from the root of tree t, node `root[t]`, to node n. The last step of the way to n comes
    from node `parent[t, n]` over arc `arc[t, n]` (arc l: link l from source to target, arc L + l: back); both are -1 at
    the root and out of reach.
    """

    source: Ints
    tree: Ints
    stub_arc: Ints
    stub_us: Ints
    root: Ints
    one_way_us: Ints32
    parent: Ints32
    arc: Ints32

    def path(self, start: int, node: int) -> list[int]:
        """Arcs from a start to `node`, in order; empty at the start itself and where there is no way."""
        arcs: list[int] = self.paths(np.array([start]), np.array([node]))[1].tolist()
        return arcs

    def paths(self, start: Ints, node: Ints) -> tuple[Ints, Ints]:
        """The arcs of many ways at once: way i goes from `start[i]` to `node[i]` over ``arcs[ptr[i]:ptr[i + 1]]``."""
        stub = np.where(node == self.source[start], -2, self.stub_arc[start])
        ptr = np.zeros(len(start) + 1, np.int64)
        np.cumsum(_hops(self.one_way_us, self.parent, self.arc, self.tree[start], stub, node), out=ptr[1:])
        arcs = np.zeros(int(ptr[-1]), np.int64)
        _walk(self.parent, self.arc, self.tree[start], stub, node, ptr, arcs)
        return ptr, arcs

    def latency_us(self, start: Ints, node: Ints) -> Ints:
        """One-way latency from each start to each node; `UNREACHABLE_US` where there is no way."""
        from_root = self.one_way_us[self.tree[start], node].astype(np.int64)
        reached = np.where(from_root == UNREACHABLE_US, from_root, from_root + self.stub_us[start])
        return np.where(node == self.source[start], 0, reached)


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
    """Find the fastest ways from each start ``(source[r], mask[r])``.

    Parameters
    ----------
    source : int64 array of shape (R,)
        Node of start r.
    mask : int64 array of shape (R,)
        Which row of `links_open` says over which links its ways may lead.
    links_open : bool array of shape (masks, L)
        Allowed links.
    """
    stub = np.full(len(source), -1, np.int64)
    usable = np.array([_fastest(arcs, row) for row in links_open]).reshape(len(links_open), len(arcs.tail))
    for m, open_arc in enumerate(usable):
        # Of the arcs that leave a node by itself the only one.
        leaving = np.bincount(arcs.tail[open_arc], minlength=arcs.nodes)
        only = np.full(arcs.nodes, -1, np.int64)
        only[arcs.tail[open_arc]] = np.flatnonzero(open_arc)
        mine = mask == m
        stub[mine] = np.where(leaving == 1, only, -1)[source[mine]]
    at, stub_us, on_stub = source.copy(), np.zeros(len(source), np.int64), stub >= 0
    at[on_stub], stub_us[on_stub] = arcs.head[stub[on_stub]], arcs.latency_us[stub[on_stub]]
    (root, of), tree = np.unique(np.stack((at, mask)), axis=1, return_inverse=True)
    shape = (len(root), arcs.nodes)
    table = Routes(
        source, tree.reshape(-1).astype(np.int64), stub, stub_us, root,
        np.full(shape, UNREACHABLE_US), np.full(shape, -1, np.int32), np.full(shape, -1, np.int32),
    )  # fmt: skip
    adjacency_ptr, adjacency = arcs.adjacency
    for m in np.unique(of).tolist():
        rows = np.flatnonzero(of == m)
        chosen = np.flatnonzero(usable[m])
        weight = arcs.latency_us[chosen] * _HOP + 1
        graph = scipy.sparse.csr_matrix(
            (weight.astype(np.float64), (arcs.tail[chosen], arcs.head[chosen])), shape=(arcs.nodes, arcs.nodes)
        )
        for block in np.array_split(rows, max(1, len(rows) * arcs.nodes // 4_000_000)):
            _, parent = scipy.sparse.csgraph.dijkstra(graph, indices=root[block], return_predecessors=True)
            _read_trees(
                block, parent.astype(np.int32), root, adjacency_ptr, adjacency, arcs.head, arcs.latency_us, usable[m],
                table.one_way_us, table.parent, table.arc,
            )  # fmt: skip
    return table


def _fastest(arcs: Arcs, links_open: Bools) -> Bools:
    """Which arcs to use: the allowed ones, of parallel ones only the fastest (a matrix would add them up)."""
    chosen = np.flatnonzero(np.concatenate((links_open, links_open)))
    chosen = chosen[np.lexsort((chosen, arcs.latency_us[chosen], arcs.head[chosen], arcs.tail[chosen]))]
    pair = arcs.tail[chosen] * arcs.nodes + arcs.head[chosen]
    usable = np.zeros(len(arcs.tail), np.bool_)
    usable[chosen[np.concatenate(([True], pair[1:] != pair[:-1]))[: len(chosen)]]] = True
    return usable


@numba.njit(cache=True)
def _read_trees(
    rows: Ints, found: Ints32, source: Ints, adjacency_ptr: Ints, adjacency: Ints, head: Ints, latency_us: Ints,
    usable: Bools, one_way_us: Ints32, parent: Ints32, arc: Ints32,
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
                        parent[r, n] = above
                        arc[r, n] = a
                        break


@numba.njit(cache=True)
def sum_along(parent: Ints32, arc: Ints32, source: int, price: Ints, total: Ints, stack: Ints) -> None:
    """Write into `total[n]` the sum of ``price[arc]`` along the way to each node n of one tree (0 where there is none).

    `parent` and `arc` are one row of :class:`Routes`; `stack` is room for as many nodes.
    """
    nodes = len(parent)
    for n in range(nodes):
        total[n] = -1
    total[source] = 0
    for start in range(nodes):
        depth = 0
        n = start
        while total[n] < 0 and arc[n] >= 0:
            stack[depth] = n
            depth += 1
            n = parent[n]
        if total[n] < 0:
            total[n] = 0
        while depth > 0:
            depth -= 1
            above = n
            n = stack[depth]
            total[n] = total[above] + price[arc[n]]


@numba.njit(cache=True)
def _hops(one_way_us: Ints32, parent: Ints32, arc: Ints32, tree: Ints, stub: Ints, node: Ints) -> Ints:
    """Arcs of each way; `stub` is the arc before the tree, -1 without one, -2 where no way is needed."""
    count = np.zeros(len(tree), np.int64)
    for i in range(len(tree)):
        n = node[i]
        if stub[i] == -2 or one_way_us[tree[i], n] == UNREACHABLE_US:
            continue
        count[i] = stub[i] >= 0
        while arc[tree[i], n] >= 0:
            count[i] += 1
            n = parent[tree[i], n]
    return count


@numba.njit(cache=True)
def _walk(parent: Ints32, arc: Ints32, tree: Ints, stub: Ints, node: Ints, ptr: Ints, arcs: Ints) -> None:
    for i in range(len(tree)):
        n = node[i]
        if ptr[i] == ptr[i + 1]:
            continue
        position = ptr[i + 1] - 1
        while arc[tree[i], n] >= 0:
            arcs[position] = arc[tree[i], n]
            n = parent[tree[i], n]
            position -= 1
        if stub[i] >= 0:
            arcs[position] = stub[i]
