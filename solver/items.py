"""What options are made of: items, which are classes of identical shards, and hosts, where a shard can run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.problem import Problem, Workload

Ints = npt.NDArray[np.int64]

#: Fields of a workload that say which one it is and how it is cut up, not what one of its shards is like.
_IDENTITY = {"id", "devices", "value_krw_month", "shard_devices", "current"}
_ALIKE = tuple(field.name for field in fields(Workload) if field.name not in _IDENTITY)


@dataclass(frozen=True)
class Items:
    """Classes of identical shards. Item k has `count[k]` copies; its members are ``member_ptr[k]:member_ptr[k + 1]``.

    `workload[k]` is a workload that shows what the copies are like; `current[k]` the node on which they run now, or -1.
    """

    problem: Problem
    workload: Ints
    current: Ints
    member_ptr: Ints
    member_workload: Ints
    member_shard: Ints

    def __len__(self) -> int:
        return len(self.workload)

    @cached_property
    def count(self) -> Ints:
        """Number of copies of each item."""
        return np.diff(self.member_ptr)

    @cached_property
    def like(self) -> list[Workload]:
        """For each item, a workload that shows what its copies are like."""
        return [self.problem.workloads[w] for w in self.workload.tolist()]


def items_of(problem: Problem) -> Items:
    """Collapse the shards of all workloads into classes of identical ones, in the order of first appearance."""
    members: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
    current: list[int] = []
    for w, workload in enumerate(problem.workloads):
        alike = (
            *(getattr(workload, name) for name in _ALIKE),
            workload.shard_size,
            shard_value(workload),
        )
        for shard in range(workload.shards):
            where = workload.runs_at(shard)
            key = (alike, where)
            if key not in members:
                current.append(problem.node_index[where] if where else -1)
            members[key].append((w, shard))
    flat = np.array([member for group in members.values() for member in group], np.int64).reshape(-1, 2)
    ptr = np.zeros(len(members) + 1, np.int64)
    ptr[1:] = np.cumsum([len(group) for group in members.values()])
    return Items(problem, flat[ptr[:-1], 0], np.array(current, np.int64), ptr, flat[:, 0].copy(), flat[:, 1].copy())


def shard_value(workload: Workload) -> int:
    """What leaving one shard of `workload` unplaced costs, in won a month: an equal part, rounded up."""
    return -(-workload.value_krw_month // workload.shards)


@dataclass(frozen=True)
class Hosts:
    """Where a shard can run: node, position of the pool in the node (-1: vCPUs alone), profile.

    Hosts are sorted by model, then by profile. Those of model m are ``model_ptr[m]:model_ptr[m + 1]`` and `models[m]` is
    its name. Those of one profile make a lane: ``lane_ptr[i]:lane_ptr[i + 1]``, and model m has the lanes
    ``model_lane[m]:model_lane[m + 1]``.
    """

    problem: Problem
    models: tuple[str, ...]
    model_ptr: Ints
    model_lane: Ints
    lane_ptr: Ints
    node: Ints
    pool: Ints
    profile: Ints

    def __len__(self) -> int:
        return len(self.node)


def hosts_of(problem: Problem) -> Hosts:
    """List every (node, pool, profile) whose accelerator matches, for the models that some workload asks for."""
    models = tuple(dict.fromkeys(workload.model for workload in problem.workloads))
    number = {model: m for m, model in enumerate(models)}
    by_accelerator: dict[str | None, list[int]] = defaultdict(list)
    for f, profile in enumerate(problem.profiles):
        if profile.model in number:
            by_accelerator[profile.accelerator].append(f)
    rows: list[tuple[int, int, int, int]] = []
    for n, node in enumerate(problem.nodes):
        for p, accelerator in [(-1, None), *((p, pool.accelerator) for p, pool in enumerate(node.pools))]:
            rows.extend((number[problem.profiles[f].model], n, p, f) for f in by_accelerator.get(accelerator, ()))
    table = np.array(rows, np.int64).reshape(-1, 4)
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 3], table[:, 0]))]
    lanes, lane = np.unique(table[:, [0, 3]], axis=0, return_index=True)
    every = np.arange(len(models) + 1)
    return Hosts(
        problem, models, np.searchsorted(table[:, 0], every).astype(np.int64),
        np.searchsorted(lanes[:, 0], every).astype(np.int64), np.append(lane, len(table)).astype(np.int64),
        *(table[:, column].copy() for column in (1, 2, 3)),
    )  # fmt: skip
