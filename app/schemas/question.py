"""From what is stored and what is asked to the solver's question.

A :class:`World` is everything stored at one generation. A :class:`Question` is the problem that a request poses in
that world: its own workloads, and everything else that runs, which keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app.errors import Fault, Invalid, UnknownReference
from app.schemas.entities import (
    Accelerator,
    Access,
    Entity,
    Link,
    Node,
    Policy,
    Profile,
    Site,
    Workload,
    plain,
)
from app.schemas.requests import AccessWhatIf, Asked, LinkWhatIf, NodeWhatIf, WhatIf
from app.schemas.wire import Wire
from solver import problem
from solver.problem import Catalogue, Network, Problem, ProblemError


class Running(Wire):
    """One shard that runs."""

    workload: str
    shard: int
    node: str


class World(Wire):
    """Everything stored, at one generation."""

    generation: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    sites: tuple[Site, ...]
    accesses: tuple[Access, ...]
    accelerators: tuple[Accelerator, ...]
    profiles: tuple[Profile, ...]
    policies: tuple[Policy, ...]
    workloads: tuple[Workload, ...]
    running: tuple[Running, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A problem, the world it is about, and which of its workloads the request is about."""

    problem: Problem
    generation: int
    requested: frozenset[str]


def question(world: World, asked: Asked) -> Question:
    """The problem that `asked` poses in `world`.

    Raises
    ------
    UnknownReference
        If the request names a workload, node, site, link or access that is not stored.
    Invalid
        If the solver refuses the question: the error names the field.
    """
    stored = {workload.id: workload for workload in world.workloads}
    unknown = [
        Fault(f"workload_ids[{place}]", f"there is no stored workload {name!r}", "the id of a stored workload")
        for place, name in enumerate(asked.workload_ids)
        if name not in stored
    ]
    _refuse(unknown)
    requested = {workload.id: workload for workload in asked.workloads}
    requested |= {name: stored[name] for name in asked.workload_ids}
    places = _places(world.running)
    moving = _moving(world, asked, places)
    workloads = [_here(workload.solver(), places.get(name, {}), True) for name, workload in requested.items()]
    workloads += [
        _here(stored[name].solver(), where, name in moving) for name, where in places.items() if name not in requested
    ]
    network = Network(
        nodes=_solver(world.nodes),
        links=_solver(world.links),
        sites=_solver(world.sites),
        accesses=_solver(world.accesses),
    )
    if asked.what_if is not None:
        network = imagine(network, asked.what_if)
    try:
        posed = Problem(
            network=network,
            catalogue=Catalogue(_solver(world.accelerators), _solver(world.profiles)),
            policies=_solver(world.policies),
            workloads=tuple(workloads),
            terms=asked.terms.solver(),
        )
    except ProblemError as error:
        raise Invalid("The request contradicts itself or the network.", (Fault(error.field, error.why),)) from error
    return Question(posed, world.generation, frozenset(requested))


def imagine(network: Network, what_if: WhatIf) -> Network:
    """The network with the differences of a what-if."""
    return replace(
        network,
        nodes=_differ(network.nodes, what_if.nodes, "nodes"),
        links=_differ(network.links, what_if.links, "links"),
        accesses=_differ(network.accesses, what_if.accesses, "accesses"),
    )


def _solver(entities: Iterable[Entity]) -> tuple[Any, ...]:
    return tuple(entity.solver() for entity in entities)


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise UnknownReference(faults[0].message, tuple(faults[:20]))


def _places(running: Iterable[Running]) -> dict[str, dict[int, str]]:
    """Workload -> shard -> node on which it runs."""
    places: dict[str, dict[int, str]] = {}
    for shard in running:
        places.setdefault(shard.workload, {})[shard.shard] = shard.node
    return places


def _moving(world: World, asked: Asked, places: dict[str, dict[int, str]]) -> set[str]:
    """Running workloads that the scope allows to be moved."""
    scope = asked.scope
    nodes, sites = {node.id for node in world.nodes}, {site.id for site in world.sites}
    _refuse(
        [
            Fault(f"scope.from_{kind}[{place}]", f"there is no {kind[:-1]} {name!r}")
            for kind, names, known in (("nodes", scope.from_nodes, nodes), ("sites", scope.from_sites, sites))
            for place, name in enumerate(names)
            if name not in known
        ]
    )
    if scope.running == "move":
        return set(places)
    from_nodes = set(scope.from_nodes)
    moving = {name for name, where in places.items() if from_nodes & set(where.values())}
    if scope.from_sites:
        site_of = {access.id: access.site for access in world.accesses}
        access_of = {workload.id: workload.access for workload in world.workloads}
        moving |= {name for name in places if site_of[access_of[name]] in scope.from_sites}
    return moving


def _here(workload: problem.Workload, where: dict[int, str], movable: bool) -> problem.Workload:
    """The workload with the nodes on which the allocation has it, where it has it."""
    if not where:
        return workload
    current = tuple(where.get(shard, "") for shard in range(workload.shards))
    return replace(workload, current=current, movable=movable and workload.movable)


Known = TypeVar("Known", problem.Node, problem.Link, problem.Access)


def _differ(
    entities: tuple[Known, ...], changes: Sequence[NodeWhatIf | LinkWhatIf | AccessWhatIf], kind: str
) -> tuple[Known, ...]:
    """The entities, with the fields that the changes give in place of theirs."""
    by_id = {entity.id: entity for entity in entities}
    for place, change in enumerate(changes):
        name = change.id
        if name not in by_id:
            _refuse([Fault(f"what_if.{kind}[{place}].id", f"there is no {name!r} among the {kind}")])
        fields = {field: getattr(change, field) for field in type(change).model_fields if field != "id"}
        given = {field: plain(value) for field, value in fields.items() if value is not None}
        by_id[name] = replace(by_id[name], **given)
    return tuple(by_id.values())
