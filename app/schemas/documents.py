"""Whole documents: the network, the catalogue, the policies and the workloads, as files and as bodies.

A file of `data/reference` is a valid body, and what `GET /v1/network` answers can be sent back as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from app.schemas.entities import Accelerator, Access, Current, Entity, Link, Node, Policy, Profile, Site, Workload
from app.schemas.money import Money
from app.schemas.wire import FORMAT, Text, Wire, Word

Format = Annotated[Literal["edgeplan/1"], Field(description="Version of the document's form.")]


class NetworkDocument(Wire):
    """A whole network: its nodes, the links between them, the demand sites and their accesses."""

    format: Format = FORMAT
    name: Word | None = None
    money: Money | None = Field(default=None, description="Null: as the stored network, which counts in won at first.")
    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()
    sites: tuple[Site, ...] = ()
    accesses: tuple[Access, ...] = ()


class CatalogueDocument(Wire):
    """Everything a node can be made of and how fast models run on it."""

    format: Format = FORMAT
    name: Word | None = None
    accelerators: tuple[Accelerator, ...]
    profiles: tuple[Profile, ...]


class PoliciesDocument(Wire):
    """All policies."""

    format: Format = FORMAT
    name: Word | None = None
    policies: tuple[Policy, ...]


class WorkloadsDocument(Wire):
    """All stored workloads."""

    format: Format = FORMAT
    name: Word | None = None
    workloads: tuple[Workload, ...]
    note: Text | None = None


#: Kind of entity -> its wire model. The kinds are also the names of the collections under `/v1`.
KINDS: dict[str, type[Entity]] = {
    "nodes": Node,
    "links": Link,
    "sites": Site,
    "accesses": Access,
    "accelerators": Accelerator,
    "profiles": Profile,
    "policies": Policy,
    "workloads": Workload,
}

#: Document -> the kinds that it holds.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "network": ("nodes", "links", "sites", "accesses"),
    "catalogue": ("accelerators", "profiles"),
    "policies": ("policies",),
    "workloads": ("workloads",),
}

#: Document -> its wire model.
MODELS: dict[str, type[Wire]] = {
    "network": NetworkDocument,
    "catalogue": CatalogueDocument,
    "policies": PoliciesDocument,
    "workloads": WorkloadsDocument,
}

#: Kind -> the document that it belongs to.
DOCUMENT_OF = {kind: document for document, kinds in DOCUMENTS.items() for kind in kinds}


def document_in(value: Any) -> tuple[str, str] | None:
    """Which whole document some JSON is that was sent as a request, and by which of its fields; None where it is none.

    Workloads stand in a request, too, and what has terms is one, however odd.
    """
    if not isinstance(value, dict) or "terms" in value:
        return None
    found = ((name, kind) for name, kinds in DOCUMENTS.items() if name != "workloads" for kind in kinds)
    return next(((name, kind) for name, kind in found if isinstance(value.get(kind), list)), None)


def one(kind: str) -> str:
    """What one of a kind is called."""
    return {"accesses": "access", "policies": "policy"}.get(kind, kind[:-1])


def references(kind: str, entity: BaseModel) -> Iterable[tuple[str, str, str]]:
    """Each entity that `entity` names, as (field, kind, id); `models` stands for a model of the catalogue."""
    value: Any = entity
    if kind == "nodes":
        if value.site is not None:
            yield "site", "sites", value.site
        for place, pool in enumerate(value.pools):
            yield f"pools[{place}].accelerator", "accelerators", pool.accelerator
    elif kind == "links":
        yield "source", "nodes", value.source
        yield "target", "nodes", value.target
    elif kind == "accesses":
        yield "site", "sites", value.site
        yield "node", "nodes", value.node
    elif kind == "profiles":
        if value.accelerator is not None:
            yield "accelerator", "accelerators", value.accelerator
    elif kind == "workloads":
        yield "access", "accesses", value.access
        yield "policy", "policies", value.policy
        yield "model", "models", value.model
        for shard, here in enumerate(value.current):
            if isinstance(here, Current):
                yield f"current[{shard}].node", "nodes", here.node
                yield f"current[{shard}].profile", "profiles", here.profile
                for hop, link in enumerate(here.route):
                    yield f"current[{shard}].route[{hop}]", "links", link
            elif here:
                yield f"current[{shard}]", "nodes", here


def named(kind: str, entity: BaseModel) -> Iterable[tuple[str, str]]:
    """What the store indexes an entity under, as (kind, id): all it names, and the model that a profile runs."""
    yield from dict.fromkeys((target_kind, target) for _, target_kind, target in references(kind, entity))
    if kind == "profiles":
        yield "models", entity.model  # type: ignore[attr-defined]


def _patch_of(entity: type[Entity]) -> type[Wire]:
    """The model of a merge patch for `entity`: every field but the id may be given, null resets it."""
    changed: dict[str, Any] = {
        name: (field.rebuild_annotation() | None, Field(default=None, description=field.description))
        for name, field in entity.model_fields.items()
        if name != "id"
    }
    model: type[Wire] = create_model(
        f"{entity.__name__}Patch",
        __base__=Wire,
        __doc__=f"The fields of a {entity.__name__.lower()} to change; null sets one back to its default.",
        **changed,
    )
    return model


#: Kind of entity -> the model of a change to one.
PATCHES: dict[str, type[Wire]] = {kind: _patch_of(model) for kind, model in KINDS.items()}
