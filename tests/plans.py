"""Plans written by hand for tests: name the places, the fastest route is filled in."""

from __future__ import annotations

import networkx as nx
import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem


def plan_of(problem: Problem, *rows: tuple[str, int, str, str, int]) -> Plan:
    """A plan from rows of (workload, shard, node, profile, servers), each over the fastest links of networkx."""
    graph = problem.network.graph
    columns: list[tuple[int, int, int, int, int]] = []
    ways: list[list[int]] = []
    for workload_id, shard, node, profile, servers in rows:
        w = problem.workload_index[workload_id]
        columns.append((w, shard, problem.node_index[node], problem.profile_index[profile], servers))
        entry = problem.access_of(problem.workloads[w]).node
        stops = nx.shortest_path(graph, entry, node, weight="latency_us")
        hops = [min(graph[a][b], key=lambda key: graph[a][b][key]["latency_us"]) for a, b in nx.utils.pairwise(stops)]
        ways.append([problem.link_index[link] for link in hops])
    table = np.array(columns, np.int64).reshape(-1, 5)
    ptr = np.concatenate(([0], np.cumsum([len(way) for way in ways]))).astype(np.int64)
    links = np.array([number for way in ways for number in way], np.int64)
    return Plan(*(table[:, column] for column in range(5)), ptr, links)
