"""A site's devices fit into the cells of their access, uplink and downlink: the stream of one device stays within one
cell, so a cell carries a whole number of equal streams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, ItemRows, OpenItems, Rows
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import Ledger, Violation, overfull, placements

_UNIT = "thousandths of a cell"


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    accesses = problem.network.accesses
    number = {access.id: a for a, access in enumerate(accesses)}
    row = np.array([number[workload.access] for workload in items.like], np.int64)
    devices = np.array([workload.shard_size for workload in items.like], np.int64)
    streams = {
        "uplink": (np.array([w.uplink_kbps for w in items.like], np.int64), [a.uplink_kbps for a in accesses]),
        "downlink": (np.array([w.downlink_kbps for w in items.like], np.int64), [a.downlink_kbps for a in accesses]),
    }
    capacity = np.array([1000 * access.cells for access in accesses], np.int64)
    factors: list[Factor] = []
    for resource, (stream, cell) in streams.items():
        per_cell = np.array(cell, np.int64)[row] // np.maximum(stream, 1)
        amount = np.where(stream == 0, 0, -(-devices * 1000 // np.maximum(per_cell, 1)))
        factors.append(OpenItems((stream == 0) | (per_cell > 0)))
        rows = Rows("access_capacity", resource, _UNIT, [access.id for access in accesses], capacity)
        factors.append(ItemRows(rows, row, amount))
    return tuple(factors)


def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """Accounts of each access, uplink and downlink. A stream too large for a cell uses more than the access has."""
    accesses = problem.network.accesses
    number = {access.id: a for a, access in enumerate(accesses)}
    entries: list[tuple[int, int, int, int]] = []
    for row, workload, _, _ in placements(problem, plan):
        access, size = problem.access_of(workload), workload.shard_size
        used = []
        for stream, cell in (
            (workload.uplink_kbps, access.uplink_kbps),
            (workload.downlink_kbps, access.downlink_kbps),
        ):
            if stream > cell:
                used.append(1000 * access.cells + 1000 * size * -(-stream // cell))
            else:
                used.append(-(-size * 1000 // (cell // stream)) if stream else 0)
        entries.append((row, number[access.id], used[0], used[1]))
    table = np.array(entries, np.int64).reshape(-1, 4)
    ids = [access.id for access in accesses]
    have = np.array([access.cells * 1000 for access in accesses], np.int64)
    return tuple(
        Ledger("access_capacity", resource, _UNIT, ids, have, table[:, 0], table[:, 1], table[:, column])
        for column, resource in ((2, "uplink"), (3, "downlink"))
    )


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan))
