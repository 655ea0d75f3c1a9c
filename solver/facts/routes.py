"""Fastest routes from where sites enter the network to every node and back, under a mask of allowed links.

A reply takes the links of its request back, so a route is as long as its round trip, and a link as long whichever way the
request takes it. Among equally fast routes the one with fewer links wins, and among these the one whose last link comes
first in the network, and so on backwards: the fastest route is always one route, the same for everyone who works it out.

networkx holds the graph (:attr:`solver.facts.network.Network.graph`); the many-source search is a compiled loop of our own,
since scipy's holds the interpreter lock, leaves parallel links apart and does not name the link into a node: on a nation
of 10,000 nodes it took four times as long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from solver.compiled import inlined, kernel
from solver.facts.problem import Problem

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: Round trip of a node that no allowed route reaches.
UNREACHABLE_US = np.int32(2**31 - 1)

# Weights are round trips * _HOP + 1, so that hops break ties. Routes are followed up to _FAR, a round trip of 36 minutes;
# with the number of a node in up to 20 further bits that is a whole number of 64 bits.
_HOP = 1 << 12
_FAR = np.int64(2**43)

#: Trees that are grown in one go.
_BLOCK = 64


@dataclass(frozen=True)
class Routes:
    """Shortest-path trees. Row r is the tree of source r: from node `source[r]` over the links `links_open[mask[r]]`.

    `route_us[r, n]` is the round trip to node n. The last step of the route to n is arc `arc[r, n]` (arc l: link l from
    source to target, arc L + l: back), which starts at node `tail` of that arc; -1 at the source and out of reach.
    """

    source: Ints
    mask: Ints
    route_us: Ints32
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
        """The arcs of many routes at once: route i goes from source `row[i]` to `node[i]`
        over ``arcs[ptr[i]:ptr[i + 1]]``."""
        ptr = np.zeros(len(row) + 1, np.int64)
        np.cumsum(_hops(self.arc, self.tail, row, node), out=ptr[1:])
        arcs = np.zeros(int(ptr[-1]), np.int64)
        _walk(self.arc, self.tail, row, node, ptr, arcs)
        return ptr, arcs


@dataclass(frozen=True)
class Arcs:
    """The links as arcs both ways: 2L tails, heads and round trips."""

    tail: Ints
    head: Ints
    round_trip_us: Ints
    nodes: int


def arcs_of(problem: Problem) -> Arcs:
    """Number the arcs of a problem's links."""
    index = problem.node_index
    tail = np.array([index[link.source] for link in problem.links], np.int64)
    head = np.array([index[link.target] for link in problem.links], np.int64)
    trip = np.array([link.round_trip_us for link in problem.links], np.int64)
    return Arcs(np.concatenate((tail, head)), np.concatenate((head, tail)), np.concatenate((trip, trip)), len(problem.nodes))


def keep_routes(problem: Problem, table: Routes, links_open: Bools) -> None:
    """Note fastest routes that were worked out for a problem, for others who need them."""
    masks = [row.tobytes() for row in links_open]
    keys = zip(table.source.tolist(), (masks[m] for m in table.mask.tolist()), strict=True)
    problem.memo["routes"] = table, {key: row for row, key in enumerate(keys)}


