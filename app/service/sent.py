"""Use cases from what a caller sent: a body is read and carried out in one place, and what comes back travels as it is.

They are called in the process that judges (:mod:`app.jobs.judge_pool`) or in a thread, never on an event loop.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from app.errors import Fault, Invalid
from app.identity.caller import Caller
from app.schemas.documents import DOCUMENTS, KINDS, PATCHES, document_in
from app.schemas.entities import Entity
from app.schemas.importing import ImportRequest
from app.schemas.reading import judged, parsed, read
from app.schemas.requests import ApplyRequest, PlanRequest, RestoreRequest, StateChange, VerifyRequest
from app.schemas.silences import WRITTEN, Silence
from app.service import applying, entities, importing, judging, plans, restoring
from app.service.cache import Cache
from app.service.entities import Precondition
from app.service.money import check_former
from app.service.promises import Promise
from app.store.port import Store
from app.store.records import EntityRow
from app.world.examining import examine
from app.world.silences import silences
from app.world.soundness import check_sound
from solver.facts.network import NodeState

Asked = TypeVar("Asked", bound=BaseModel)

#: The status of the answer to whoever created something.
CREATED_STATUS = 201


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """An entity as it is stored now: its id, the generation that last changed it, its revision, and itself as JSON."""

    id: str
    generation: int
    revision: int
    body: bytes


def create(cache: Cache, caller: Caller, kind: str, data: bytes, promise: Promise | None = None) -> StoredEntity:
    """Store a new entity, once, and say what is taken for zero.

    See :func:`app.service.entities.create` and :mod:`app.service.promises`.
    """
    entity = _read(cache.store, KINDS[kind], data)
    check_sound({kind: [entity]})
    with cache.store.writing(caller) as session:
        if promise is not None:
            promise.check(session)
        row = entities.created(session, kind, entity)
        kept = _told(kind, row, entity)
        if promise is not None:
            promise.keep(session, CREATED_STATUS, created_headers(kind, kept), kept.body)
        return kept


def created_headers(kind: str, kept: StoredEntity) -> dict[str, str]:
    """The headers of the answer to whoever created an entity."""
    return {"Location": f"/v1/{kind}/{kept.id}", **version_headers(kept)}


def version_headers(stored: StoredEntity | EntityRow) -> dict[str, str]:
    """The headers that tell which version of an entity an answer is of, and which generation made it."""
    return {"ETag": f'"{stored.revision}"', "Edgeplan-Generation": str(stored.generation)}


def change(cache: Cache, caller: Caller, kind: str, id: str, data: bytes, meant: Precondition) -> StoredEntity:
    """Change fields of an entity, and say what is taken for zero since. See :func:`app.service.entities.change`."""
    given = _read(cache.store, PATCHES[kind], data).model_dump(mode="json", exclude_unset=True)
    row = entities.change(cache, caller, kind, id, given, meant)
    kept = {name: value for name, value in row.body.items() if name not in given}
    said = kept | {name: value for name, value in given.items() if value is not None}
    return _told(kind, row, KINDS[kind].model_validate(said))


def set_state(cache: Cache, caller: Caller, id: str, state: NodeState, data: bytes, meant: Precondition) -> StoredEntity:
    """Let a node take work, drain it, or declare it failed. See :func:`app.service.entities.set_state`."""
    reason = read(StateChange, data).reason if data else None
    return _kept("nodes", entities.set_state(cache, caller, id, state, reason, meant))


def replace(cache: Cache, caller: Caller, name: str, data: bytes, meant: Precondition) -> tuple[int, tuple[Silence, ...]]:
    """Put a whole document in the place of the stored one; the generation that this makes, and what is taken for zero.

    See :func:`app.world.examining.examine` and :func:`app.service.importing.replace_document`.
    """
    former: set[str] = set()
    examined = examine({name: parsed(data, former)}, StoredIds(cache.store))
    refusal = examined.refusal()
    if refusal is not None:
        raise refusal
    check_former(cache.store, former, examined.money)
    generation = importing.replace_document(cache, caller, name, dict(examined.entities), meant, examined.money)
    return generation, examined.silences


def import_world(cache: Cache, caller: Caller, data: bytes) -> bytes:
    """Put documents in the place of what is stored, together, and say as JSON what became of them.

    See :func:`app.world.examining.examine` and :func:`app.service.importing.import_world`.
    """
    former: set[str] = set()
    value = parsed(data, former)
    given = value if isinstance(value, dict) else {}
    examined = examine(
        {name: given[name] for name in DOCUMENTS if isinstance(given.get(name), dict)},
        {} if given.get("fresh") is True else StoredIds(cache.store),
    )
    refusal = examined.refusal()
    if refusal is not None:
        raise refusal
    asked = judged(ImportRequest, value)
    check_former(cache.store, former, examined.money, asked.fresh)
    documents: dict[str, dict[str, Sequence[Entity]]] = {}
    for name, kinds in DOCUMENTS.items():
        document = getattr(asked, name)
        if document is not None:
            documents[name] = {kind: getattr(document, kind) for kind in kinds}
    meant = {str(name): partial(operator.eq, generation) for name, generation in asked.expected.items()}
    made = importing.import_world(cache, caller, documents, meant, asked.fresh, asked.may_end, money=examined.money)
    return made.model_copy(update={"warnings": examined.silences}).model_dump_json().encode()


class StoredIds(Mapping[str, Collection[str]]):
    """Kind -> the ids that are stored of it, read when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, kind: str) -> Collection[str]:
        with self._store.reading() as session:
            return entities.ids_of(session, kind)

    def __iter__(self) -> Iterator[str]:
        return iter((*KINDS, "models"))

    def __len__(self) -> int:
        return len(KINDS) + 1


