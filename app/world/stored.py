"""Everything stored, as the facts that questions are asked about.

A :class:`World` holds the entities in the words of the wire, as they are stored, and says them in the solver's.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from app.world.running import Running, RunningShard, in_force, placement_of
from solver.facts.catalogue import Catalogue
from solver.facts.network import Network

#: The fields that the network and the catalogue are made of.
_NETWORK = ("nodes", "links", "sites", "accesses", "money")
_CATALOGUE = ("accelerators", "profiles")


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
    def known_words(self) -> dict[str, tuple[tuple[Entity, ...], tuple[Any, ...]]]:
        """Kind -> entities, and what each of them is in the solver's words; see :meth:`said`."""
        return {}

    def with_parts(self, parts: Mapping[str, Any]) -> World:
        """The same world with some fields in place of its own, which are taken to be sound. What is the same object in both
        is said in the solver's words once."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in World.model_fields}
        other = World.model_construct(**{**fields, **parts})
        other.known_words.update(self.known_words)
        for name, made_of in (("network", _NETWORK), ("catalogue", _CATALOGUE)):
            if name in self.__dict__ and parts.keys().isdisjoint(made_of):
                other.__dict__[name] = self.__dict__[name]
        return other

    def said(self, kind: str) -> tuple[Any, ...]:
        """The entities of a kind in the solver's words."""
        entities: tuple[Entity, ...] = getattr(self, kind)
        was, values = self.known_words.get(kind, ((), ()))
        if was is not entities:
            known = {id(entity): value for entity, value in zip(was, values, strict=True)}
            values = tuple(known[id(entity)] if id(entity) in known else entity.solver() for entity in entities)
            self.known_words[kind] = entities, values
        return values

    @cached_property
    def network(self) -> Network:
        """The network in the solver's words."""
        nodes, links, sites, accesses = (self.said(kind) for kind in ("nodes", "links", "sites", "accesses"))
        return Network(nodes, links, sites, accesses, self.money.solver())

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue in the solver's words."""
        return Catalogue(self.said("accelerators"), self.said("profiles"))

    @cached_property
    def stored(self) -> dict[str, Workload]:
        """The stored workloads by id."""
        return {workload.id: workload for workload in self.workloads}

    def in_force(self, entered: Mapping[str, Workload] | None = None) -> Running:
        """What runs, as placements. `entered` are workloads given in place of the stored ones."""
        entry = {access.id: access.node for access in self.accesses}
        known = self.stored | dict(entered or {})
        entries = {name: entry[workload.access] for name, workload in known.items() if workload.access in entry}
        running = map(placement_of, self.running)
        return in_force(running, self.network, self.catalogue, entries)