def routes_made(problem: Problem) -> tuple[Routes | None, Mapping[tuple[int, bytes], int]]:
    """What :func:`keep_routes` noted: trees, and which of them is that of an entry node and a mask of open links."""
    found: tuple[Routes | None, Mapping[tuple[int, bytes], int]] = problem.memo.get("routes", (None, {}))
    return found


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
            _grow, source, open_ptr, usable, arcs.head[usable], arcs.round_trip_us[usable], arcs.nodes.bit_length(),
            table.route_us, table.arc, len(arcs.tail) // 2,
        )  # fmt: skip
        blocks = np.array_split(rows, max(1, len(rows) // _BLOCK))
        for _ in map(grow, blocks) if executor is None else executor.map(grow, blocks):
            pass
    return table


#: A route may take any combination of parallel links as long as there are no more than so many; else the n-th of each
#: bundle.
COMBINATIONS = 64


def choices(sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Which members of the bundles along a route may be taken, given how many each has: positions, without zeros at the end.

    The fastest member of each bundle is number 0. The first choice is that one everywhere.
    """
    if prod(sizes) <= COMBINATIONS:
        found: Iterable[tuple[int, ...]] = product(*map(range, sizes))
    else:
        found = (tuple(min(rank, size - 1) for size in sizes) for rank in range(max(sizes)))
    for choice in found:
        end = len(choice)
        while end and not choice[end - 1]:
            end -= 1
        yield choice[:end]


def with_parallel_links(table: Routes, arcs: Arcs, links_open: Bools, fills: Bools) -> tuple[Routes, Ints]:
    """The trees, and further ones that take other links of the same bundle where the fastest of it can fill.

    Parameters
    ----------
    fills : bool array of shape (L,)
        Links that demand can fill.

    Returns
    -------
    Routes
        The given trees first. Further ones have a round trip only to the nodes that are not reached the same way before.
    int64 array of shape (trees, variants)
        The trees of each given one, itself first; -1 for none.
    """
    trees, links = len(table.source), len(fills)
    none = np.arange(trees, dtype=np.int64)[:, None]
    between: dict[tuple[int, int], list[int]] = defaultdict(list)
    for link in np.lexsort((np.arange(links), arcs.round_trip_us[:links])).tolist():
        ends = sorted((int(arcs.tail[link]), int(arcs.head[link])))
        between[ends[0], ends[1]].append(link)
    parallel = np.zeros(links, bool)
    for members in between.values():
        if len(members) > 1:
            parallel[members] = True
    fills = fills & parallel
    if not fills.any():
        return table, none
    concerned = np.flatnonzero((fills[table.arc % max(1, links)] & (table.arc >= 0)).any(axis=1))
    rows: list[tuple[Ints32, Ints32]] = []
    variants: list[list[int]] = [[] for _ in range(trees)]
    for tree in concerned.tolist():
        for route_us, arc in _variants(table, arcs, tree, links_open[table.mask[tree]], fills, between):
            variants[tree].append(trees + len(rows))
            rows.append((route_us, arc))
    if not rows:
        return table, none
    owner = np.array([tree for tree in range(trees) for _ in variants[tree]], np.int64)
    wider = Routes(
        np.concatenate((table.source, table.source[owner])), np.concatenate((table.mask, table.mask[owner])),
        np.concatenate((table.route_us, np.stack([route for route, _ in rows]))),
        np.concatenate((table.arc, np.stack([arc for _, arc in rows]))), table.tail,
    )  # fmt: skip
    which = np.full((trees, 1 + max(map(len, variants))), -1, np.int64)
    for tree, more in enumerate(variants):
        which[tree, : 1 + len(more)] = [tree, *more]
    return wider, which


def _variants(
    table: Routes, arcs: Arcs, tree: int, opened: Bools, fills: Bools, between: Mapping[tuple[int, int], Sequence[int]]
) -> Iterator[tuple[Ints32, Ints32]]:
    """The further trees of one tree, as round trips and last arcs."""
    arc, route_us, links = table.arc[tree], table.route_us[tree], len(fills)
    order = [n for n in np.argsort(route_us, kind="stable").tolist() if arc[n] >= 0]
    sizes: dict[int, tuple[int, ...]] = {int(table.source[tree]): ()}
    members: dict[int, list[int]] = {}
    pending = order
    while pending:
        later = []
        for n in pending:
            above = int(arcs.tail[arc[n]])
            if above not in sizes:
                # Links without latency leave the order of nodes open.
                later.append(n)
                continue
            link = int(arc[n]) % links
            bundle: list[int] = []
            if fills[link]:
                ends = sorted((above, n))
                bundle = [link, *(other for other in between[ends[0], ends[1]] if other != link and opened[other])]
            members[n] = bundle
            sizes[n] = sizes[above] + ((len(bundle),) if len(bundle) > 1 else ())
        pending = later
    reached: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for n, bundles in sizes.items():
        if bundles:
            for choice in choices(bundles):
                if choice:
                    reached[choice].append(n)
    for choice in sorted(reached):
        other, trip = arc.copy(), np.full(len(arc), UNREACHABLE_US)
        for n in members:
            at = len(sizes[n]) - 1
            if len(members[n]) > 1 and at < len(choice) and choice[at] < len(members[n]):
                taken = members[n][choice[at]]
                forward = arcs.tail[taken] == arcs.tail[arc[n]]
                other[n] = taken if forward else links + taken
        for n in reached[choice]:
            node, total = n, 0
            while other[node] >= 0:
                total += int(arcs.round_trip_us[other[node]])
                node = int(arcs.tail[other[node]])
            if total < UNREACHABLE_US:
                trip[n] = total
        yield trip, other


@inlined
def _push(heap: Ints, size: int, key: int) -> None:
    """Add a key to the `size` keys of a binary heap."""
    hole = size
    while hole > 0 and heap[(hole - 1) >> 1] > key:
        heap[hole] = heap[(hole - 1) >> 1]
        hole = (hole - 1) >> 1
    heap[hole] = key


@inlined
def _let_down(heap: Ints, size: int) -> None:
    """Put the last of ``size + 1`` keys of a binary heap where the first one was, and then as far down as it belongs."""
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


@kernel
def _grow(
    source: Ints, ptr: Ints, arc_of: Ints, head: Ints, trip_us: Ints, bits: int, route_us: Ints32, arc: Ints32,
    links: int, rows: Ints,
) -> None:  # fmt: skip
    """Dijkstra's algorithm with a binary heap of whole numbers: the distance, and in its lowest `bits` bits the node.

    Most nodes of an access network hang on one or two others. Such a node never enters the heap: what is reached through
    it is looked at as soon as the node itself is reached, and again whenever it is reached faster. Of several links that
    lead into a node equally fast the first one of the network is taken once all nodes are reached.
    """
    nodes = len(ptr) - 1
    distance = np.empty(nodes, np.int64)
    heap = np.empty(len(head) + 1, np.int64)
    for r in rows:
        distance[:] = _FAR
        route_us[r] = UNREACHABLE_US
        arc[r] = -1
        distance[source[r]] = 0
        route_us[r, source[r]] = 0
        heap[0] = source[r]
        size = 1
        while size > 0:
            key = heap[0]
            size -= 1
            _let_down(heap, size)
            settled, so_far = key & ((1 << bits) - 1), key >> bits
            if so_far > distance[settled]:
                continue
            for first in range(ptr[settled], ptr[settled + 1]):
                a, n, reached, there = first, settled, so_far + trip_us[first] * _HOP + 1, head[first]
                while reached < distance[there]:
                    distance[there] = reached
                    route_us[r, there] = route_us[r, n] + trip_us[a]
                    arc[r, there] = arc_of[a]
                    if ptr[there + 1] - ptr[there] > 2:
                        _push(heap, size, reached << bits | there)
                        size += 1
                        break
                    a = ptr[there] + (head[ptr[there]] == n)
                    if a == ptr[there + 1]:
                        break
                    n, there = there, head[a]
                    reached += trip_us[a] * _HOP + 1
        for n in range(nodes):
            if distance[n] < _FAR:
                for a in range(ptr[n], ptr[n + 1]):
                    there = head[a]
                    if distance[n] + trip_us[a] * _HOP + 1 == distance[there] and (
                        arc_of[a] % links < arc[r, there] % links
                    ):
                        arc[r, there] = arc_of[a]


@kernel
def sum_to(arc: Ints32, tail: Ints, node: int, price: Ints, total: Ints, fresh: Bools, stack: Ints) -> None:
    """Write into ``total[n]`` the sums of ``price[arc]`` along the route to a node n of one tree (0 where there is none),
    and to those on the route; sums that are `fresh` are taken as they are, and the others are afterwards.

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


@kernel
def _hops(arc: Ints32, tail: Ints, row: Ints, node: Ints) -> Ints:
    count = np.zeros(len(row), np.int64)
    for i in range(len(row)):
        n = node[i]
        while arc[row[i], n] >= 0:
            count[i] += 1
            n = tail[arc[row[i], n]]
    return count


@kernel
def _walk(arc: Ints32, tail: Ints, row: Ints, node: Ints, ptr: Ints, arcs: Ints) -> None:
    for i in range(len(row)):
        n = node[i]
        for position in range(ptr[i + 1] - 1, ptr[i] - 1, -1):
            arcs[position] = arc[row[i], n]
            n = tail[arc[row[i], n]]
