"""Instances for tests and benchmarks: converters of public formats to packings, and a random family.

A problem that demands that every job is served becomes a packing by its penalty: one unplaced job costs more than the
dearest complete assignment could, so the best plan is complete exactly when a complete one exists.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from solver.packing import Packing


def _numbers(path: Path) -> list[int]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return [int(float(word)) for word in text.split()]


def read_gap(path: Path) -> Packing:
    """Generalised assignment: `m n`, m x n costs, m x n weights, m capacities; every job to exactly one agent.

    Items are jobs, rows are agents. Penalty: the sum over jobs of the dearest cost, plus one.
    """
    numbers = _numbers(path)
    agents, jobs = numbers[:2]
    body = np.array(numbers[2:], dtype=np.int64)
    cells = agents * jobs
    cost = body[:cells].reshape(agents, jobs)
    weight = body[cells : 2 * cells].reshape(agents, jobs)
    capacity = body[2 * cells : 2 * cells + agents]
    return Packing(
        item_ptr=np.arange(jobs + 1) * agents,
        item_count=np.ones(jobs, dtype=np.int64),
        item_penalty=np.full(jobs, cost.max(axis=0).sum() + 1),
        option_cost=cost.T.ravel(),
        load_ptr=np.arange(cells + 1),
        load_row=np.tile(np.arange(agents), jobs),
        load_amount=weight.T.ravel(),
        row_capacity=capacity,
    )


def read_sscflp(path: Path) -> Packing:
    """Single-source capacitated facility location as Holmberg et al. write it: `m n`, m capacities,
    m opening costs, n demands, n x m costs (each serves the whole demand).

    Items are customers, rows and activations are facilities. Penalty: all openings plus the dearest service of every
    customer, plus one.
    """
    numbers = _numbers(path)
    facilities, customers = numbers[:2]
    body = np.array(numbers[2:], dtype=np.int64)
    capacity, opening = body[: 2 * facilities].reshape(2, facilities)
    demand = body[2 * facilities : 2 * facilities + customers]
    start = 2 * facilities + customers
    cells = facilities * customers
    cost = body[start : start + cells].reshape(customers, facilities)
    return Packing(
        item_ptr=np.arange(customers + 1) * facilities,
        item_count=np.ones(customers, dtype=np.int64),
        item_penalty=np.full(customers, opening.sum() + cost.max(axis=1).sum() + 1),
        option_cost=cost.ravel(),
        load_ptr=np.arange(cells + 1),
        load_row=np.tile(np.arange(facilities), customers),
        load_amount=np.repeat(demand, facilities),
        row_capacity=capacity,
        option_activation=np.tile(np.arange(facilities), customers),
        activation_cost=opening,
        activation_load_ptr=np.zeros(facilities + 1, dtype=np.int64),
    )


def random_plane(items: int, nodes: int, options: int, resources: int, load: float, seed: int, classes: int = 1) -> Packing:
    """Workloads and nodes at random in the unit square; each workload may go to one of its nearest nodes.

    Parameters
    ----------
    items, nodes, options, resources : int
        Sizes; each item has `options` candidate nodes (the nearest), each node `resources` rows.
    load : float
        Total demand over total capacity of every resource.
    classes : int
        Copies per item: 1 for single workloads.
    """
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    place = rng.random((items, 2))
    distance, near = cKDTree(rng.random((nodes, 2))).query(place, k=options)
    rank = np.argsort(near, axis=1)
    near = np.take_along_axis(near, rank, axis=1).astype(np.int64)
    distance = np.take_along_axis(distance, rank, axis=1)
    size = rng.lognormal(0.0, 0.6, (items, 1))
    demand = np.maximum(1, np.round(20 * size * rng.lognormal(0.0, 0.4, (items, resources)))).astype(np.int64)
    share = rng.uniform(0.6, 1.4, (nodes, resources))
    total = demand.sum(axis=0) * classes
    capacity = np.floor(share / share.sum(axis=0) * total / load).astype(np.int64)
    node_price = rng.uniform(0.7, 1.3, nodes)
    cost = np.round(600 * size * node_price[near] + 4000 * distance).astype(np.int64)
    rows = near[:, :, None] * resources + np.arange(resources)
    return Packing(
        item_ptr=np.arange(items + 1) * options,
        item_count=np.full(items, classes, dtype=np.int64),
        item_penalty=np.full(items, 3 * int(cost.max()), dtype=np.int64),
        option_cost=cost.ravel(),
        load_ptr=np.arange(items * options + 1) * resources,
        load_row=rows.ravel(),
        load_amount=np.repeat(demand, options, axis=0).ravel(),
        row_capacity=capacity.ravel(),
    )
