"""From what is stored and what is asked to the solver's question.

A :class:`Question` is the problem that a request poses in a world: its own workloads, and everything else that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.errors import Fault, Invalid, UnknownReference
from app.schemas.documents import one, references
from app.schemas.entities import Workload
from app.schemas.faults import FAULTS_TOLD
from app.schemas.naming import Names, unknown
from app.schemas.requests import Asked, Scope, Terms
from app.world.running import Running
from app.world.scenario import imagine
from app.world.stored import World
from solver.facts import workloads
from solver.facts.network import Network
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.validate import ProblemError
from solver.rules.goals.disturbed import disturbances

#: Shards that the workloads of one request may make; a nation has a tenth of them.
MOST_SHARDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A problem, the world it is about, and which of its workloads the request is about.

    `terms` are those that the problem is posed on, nothing left open. `left_out` are shards that run and that the workloads
    do not have any more: the request, or who changed the workload, ends them.
    """

    problem: Problem
    generation: int
    requested: frozenset[str]
    terms: Terms
    left_out: tuple[Placement, ...] = ()


def question(world: World, asked: Asked) -> Question:
    """The problem that `asked` poses in `world`: the one place that decides what is asked, what is fixed, what may change.

    ============ ====================== ================================= ======================== ======================
    scope        asked, does not run    asked, runs                       others that run          what may be ended
    ============ ====================== ================================= ======================== ======================
    ``repair``   placed                 moved or resized if disturbed,    fixed                    what `may_end` names
                                        else fixed
    ``keep``     placed                 moved, resized                    fixed                    what `may_end` names
    ``move``     placed                 moved, resized                    moved, resized           what `may_end` names
    ``preempt``  placed                 moved, resized                    moved, resized           everything free
    ============ ====================== ================================= ======================== ======================

    With ``repair`` a request that names no workload is about all that is disturbed or has no place. What `from_nodes`,
    `from_sites` and `may_end` name is free in any scope. What runs of a workload with `movable` false is fixed unless
    `may_end` names it. Shards that do not run, of workloads that are not asked about, stay out.

    A shard of the request of which no more is known than its node cannot be fixed. It is free, but stays on that node where
    it should be fixed.

    Raises
    ------
    UnknownReference
        If the request names a workload, node, site, link or access that is not stored.
    Invalid
        If the solver refuses the question: the error names the field.
    """
    requested = _requested(world, asked)
    _check_size(requested)
    _check_scope(world, asked.scope, requested)
    network = world.network if asked.what_if is None else imagine(world.network, asked.what_if)
    runs = world.in_force(requested)
    named = asked.scope.running != "repair" or bool(requested)
    terms = asked.terms.effective(world.terms_in_force)
    workloads = [
        replace(_here(entity.solver(), runs.get(name, {})), asked=name in requested)
        for name, entity in ({**requested, **_others(world, requested, runs, displaced=not named)}).items()
    ]
    broken: dict[str, set[int]] = {}
    if asked.scope.running == "repair":
        broken = _disturbed(_posed(world, network, workloads, asked.terms))
    displaced: dict[str, set[int]] = {}
    if not named:
        for name, shard in world.displaced:
            displaced.setdefault(name, set()).add(shard)
        about = broken.keys() | displaced.keys()
        requested = {workload.id: world.stored[workload.id] for workload in workloads if workload.id in about}
    decide = _deciding(world, asked.scope, requested, broken, None if named else displaced)
    decided = [decide(workload) for workload in workloads]
    left_out = tuple(
        here for workload in decided for shard, here in sorted(runs.get(workload.id, {}).items()) if shard >= workload.shards
    )
    return Question(_posed(world, network, decided, asked.terms), world.generation, frozenset(requested), terms, left_out)


def _deciding(
    world: World,
    scope: Scope,
    requested: Mapping[str, Workload],
    broken: Mapping[str, set[int]],
    displaced: Mapping[str, set[int]] | None,
) -> Callable[[workloads.Workload], workloads.Workload]:
    """Says of a workload, with the placements in which it runs, which of its shards are free and whether it may be ended.

    `broken` are the disturbed shards that a repair may move. `displaced` are the shards without a place that are asked
    about; None for all of the request.
    """
    may_move, ends = _may_move(world, scope), frozenset(scope.may_end)

    def decide(workload: workloads.Workload) -> workloads.Workload:
        entity = requested.get(workload.id) or world.stored[workload.id]
        is_asked, may_end = workload.id in requested, workload.id in ends

        def is_free(shard: int) -> bool:
            here = workload.current[shard] if shard < len(workload.current) else None
            if here is None:
                return is_asked and (displaced is None or shard in displaced.get(workload.id, ()))
            if not entity.movable:
                return may_end
            if scope.running in ("move", "preempt") or (is_asked and scope.running == "keep"):
                return True
            return may_end or may_move(entity, here) or (is_asked and shard in broken.get(workload.id, ()))

        free = {shard for shard in range(workload.shards) if is_free(shard)}
        fixed = set(range(workload.shards)) - free
        vague = {shard for shard in fixed if is_asked and workload.runs_at(shard) and workload.runs_as(shard) is None}
        return replace(
            workload,
            asked=is_asked,
            free=frozenset(free | vague),
            may_end=may_end or scope.running == "preempt",
            stays=bool(vague) and not any(workload.runs_at(shard) for shard in free),
        )

    return decide


