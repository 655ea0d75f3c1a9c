"""Networks that do not exist: what is stored, with the differences of a what-if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from app.errors import UnknownReference
from app.schemas.documents import one
from app.schemas.entities import plain
from app.schemas.naming import unknown
from app.schemas.requests import AccessWhatIf, LinkWhatIf, NodeWhatIf, WhatIf
from solver.facts.network import Access, Link, Network, Node

Known = TypeVar("Known", Node, Link, Access)


def imagine(network: Network, what_if: WhatIf) -> Network:
    """The network with the differences of a what-if.

    Raises
    ------
    UnknownReference
        If the what-if names a node, link or access that is not in the network.
    """
    return replace(
        network,
        nodes=_differ(network.nodes, what_if.nodes, "nodes"),
        links=_differ(network.links, what_if.links, "links"),
        accesses=_differ(network.accesses, what_if.accesses, "accesses"),
    )


def _differ(
    entities: tuple[Known, ...], changes: Sequence[NodeWhatIf | LinkWhatIf | AccessWhatIf], kind: str
) -> tuple[Known, ...]:
    """The entities, with the fields that the changes give in place of theirs."""
    by_id = {entity.id: entity for entity in entities}
    for place, change in enumerate(changes):
        name = change.id
        if name not in by_id:
            fault = unknown(f"what_if.{kind}[{place}].id", one(kind), name, by_id.keys(), f"/v1/{kind}")
            raise UnknownReference(f"{fault.message[0].upper()}{fault.message[1:]}.", (fault,))
        fields = {field: getattr(change, field) for field in type(change).model_fields if field != "id"}
        given = {field: plain(value) for field, value in fields.items() if value is not None}
        by_id[name] = replace(by_id[name], **given)
    return tuple(by_id.values())
