"""Use cases from what a caller sent: a body is read and carried out in one place, and what comes back travels as it is.

They are called in the process that judges (:mod:`app.jobs.desk`) or in a thread, never on an event loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.schemas.documents import (
    DOCUMENTS,
    KINDS,
    PATCHES,
    CatalogueDocument,
    NetworkDocument,
    PoliciesDocument,
    WorkloadsDocument,
)
from app.schemas.reading import read
from app.schemas.requests import ApplyRequest, PlanRequest, StateChange, VerifyRequest
from app.schemas.soundness import check_sound
from app.schemas.wire import Wire
from app.service import applying, entities, judging, plans
from app.service.entities import Precondition
from app.service.promises import Promise
from app.store.port import Store
from app.store.records import EntityRow
from solver.problem import NodeState

#: The status of the answer to whoever created something.
CREATED = 201
#: Document -> what says it.
DOCUMENT_MODELS: dict[str, type[Wire]] = {
    "network": NetworkDocument,
    "catalogue": CatalogueDocument,
    "policies": PoliciesDocument,
    "workloads": WorkloadsDocument,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An entity as it is stored now: its id, the generation that last changed it, and itself as JSON."""

    id: str
    generation: int
    body: bytes


def create(store: Store, kind: str, data: bytes, promise: Promise | None = None) -> Kept:
    """Store a new entity, once. See :func:`app.service.entities.create` and :mod:`app.service.promises`."""
    entity = read(KINDS[kind], data)
    check_sound({kind: [entity]})
    with store.writing() as session:
        if promise is not None:
            promise.check(session)
        kept = _kept(kind, entities.created(session, kind, entity))
        if promise is not None:
            promise.keep(session, CREATED, created_headers(kind, kept), kept.body)
        return kept


def created_headers(kind: str, kept: Kept) -> dict[str, str]:
    """The headers of the answer to whoever created an entity."""
    return {"Location": f"/v1/{kind}/{kept.id}", "ETag": f'"{kept.generation}"'}


def change(store: Store, kind: str, id: str, data: bytes, meant: Precondition) -> Kept:
    """Change fields of an entity. See :func:`app.service.entities.change`."""
    given = read(PATCHES[kind], data).model_dump(mode="json", exclude_unset=True)
    return _kept(kind, entities.change(store, kind, id, given, meant))


def set_state(store: Store, id: str, state: NodeState, data: bytes, meant: Precondition) -> Kept:
    """Let a node take work, drain it, or declare it failed. See :func:`app.service.entities.set_state`."""
    reason = read(StateChange, data).reason if data else None
    return _kept("nodes", entities.set_state(store, id, state, reason, meant))


def replace(store: Store, name: str, data: bytes, meant: Precondition) -> int:
    """Put a whole document in the place of the stored one, and answer the generation that this makes.

    See :func:`app.service.entities.replace_document`.
    """
    document = read(DOCUMENT_MODELS[name], data)
    return entities.replace_document(store, name, {kind: getattr(document, kind) for kind in DOCUMENTS[name]}, meant)


def submit(
    store: Store,
    data: bytes,
    id: str,
    default_seconds: float,
    max_seconds: float,
    most_waiting: int | None = None,
    promise: Promise | None = None,
) -> plans.Seen:
    """Accept a request under an id that nobody else gives; accepting it once more changes nothing.

    See :func:`app.service.judging.check_request` and :func:`app.service.plans.submit`.
    """
    asked = read(PlanRequest, data)
    judging.check_request(store, asked)
    seconds = min(asked.limits.seconds or default_seconds, max_seconds)
    return plans.submit(store, asked, seconds, id, most_waiting, promise)


def verify(store: Store, data: bytes) -> bytes:
    """What the verifier says of a plan that nobody here made, as JSON. See :func:`app.service.judging.judge`."""
    return judging.judge(store, read(VerifyRequest, data)).model_dump_json().encode()


def apply(store: Store, id: str, data: bytes) -> bytes:
    """Make a plan the allocation, and say as JSON what that did. See :func:`app.service.applying.apply_plan`."""
    how = read(ApplyRequest, data) if data else ApplyRequest()
    return applying.apply_plan(store, id, how.on_stale, how.allow_not_operating).model_dump_json().encode()


def _kept(kind: str, row: EntityRow) -> Kept:
    return Kept(row.id, row.generation, KINDS[kind].model_validate(row.body).model_dump_json().encode())
