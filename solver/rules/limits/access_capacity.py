"""A site's devices fit into the cells of their access, uplink and downlink: the stream of one device stays within one
cell, so a cell carries a whole number of equal streams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.account import Subjects
from solver.rules.factors import Factor, ItemRows, OpenItems, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, placements, remembered

_UNIT = "cell_milli"


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    accesses = problem.network.accesses
    number = {access.id: a for a, access in enumerate(accesses)}
    row = np.array([number[workload.access] for workload in items.like], np.int64)
    devices = items.devices
    streams = {
        "uplink": (np.array([w.uplink_kbps for w in items.like], np.int64), [a.uplink_kbps for a in accesses]),
        "downlink": (np.array([w.downlink_kbps for w in items.like], np.int64), [a.downlink_kbps for a in accesses]),
    }
    capacity = np.array([1000 * access.cells for access in accesses], np.int64)
    each = Subjects({"access": [access.id for access in accesses]})
    factors: list[Factor] = []
    for resource, (stream, cell) in streams.items():
        rate = np.array(cell, np.int64)[row]
        per_cell = rate // np.maximum(stream, 1)
        # A stream too large for a cell uses more than the access has, wherever it stays.
        too_large = capacity[row] + 1000 * devices * -(-stream // rate)
        amount = np.where(per_cell > 0, -(-devices * 1000 // np.maximum(per_cell, 1)), too_large)
        amount[stream == 0] = 0
        factors.append(OpenItems((stream == 0) | (per_cell > 0)))
        rows = Rows("access_capacity", resource, _UNIT, each, capacity)
        factors.append(ItemRows(rows, row, amount))
    return tuple(factors)


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """Accounts of each access, uplink and downlink. A stream too large for a cell uses more than the access has."""

    accesses = problem.network.accesses
    size, account = problem.devices_of(plan), problem.access_number[plan.workload]
    everyone = np.arange(len(plan), dtype=np.int64)
    each = Subjects({"access": [access.id for access in accesses]})
    have = np.array([access.cells * 1000 for access in accesses], np.int64)
    cells = {"uplink": [a.uplink_kbps for a in accesses], "downlink": [a.downlink_kbps for a in accesses]}
    made = []
    for way, (resource, rates) in enumerate(cells.items()):
        stream, cell = problem.stream_kbps[plan.workload, way], np.array(rates, np.int64)[account]
        in_cell = np.maximum(1, cell // np.maximum(1, stream))
        used = np.where(stream > cell, have[account] + 1000 * size * -(-stream // cell), -(-size * 1000 // in_cell))
        used[stream == 0] = 0
        made.append(Ledger("access_capacity", resource, _UNIT, each, have, everyone, account, used))
    return tuple(made)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
    # The stream of one device stays within one cell.
    cell = np.array([(access.uplink_kbps, access.downlink_kbps) for access in problem.network.accesses], np.int64)
    too_large = np.any(problem.stream_kbps > cell.reshape(-1, 2)[problem.access_number], axis=1)[plan.workload]
    for _, workload, shard, node in placements(problem, plan, np.flatnonzero(too_large & ~problem.kept(plan))):
        access = problem.access_of(workload)
        for need, have, way in (
            (workload.uplink_kbps, access.uplink_kbps, "uplink"), (workload.downlink_kbps, access.downlink_kbps, "downlink"),
        ):  # fmt: skip
            if need > have:
                why = f"a device of {workload.id} needs {need} kbit/s of {way}; a cell of {access.id} carries {have}"
                yield Violation("access_capacity", workload.id, shard, node.id, need, have, "kbps", why)
