"""The first start: the reference network into an empty store, and its request asked once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from app.errors import Invalid
from app.exchange import json_documents
from app.identity.caller import LOCAL
from app.schemas.documents import DOCUMENTS, WorkloadsDocument
from app.schemas.entities import Entity, Provenance
from app.schemas.money import Money
from app.schemas.requests import PlanRequest, SolveLimits, Terms
from app.schemas.wire import Wire
from app.service.cache import Cache
from app.service.importing import import_world
from app.service.plans import submit
from app.store.port import Store
from app.world.examining import examine

#: The documents and their files, in the order in which they can name each other.
_FILES = {"catalogue": "catalogue.json", "network": "network.json", "policies": "policies.json", "workloads": "request.json"}


class ReferenceRequest(WorkloadsDocument):
    """The file of the reference request: its workloads, and its terms."""

    terms: Terms
    provenance: tuple[Provenance, ...] = ()


class Loaded(Wire):
    """What the first start has done."""

    counts: dict[str, int] = Field(description="How many of each kind were loaded.")
    plan: str | None = Field(description="The plan asked for; null if it had been asked for before.")


def load_reference(store: Store, folder: Path, seconds: float) -> Loaded | None:
    """Load the reference data into a store that holds nothing, and ask for a plan of all its workloads.

    A load that was interrupted is taken up where it stopped. A store that holds anything else is left alone.

    Returns
    -------
    What was loaded and asked; None where the store was not empty.
    """
    with store.reading() as session:
        done = [name for name in _FILES if session.generations.of(name)]
        newest = session.generations.now()
        plans = session.plans.counts()
    # All documents are stored in one generation; older versions made one for each, and could be interrupted between them.
    whole = len(done) == len(_FILES) and newest == 1
    if done != list(_FILES)[: len(done)] or (newest != len(done) and not whole) or plans:
        return None
    entities, money = _read(folder)
    request = ReferenceRequest.model_validate_json((folder / "request.json").read_bytes())
    documents = {name: {kind: entities[kind] for kind in DOCUMENTS[name]} for name in _FILES}
    import_world(Cache.of(store), LOCAL, documents, {}, kept_as=None, money=money)
    asked = submit(
        store,
        LOCAL,
        PlanRequest(
            name="reference",
            note="The reference request, asked at the first start.",
            workload_ids=tuple(workload.id for workload in request.workloads),
            terms=request.terms,
            limits=SolveLimits(seconds=seconds),
        ),
        seconds,
    )
    counts = {kind: len(values) for kinds in documents.values() for kind, values in kinds.items()}
    return Loaded(counts=counts, plan=asked.row.id)


def _read(folder: Path) -> tuple[dict[str, tuple[Entity, ...]], Money | None]:
    """Kind -> the entities in the files of a folder; and what its network counts money in.

    Raises
    ------
    Invalid
        If the files cannot be read, or are not sound.
    """
    documents: dict[str, Mapping[str, Any]] = {}
    for file in _FILES.values():
        reading = json_documents.read((folder / file).read_bytes())
        if reading.faults:
            raise Invalid(f"{file} cannot be read: {reading.faults[0].message}.", reading.faults)
        documents |= reading.documents
    examined = examine(documents)
    refusal = examined.refusal()
    if refusal is not None:
        raise refusal
    return examined.entities, examined.money
