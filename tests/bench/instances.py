"""Instances for tests and benchmarks: converters of public formats to packings, and a random family.

A problem that demands that every job is served becomes a packing by its penalty: one unplaced job costs more than the
dearest complete assignment could, so the best plan is complete exactly when a complete one exists.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solver.packing import IntArray, Packing

Reals = NDArray[np.float64]


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


def _nearest(place: Reals, node: Reals, options: int) -> tuple[IntArray, Reals]:
    """The so many nodes nearest to each place, by rising number, and how far they are; both [places, options]."""
    from scipy.spatial import cKDTree

    distance, near = cKDTree(node).query(place, k=options)
    rank = np.argsort(near, axis=1)
    return np.take_along_axis(near, rank, axis=1).astype(np.int64), np.take_along_axis(distance, rank, axis=1)


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
    rng = np.random.default_rng(seed)
    place = rng.random((items, 2))
    near, distance = _nearest(place, rng.random((nodes, 2)), options)
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


def shared_weights(items: int, nodes: int, models: int, options: int, seed: int) -> Packing:
    """Workloads and nodes at random in the unit square, each workload for one of `models` models. A node that runs any of a
    model's workloads has that model's weights in its memory, once, and pays for it.

    Every node has two rows, compute and memory, with 1.6 times what all workloads need, weights on a third of the nodes
    included; a workload may go to its `options` nearest nodes.
    """
    rng = np.random.default_rng(seed)
    nodes_at = rng.random((nodes, 2))
    near, distance = _nearest(rng.random((items, 2)), nodes_at, options)
    model = rng.integers(0, models, items)
    demand = np.column_stack((rng.integers(10, 51, items), rng.integers(2, 12, items)))
    weights = rng.integers(30, 90, models)
    share = rng.uniform(0.7, 1.3, (nodes, 2))
    total = demand.sum(axis=0) + np.array([0, weights.sum() * nodes // 3])
    capacity = np.floor(1.6 * share / share.sum(axis=0) * total).astype(np.int64)
    # A copy that fills more of a node costs more to serve from afar.
    burden = np.sqrt(demand[:, :1] / 30)
    cost = np.round(1000 * distance * burden).astype(np.int64)
    opening = rng.integers(150, 450, (nodes, models))
    return Packing(
        item_ptr=np.arange(items + 1) * options,
        item_count=np.ones(items, dtype=np.int64),
        item_penalty=np.full(items, 3 * int(cost.max()) + int(opening.max()), dtype=np.int64),
        option_cost=cost.ravel(),
        load_ptr=np.arange(items * options + 1) * 2,
        load_row=(near[:, :, None] * 2 + np.arange(2)).ravel(),
        load_amount=np.repeat(demand, options, axis=0).ravel(),
        row_capacity=capacity.ravel(),
        option_activation=(near * models + model[:, None]).ravel(),
        activation_cost=opening.ravel(),
        activation_load_ptr=np.arange(nodes * models + 1),
        activation_load_row=np.repeat(2 * np.arange(nodes) + 1, models),
        activation_load_amount=np.tile(weights, nodes),
    )


#: Components of the application: hardware units, whether it needs x86 (else arm64), and two traits its node must have.
_COMPONENTS = (
    (20, True, 0), (2, False, 1), (4, True, 2), (30, False, 3), (20, True, 1), (2, False, 0),
    (100, True, 2), (100, True, 1), (50, True, 3), (2, True, 0), (4, False, 2),
)  # fmt: skip

#: Flows between components: from, to, longest latency in ms, Mbit/s; a negative end is a device.
_FLOWS = (
    (-1, 0, 60, 2), (0, 6, 80, 2), (6, 1, 40, 3), (1, 8, 30, 1), (6, 2, 60, 2), (2, 9, 50, 1), (9, 3, 40, 2),
    (3, 10, 30, 2), (3, -2, 30, 4), (3, 5, 70, 4), (5, 8, 40, 1), (3, 4, 30, 7), (4, 7, 40, 7),
)  # fmt: skip


def edgewise_application(nodes: int, seed: int) -> Packing:
    """One application of eleven components on a random network of `nodes` nodes: the shape that EdgeWise was measured
    with (eleven components, two devices, a flow graph with latency limits), drawn anew here; not its data.

    Items are components, options the nodes with the right architecture and traits and near enough to the devices. Rows
    are the hardware of nodes and, for each flow and each node of its first end, a row of capacity 1 that this end shares
    with all nodes of the other end that are too far or whose way has too little bandwidth: latency and bandwidth *of each
    flow* are thus exact. Not expressed: several flows adding up on one way, which would need products of two choices.
    Penalty: the dearest complete placement plus one.
    """
    rng = np.random.default_rng(seed)
    place = rng.random((nodes, 2))
    tier = rng.choice(3, nodes, p=(0.2, 0.5, 0.3))  # cloud, edge, on site
    x86 = rng.random(nodes) < 0.6
    both = rng.random(nodes) < 0.5
    traits = rng.random((nodes, 4)) < 0.85
    hardware = np.array((1000, 160, 40))[tier]
    price = np.array((700, 300, 25))[tier] * rng.uniform(0.8, 1.2, nodes)
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    latency = 2.0 + 90.0 * distance + np.array((15.0, 3.0, 5.0))[tier][:, None] * (tier[:, None] != tier[None])
    bandwidth = rng.uniform(3.0, 200.0, (nodes, nodes))
    np.fill_diagonal(latency, 0.0)
    np.fill_diagonal(bandwidth, 1e6)
    devices = {-1: int(np.argmin(place.sum(axis=1))), -2: int(np.argmin(np.abs(place - 0.4).sum(axis=1)))}
    near = [(latency <= limit) & (bandwidth >= rate) for _, _, limit, rate in _FLOWS]

    allowed = np.empty((len(_COMPONENTS), nodes), np.bool_)
    for c, (need, wants_x86, trait) in enumerate(_COMPONENTS):
        fits = both | (x86 == wants_x86)
        allowed[c] = fits & traits[:, trait] & traits[:, (trait + 1) % 4] & (hardware >= need)
    for (first, second, *_), pairs in zip(_FLOWS, near, strict=True):
        if first < 0:
            allowed[second] &= pairs[devices[first]]
        elif second < 0:
            allowed[first] &= pairs[:, devices[second]]

    component, node = np.nonzero(allowed)
    option = np.full(allowed.shape, -1, np.int64)
    option[component, node] = np.arange(len(component))
    need = np.array([units for units, *_ in _COMPONENTS], np.int64)
    loader, row, amount = [np.arange(len(component))], [node.astype(np.int64)], [need[component]]
    rows = nodes
    for (first, second, *_), pairs in zip(_FLOWS, near, strict=True):
        if first < 0 or second < 0:
            continue
        for n in np.flatnonzero(allowed[first]):
            far = np.flatnonzero(allowed[second] & ~pairs[n])
            if far.size:
                members = np.concatenate(([option[first, n]], option[second, far]))
                loader.append(members)
                row.append(np.full(members.size, rows))
                amount.append(np.ones(members.size, np.int64))
                rows += 1
    loads = np.concatenate(loader)
    order = np.argsort(loads, kind="stable")
    cost = np.round(need[component] * price[node] * rng.uniform(0.95, 1.05, len(component))).astype(np.int64) + 1
    dearest = sum(int(cost[component == c].max(initial=0)) for c in range(len(_COMPONENTS)))
    return Packing(
        item_ptr=np.concatenate(([0], np.cumsum(allowed.sum(axis=1)))).astype(np.int64),
        item_count=np.ones(len(_COMPONENTS), np.int64),
        item_penalty=np.full(len(_COMPONENTS), dearest + 1, np.int64),
        option_cost=cost,
        load_ptr=np.searchsorted(loads[order], np.arange(len(component) + 1)).astype(np.int64),
        load_row=np.concatenate(row)[order].astype(np.int64),
        load_amount=np.concatenate(amount)[order],
        row_capacity=np.concatenate((hardware, np.ones(rows - nodes, np.int64))).astype(np.int64),
    )
