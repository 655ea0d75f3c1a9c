"""A server fits its accelerator: the node has that kind, it can be cut finely enough, and the model fits its memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.catalogue import Profile
from solver.facts.network import Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, OpenHosts
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, asked, placements


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
    models: dict[str, int] = {}
    runs = np.array([models.setdefault(profile.model, len(models)) for profile in problem.profiles], np.int64)[plan.profile]
    wanted = plan.of_workloads(lambda w: models.get(problem.workloads[w].model, -1))
    misfits, which = asked(problem, plan, plan.profile, lambda f, node: _misfit(problem, node, problem.profiles[f]))
    suspect = (runs != wanted) | np.array([misfit is not None for misfit in misfits], bool)[which]
    for row, workload, shard, node in placements(problem, plan, np.flatnonzero(suspect)):
        profile = problem.profiles[plan.profile[row]]
        found = misfits[which[row]]
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
        return need, share, "mib", f"{profile.id} needs {need} MiB; its part of {card.id} has {share} MiB"
    return None
