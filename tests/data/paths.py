"""Shortest paths over a written network, on their own and without the solver's routes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import Any

Body = dict[str, Any]


def neighbours(links: list[Body]) -> dict[str, list[tuple[str, int]]]:
    """For each node its neighbours with the latency of the link, in microseconds."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for link in links:
        found[link["source"]].append((link["target"], link["latency_us"]))
        found[link["target"]].append((link["source"], link["latency_us"]))
    return found


def one_way_us(near: dict[str, list[tuple[str, int]]], source: str) -> dict[str, int]:
    """Latency from `source` to every node that it reaches."""
    done: dict[str, int] = {}
    queue = [(0, source)]
    while queue:
        far, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = far
        for other, step in near.get(node, ()):
            if other not in done:
                heapq.heappush(queue, (far + step, other))
    return done