def _requested(world: World, asked: Asked) -> dict[str, Workload]:
    """The workloads that the request names, by id."""
    if any(name not in world.stored for name in asked.workload_ids):
        known = Names(world.stored)
        _refuse(
            unknown(f"workload_ids[{place}]", "stored workload", name, known, "/v1/workloads")
            for place, name in enumerate(asked.workload_ids)
            if name not in known
        )
    _check_named(world, asked.workloads)
    given = {workload.id: workload for workload in asked.workloads}
    return given | {name: world.stored[name] for name in asked.workload_ids}


def _check_named(world: World, workloads: Iterable[Workload]) -> None:
    """Refuse workloads that name an access, a policy or a model that there is not; all that they name is looked at."""
    if not workloads:
        return
    there = {
        "accesses": world.accesses, "policies": world.policies, "nodes": world.nodes, "profiles": world.profiles,
        "links": world.links,
    }  # fmt: skip
    known: dict[str, Names] = {kind: Names(entity.id for entity in values) for kind, values in there.items()}
    known["models"] = Names(profile.model for profile in world.profiles)
    faults = (
        unknown(f"workloads[{workload.id}].{field}", one(kind), target, known[kind], f"/v1/{kind}")
        for workload in workloads
        for field, kind, target in references("workloads", workload)
        if target not in known[kind]
    )
    found = tuple(islice(faults, FAULTS_TOLD))
    if found:
        raise Invalid(f"{found[0].message[0].upper()}{found[0].message[1:]}.", found)


def _others(world: World, requested: Mapping[str, Workload], runs: Running, displaced: bool) -> dict[str, Workload]:
    """What runs and is not requested, by id, in the order of the ids; with `displaced` also what has lost its place."""
    names = dict.fromkeys((*runs, *(name for name, _ in world.displaced if displaced)))
    return {name: world.stored[name] for name in names if name not in requested and name in world.stored}


def _posed(world: World, network: Network, workloads: Sequence[workloads.Workload], terms: Terms) -> Problem:
    try:
        return Problem(
            network=network,
            catalogue=world.catalogue,
            policies=tuple(policy.solver() for policy in world.policies),
            workloads=tuple(workloads),
            terms=terms.solver(world.terms_in_force),
        )
    except ProblemError as error:
        raise Invalid("The request contradicts itself or the network.", (Fault(error.field, error.why),)) from error


def _disturbed(posed: Problem) -> dict[str, set[int]]:
    """Workload -> those of its shards that run where they should not."""
    found: dict[str, set[int]] = {}
    for w, shard in disturbances(posed):
        found.setdefault(posed.workloads[w].id, set()).add(shard)
    return found


def _refuse(faults: Iterable[Fault]) -> None:
    found = tuple(islice(faults, FAULTS_TOLD))
    if found:
        raise UnknownReference(f"{found[0].message[0].upper()}{found[0].message[1:]}.", found)


def _check_size(requested: Mapping[str, Workload]) -> None:
    """Refuse workloads that make more shards than can be looked at one by one, before anybody does.

    Raises
    ------
    Invalid
        Naming the one with the most.
    """
    shards = {name: -(-entity.devices // (entity.shard_devices or entity.devices)) for name, entity in requested.items()}
    made = sum(shards.values())
    if made > MOST_SHARDS:
        most = max(shards, key=shards.__getitem__)
        fault = Fault(
            f"workloads[{most}].shard_devices",
            f"makes {shards[most]} of {made} shards in all",
            f"at most {MOST_SHARDS} shards in one request",
            code="too_large",
            most=MOST_SHARDS,
        )
        raise Invalid("The request is too large.", (fault,))


def _check_scope(world: World, scope: Scope, requested: Mapping[str, Workload]) -> None:
    known = {
        "may_end": ("workload", world.stored.keys() | requested.keys()),
        "from_nodes": ("node", {node.id for node in world.nodes}),
        "from_sites": ("site", {site.id for site in world.sites}),
    }
    _refuse(
        unknown(f"scope.{field}[{place}]", what, name, names, f"/v1/{what}s")
        for field, (what, names) in known.items()
        for place, name in enumerate(getattr(scope, field))
        if name not in names
    )


def _may_move(world: World, scope: Scope) -> Callable[[Workload, Placement], bool]:
    """Judges whether `from_nodes` or `from_sites` names what runs."""
    nodes, sites = set(scope.from_nodes), set(scope.from_sites)
    site_of = {access.id: access.site for access in world.accesses}
    return lambda entity, here: here.node in nodes or site_of.get(entity.access) in sites


def _here(workload: workloads.Workload, where: Mapping[int, Placement]) -> workloads.Workload:
    """The workload with the placements in which it runs, where it does."""
    if not where:
        return workload
    return replace(workload, current=tuple(where.get(shard) for shard in range(workload.shards)))
