"""The first start: the reference network into an empty store, and its request asked once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from app.schemas.documents import (
    CatalogueDocument,
    NetworkDocument,
    PoliciesDocument,
    WorkloadsDocument,
)
from app.schemas.entities import Entity, Provenance
from app.schemas.requests import PlanRequest, SolveLimits, Terms
from app.schemas.wire import Wire
from app.service.importing import import_world
from app.service.plans import submit
from app.store.port import Store

#: The documents in the order in which they can name each other.
_ORDER = ("catalogue", "network", "policies", "workloads")


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
        done = [name for name in _ORDER if session.generations.of(name)]
        newest = session.generations.now()
        plans = session.plans.counts()
    # All documents are stored in one generation; older versions made one for each, and could be interrupted between them.
    whole = len(done) == len(_ORDER) and newest == 1
    if done != list(_ORDER[: len(done)]) or (newest != len(done) and not whole) or plans:
        return None
    request = ReferenceRequest.model_validate_json((folder / "request.json").read_bytes())
    network = NetworkDocument.model_validate_json((folder / "network.json").read_bytes())
    catalogue = CatalogueDocument.model_validate_json((folder / "catalogue.json").read_bytes())
    policies = PoliciesDocument.model_validate_json((folder / "policies.json").read_bytes())
    documents: dict[str, dict[str, Sequence[Entity]]] = {
        "catalogue": {"accelerators": catalogue.accelerators, "profiles": catalogue.profiles},
        "network": {
            "nodes": network.nodes,
            "links": network.links,
            "sites": network.sites,
            "accesses": network.accesses,
        },
        "policies": {"policies": policies.policies},
        "workloads": {"workloads": request.workloads},
    }
    import_world(store, documents, {}, kept_as=None)
    asked = submit(
        store,
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