def submit(
    cache: Cache,
    caller: Caller,
    data: bytes,
    id: str,
    default_seconds: float,
    max_seconds: float,
    most_waiting: int | None = None,
    promise: Promise | None = None,
) -> plans.PlanProgress:
    """Accept a request under an id that nobody else gives; accepting it once more changes nothing.

    See :func:`app.service.judging.check_request` and :func:`app.service.plans.submit`.
    """
    former: set[str] = set()
    value = parsed(data, former)
    _check_place(value)
    asked = judged(PlanRequest, value)
    check_former(cache.store, former)
    judging.check_request(cache, asked)
    seconds = min(asked.limits.seconds or default_seconds, max_seconds)
    return plans.submit(cache.store, caller, asked, seconds, id, most_waiting, promise)


def _read(store: Store, kind: type[Asked], data: bytes) -> Asked:
    """The value of a kind that a body says; see :func:`app.service.money.check_former`."""
    former: set[str] = set()
    said = read(kind, data, former=former)
    check_former(store, former)
    return said


def _check_place(value: Any) -> None:
    """Say of a whole document that was sent in the place of a request where it belongs, and nothing else of it."""
    found = document_in(value)
    if found is None:
        return
    document, field = found
    place = f"`PUT /v1/{document}`, or `edgeplan network import` and `POST /v1/import` with others"
    fault = Fault(
        field,
        f"belongs to the document {document!r}",
        f"a request: workloads or workload_ids, and terms; {place} takes it",
        code="misplaced",
    )
    raise Invalid(f"This is the document {document!r}, not a request for a plan. It belongs to {place}.", (fault,))


def verify(cache: Cache, data: bytes) -> bytes:
    """What the verifier says of a plan that nobody here made, as JSON. See :func:`app.service.judging.judge`."""
    return judging.judge(cache, _read(cache.store, VerifyRequest, data)).model_dump_json().encode()


def apply(cache: Cache, caller: Caller, id: str, data: bytes) -> bytes:
    """Make a plan the allocation, and say as JSON what that did. See :func:`app.service.applying.apply_plan`."""
    how = read(ApplyRequest, data) if data else ApplyRequest()
    return applying.apply_plan(cache, caller, id, how.on_stale, how.allow_not_operating).model_dump_json().encode()


def restore(
    cache: Cache, caller: Caller, generation: int | str, data: bytes, id: str, promise: Promise | None = None
) -> plans.PlanProgress:
    """Make a plan of what ran. See :func:`app.service.restoring.restore`; any other generation than a number is the one in
    which a plan was applied last."""
    asked = read(RestoreRequest, data) if data else RestoreRequest()
    of = generation if isinstance(generation, int) else restoring.last_applied(cache.store)
    return restoring.restore(cache, caller, of, asked, id, promise)


def _told(kind: str, row: EntityRow, said: Entity) -> StoredEntity:
    """What is stored, with warnings of what was not said."""
    made = WRITTEN[kind].model_validate({**row.body, "warnings": silences({kind: [said]})})
    return StoredEntity(row.id, row.generation, row.revision, made.model_dump_json().encode())


def _kept(kind: str, row: EntityRow) -> StoredEntity:
    body = KINDS[kind].model_validate(row.body).model_dump_json().encode()
    return StoredEntity(row.id, row.generation, row.revision, body)
