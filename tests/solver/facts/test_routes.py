"""Routes against networkx on random graphs, under masks; and what is read off the trees."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import networkx as nx
import numpy as np
import pytest

from solver.facts.network import Link
from solver.facts.regions import nearest_of
from solver.facts.routes import UNREACHABLE_US, _let_down, _push, arcs_of, routes, sum_to
from tests.world import EDGE, KR, world


@pytest.mark.parametrize("size", [9, 13, 22])
@pytest.mark.parametrize("seed", range(25))
def test_trees_agree_with_networkx(seed: int, size: int) -> None:
    """From chains and rings with dead ends, where most nodes have one or two links, to meshes."""
    rng = Random(seed)
    nodes = tuple(replace(EDGE, id=f"n{i}") for i in range(12))
    ends = [rng.sample(range(12), 2) for _ in range(size)]
    links = tuple(Link(f"l{i}", f"n{a}", f"n{b}", rng.choice((0, 1, 5, 700)), 1, KR) for i, (a, b) in enumerate(ends))
    problem = world(nodes=nodes, links=links, accesses=(), workloads=())
    masks = np.array([[rng.random() < 0.8 for _ in links] for _ in range(2)])
    source, mask = np.array([0, 3, 5, 0]), np.array([0, 0, 1, 1])
    table = routes(arcs_of(problem), source, mask, masks)
    for row in range(4):
        graph = problem.network.graph.edge_subgraph(
            [(ln.source, ln.target, ln.id) for ln, keep in zip(links, masks[mask[row]], strict=True) if keep]
        ).copy()
        graph.add_nodes_from(node.id for node in nodes)
        distance = nx.single_source_dijkstra_path_length(graph, f"n{source[row]}", weight="latency_us")
        for _, _, link in graph.edges(data=True):
            link["with_hops"] = link["latency_us"] * 100 + 1
        fewest = nx.single_source_dijkstra_path_length(graph, f"n{source[row]}", weight="with_hops")
        price = np.arange(4 * len(links), dtype=np.int64).reshape(-1, 2)
        total, fresh, stack = np.full((12, 2), -1, np.int64), np.zeros(12, np.bool_), np.zeros(12, np.int64)
        for n in rng.sample(range(12), 12):
            sum_to(table.arc[row], table.tail, n, price, total, fresh, stack)
            assert fresh[n]
            assert (total[~fresh] == -1).all()
            expected = distance.get(f"n{n}")
            assert table.route_us[row, n] == (UNREACHABLE_US if expected is None else expected)
            path = table.path(row, n)
            assert sum(links[arc % len(links)].round_trip_us for arc in path) == (expected or 0)
            assert len(path) == fewest.get(f"n{n}", 0) % 100
            assert all(masks[mask[row]][arc % len(links)] for arc in path)
            assert total[n].tolist() == price[path].sum(axis=0).tolist()
        ptr, arcs = table.paths(np.full(12, row), np.arange(12))
        assert [arcs[a:b].tolist() for a, b in zip(ptr[:-1], ptr[1:], strict=True)] == [
            table.path(row, n) for n in range(12)
        ]


def test_the_faster_of_two_parallel_links_is_taken_unless_it_is_closed() -> None:
    links = (Link("slow", "edge", "core", 900, 1, KR), Link("fast", "edge", "core", 100, 1, KR))
    problem = world(links=links)
    table = routes(arcs_of(problem), np.array([0, 0]), np.array([0, 1]), np.array([[True, True], [True, False]]))
    assert [table.path(0, 1), table.path(1, 1)] == [[1], [0]]
    assert table.route_us[:, 1].tolist() == [200, 1_800]


def test_regions_are_named_from_the_nearest_to_the_farthest() -> None:
    nodes = tuple(replace(EDGE, id=f"n{i}") for i in range(6))
    links = tuple(Link(f"l{i}", f"n{i}", f"n{i + 1}", 100, 1, KR) for i in range(4))
    problem = world(nodes=nodes, links=links, accesses=(), workloads=())
    table = routes(arcs_of(problem), np.array([0, 4]), np.array([0, 0]), np.ones((1, 4), bool))
    nearest, order = nearest_of(table.route_us, np.array([0, 0, 1, 2, 2, 3]), 4)
    assert nearest.tolist() == [[0, 400, 600, UNREACHABLE_US], [600, 400, 0, UNREACHABLE_US]]
    assert order.tolist() == [[0, 1, 2, 3], [2, 1, 0, 3]]


@pytest.mark.parametrize("seed", range(10))
def test_the_least_key_of_a_heap_comes_first(seed: int) -> None:
    rng, heap, size = Random(seed), np.zeros(60, np.int64), 0
    twin: list[int] = []
    for _ in range(200):
        if size < 60 and (size == 0 or rng.random() < 0.6):
            key = rng.randrange(30)
            _push(heap, size, key)
            heappush(twin, key)
            size += 1
        else:
            assert heap[0] == heappop(twin)
            size -= 1
            _let_down(heap, size)
