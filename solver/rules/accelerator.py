"""A server fits its accelerator: the node has that kind, it can be cut finely enough, and the model fits its memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from solver.factors import Factor, OpenHosts
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, Problem, Profile
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    fits = np.array([_fits(problem, profile) for profile in problem.profiles], bool)
    return (OpenHosts(fits[hosts.profile]),)


def _fits(problem: Problem, profile: Profile) -> bool:
    if profile.accelerator is None:
        return True
    card = problem.accelerator_by_id[profile.accelerator]
    slices = 1000 // profile.slice_permille
    return slices <= card.max_slices and profile.memory_mib * slices <= card.memory_mib


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    @cache
    def misfit(n: int, f: int) -> tuple[int, int, str, str] | None:
        return _misfit(problem, problem.nodes[n], problem.profiles[f])

    columns = zip(placements(problem, plan), plan.node.tolist(), plan.profile.tolist(), strict=True)
    for (_, workload, shard, node), n, f in columns:
        profile = problem.profiles[f]
        found = misfit(n, f)
        if profile.model != workload.model:
            found = 1, 0, "profile", f"{profile.id} serves {profile.model}, not {workload.model}"
        if found is not None:
            need, have, unit, why = found
            yield Violation("accelerator", workload.id, shard, node.id, need, have, unit, f"{workload.id}: {why}")


def _misfit(problem: Problem, node: Node, profile: Profile) -> tuple[int, int, str, str] | None:
    """Why a server of `profile` does not fit an accelerator of `node`: needed, available, unit, and why."""
    if profile.accelerator is None:
        return None
    card = problem.accelerator_by_id[profile.accelerator]
    share = card.memory_mib * profile.slice_permille // 1000
    if all(pool.accelerator != card.id for pool in node.pools):
        return 1, 0, "pool", f"{node.id} has no {card.id}"
    if profile.slice_permille * card.max_slices < 1000:
        need, have = 1000 // profile.slice_permille, card.max_slices
        return need, have, "slices", f"{card.id} can be cut into {have} parts; {profile.id} needs one of {need}"
    if profile.memory_mib > share:
        need = profile.memory_mib
        return need, share, "MiB", f"{profile.id} needs {need} MiB; its part of {card.id} has {share} MiB"
    return None
