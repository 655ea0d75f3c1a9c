"""A server fits its accelerator: the node has that kind, it can be cut finely enough, and the model fits its memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, OpenHosts
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem, Profile
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
    for row, workload, shard, node in placements(problem, plan):
        profile = problem.profiles[plan.profile[row]]
        need, have, unit, why = 0, 0, "", ""
        if profile.model != workload.model:
            need, unit, why = 1, "profile", f"{profile.id} serves {profile.model}, not {workload.model}"
        elif profile.accelerator is not None:
            card = problem.accelerator_by_id[profile.accelerator]
            share = card.memory_mib * profile.slice_permille // 1000
            if all(pool.accelerator != card.id for pool in node.pools):
                need, unit, why = 1, "pool", f"{node.id} has no {card.id}"
            elif profile.slice_permille * card.max_slices < 1000:
                need, have, unit = 1000 // profile.slice_permille, card.max_slices, "slices"
                why = f"{card.id} can be cut into {have} parts; {profile.id} needs one of {need}"
            elif profile.memory_mib > share:
                need, have, unit = profile.memory_mib, share, "MiB"
                why = f"{profile.id} needs {need} MiB; its part of {card.id} has {have} MiB"
        if why:
            yield Violation("accelerator", workload.id, shard, node.id, need, have, unit, f"{workload.id}: {why}")
