"""Everything stored, as the facts that questions are asked about.

A :class:`World` holds the entities in the words of the wire, as they are stored, and says them in the solver's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

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
)
from app.schemas.money import WON, Money
from app.schemas.requests import Terms
from app.schemas.wire import Wire
from app.world.running import Running, RunningShard, in_force
from solver.facts.catalogue import Catalogue
from solver.facts.network import Network


class World(Wire):
    """Everything stored, at one generation.

    `displaced` are the (workload, shard) that are in force without a place. Pictures kept by older versions say neither that
    nor the terms in force, and of what runs no more than the node.
    """

    generation: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    sites: tuple[Site, ...]
    accesses: tuple[Access, ...]
    accelerators: tuple[Accelerator, ...]
    profiles: tuple[Profile, ...]
    policies: tuple[Policy, ...]
    workloads: tuple[Workload, ...]
    running: tuple[RunningShard, ...]
    displaced: tuple[tuple[str, int], ...] = ()
    terms_in_force: Terms | None = None
    money: Money = WON

    @cached_property
    def network(self) -> Network:
        """The network in the solver's words."""
        return Network(
            _solver(self.nodes), _solver(self.links), _solver(self.sites), _solver(self.accesses), self.money.solver()
        )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue in the solver's words."""
        return Catalogue(_solver(self.accelerators), _solver(self.profiles))

    @cached_property
    def stored(self) -> dict[str, Workload]:
        """The stored workloads by id."""
        return {workload.id: workload for workload in self.workloads}

    def in_force(self, entered: Mapping[str, Workload] | None = None) -> Running:
        """What runs, as placements. `entered` are workloads given in place of the stored ones."""
        entry = {access.id: access.node for access in self.accesses}
        known = self.stored | dict(entered or {})
        entries = {name: entry[workload.access] for name, workload in known.items() if workload.access in entry}
        return in_force(self.running, self.network, self.catalogue, entries)


def _solver(entities: Iterable[Entity]) -> tuple[Any, ...]:
    return tuple(entity.solver() for entity in entities)
