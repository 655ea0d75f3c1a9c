"""What options are made of: items, which are classes of identical shards, and hosts, where a shard can run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.workloads import Workload

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Fields of a workload that say which one it is and how it is cut up, not what one of its shards is like.
_IDENTITY = {"id", "devices", "value_month", "shard_devices", "current", "free"}
_ALIKE = tuple(field.name for field in fields(Workload) if field.name not in _IDENTITY)


@dataclass(frozen=True)
class Items:
    """Classes of identical shards. Item k has `count[k]` copies; its members are ``member_ptr[k]:member_ptr[k + 1]``.

    `workload[k]` is a workload that shows what the copies are like, `devices[k]` how many devices a copy serves, and
    `current[k]` the node on which they run now, or -1. Items of one `family[k]` differ in nothing but where they run now.

    Where that is known in full, `stay[k]` is the row of :attr:`Problem.in_force` of the first member, else -1; all members
    run the same way. Staying costs `stay_price[k]` beside what it costs anyway, and with `beyond[k]` it is on a card that
    its node no longer has.
    """

    problem: Problem
    workload: Ints
    devices: Ints
    current: Ints
    family: Ints
    stay: Ints
    stay_price: Ints
    beyond: Bools
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


def items_of(problem: Problem, stay_price: Mapping[tuple[int, int], int] | None = None) -> Items:
    """Collapse the free shards of all workloads into classes of identical ones, in the order of first appearance.

    `stay_price` says, by workload and shard, what it costs to stay beside what that costs anyway.
    """
    price = stay_price or {}
    members: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
    families: dict[Hashable, int] = {}
    columns: list[tuple[int, int, int, int, int, bool]] = []
    row_of = _rows(problem)
    for w, workload in enumerate(problem.workloads):
        alike = (*(getattr(workload, name) for name in _ALIKE), shard_value(workload))
        for shard in range(workload.shards) if workload.free is None else sorted(workload.free):
            if shard >= workload.shards:
                continue
            size, where, here = workload.devices_of(shard), workload.runs_at(shard), workload.runs_as(shard)
            beyond = here is not None and _beyond(problem, here)
            now = (where, here and (here.profile, here.servers, here.route), price.get((w, shard), 0), beyond)
            key = (alike, size, now)
            if key not in members:
                family = families.setdefault((alike, size), len(families))
                current = problem.node_index[where] if where else -1
                columns.append((size, current, family, row_of.get((w, shard), -1), price.get((w, shard), 0), beyond))
            members[key].append((w, shard))
    flat = np.array([member for group in members.values() for member in group], np.int64).reshape(-1, 2)
    ptr = np.zeros(len(members) + 1, np.int64)
    ptr[1:] = np.cumsum([len(group) for group in members.values()])
    devices, current_of, family_of, stay, price_of, beyond_of = np.array(columns, np.int64).reshape(-1, 6).T.copy()
    return Items(
        problem, flat[ptr[:-1], 0], devices, current_of, family_of, stay, price_of, beyond_of.astype(bool), ptr,
        flat[:, 0].copy(), flat[:, 1].copy(),
    )  # fmt: skip


def standing_items(problem: Problem) -> Items:
    """One item for each placement in force, in the order of :attr:`Problem.in_force`."""
    now = problem.in_force
    rows, zeros = np.arange(len(now), dtype=np.int64), np.zeros(len(now), np.int64)
    return Items(
        problem, now.workload, problem.devices_of(now), now.node, rows, rows, zeros, zeros.astype(bool),
        np.arange(len(now) + 1, dtype=np.int64), now.workload, now.shard,
    )  # fmt: skip


def _rows(problem: Problem) -> dict[tuple[int, int], int]:
    """Row of the placements in force by (workload, shard)."""
    now = problem.in_force
    return {key: row for row, key in enumerate(zip(now.workload.tolist(), now.shard.tolist(), strict=True))}


def _beyond(problem: Problem, here: Placement) -> bool:
    node = problem.nodes[problem.node_index[here.node]]
    kind = problem.profiles[problem.profile_index[here.profile]].accelerator
    count = next((pool.count for pool in node.pools if pool.accelerator == kind), 0)
    return any(slot.card >= count for slot in here.cards)


def shard_value(workload: Workload) -> int:
    """What leaving one shard of `workload` unplaced costs, in money a month: an equal part, rounded up."""
    return -(-workload.value_month // workload.shards)


@dataclass(frozen=True)
class Hosts:
    """Where a shard can run: node, position of the pool in the node (-1: vCPUs alone), profile.

    Hosts are sorted by model, then by profile. Those of model m are ``model_ptr[m]:model_ptr[m + 1]`` and `models[m]` is
    its name. Those of one profile make a group: ``group_ptr[i]:group_ptr[i + 1]``, and model m has the groups
    ``model_group[m]:model_group[m + 1]``.

    After all groups come the places of items that run now, one each: place s is where item `stay_item[s]` stays as it is.
    """

    problem: Problem
    models: tuple[str, ...]
    model_ptr: Ints
    model_group: Ints
    group_ptr: Ints
    node: Ints
    pool: Ints
    profile: Ints
    stay_item: Ints

    def __len__(self) -> int:
        return len(self.node)


def hosts_of(problem: Problem, items: Items) -> Hosts:
    """List every (node, pool, profile) whose accelerator matches, for the models that some item asks for, and where items
    stay."""
    models = tuple(dict.fromkeys(workload.model for workload in items.like))
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
    groups, group = np.unique(table[:, [0, 3]], axis=0, return_index=True)
    every = np.arange(len(models) + 1)
    stays = np.flatnonzero(items.stay >= 0)
    regular = (table[:, column] for column in (1, 2, 3))
    every_node, every_pool, every_profile = (
        np.concatenate(pair) for pair in zip(regular, _places(problem, items.stay[stays]), strict=True)
    )
    return Hosts(
        problem, models, np.searchsorted(table[:, 0], every).astype(np.int64),
        np.searchsorted(groups[:, 0], every).astype(np.int64), np.append(group, len(table)).astype(np.int64),
        every_node, every_pool, every_profile, stays,
    )  # fmt: skip


def standing_hosts(problem: Problem) -> Hosts:
    """Where everything in force runs: one place for each item of :func:`standing_items`, and no groups."""
    rows, none = np.arange(len(problem.in_force), dtype=np.int64), np.zeros(1, np.int64)
    node, pool, profile = _places(problem, rows)
    return Hosts(problem, (), none, none, none, node, pool, profile, rows)


def _places(problem: Problem, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Node, position of the pool in the node (-1: none) and profile of placements in force."""
    now = problem.in_force
    node, profile = now.node[rows], now.profile[rows]
    pools = {(n, pool.accelerator): p for n, one in enumerate(problem.nodes) for p, pool in enumerate(one.pools)}
    kind = [problem.profiles[f].accelerator or "" for f in profile.tolist()]
    pool = np.array([pools.get(pair, -1) for pair in zip(node.tolist(), kind, strict=True)], np.int64)
    return node, pool, profile
