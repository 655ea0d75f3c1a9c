"""Use cases from what a caller sent: a body is read and carried out in one place, and what comes back travels as it is.

They are called in the process that judges (:mod:`app.jobs.desk`) or in a thread, never on an event loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.schemas.documents import KINDS, PATCHES
from app.schemas.examining import examine
from app.schemas.reading import parsed, read
from app.schemas.requests import ApplyRequest, PlanRequest, StateChange, VerifyRequest
from app.schemas.silences import CREATED, Silence, silences
from app.schemas.soundness import check_sound
from app.service import applying, entities, judging, plans
from app.service.entities import Precondition
from app.service.promises import Promise
from app.store.port import Store
from app.store.records import EntityRow
from solver.problem import NodeState

#: The status of the answer to whoever created something.
CREATED_STATUS = 201


@dataclass(frozen=True, slots=True)
class Kept:
    """An entity as it is stored now: its id, the generation that last changed it, and itself as JSON."""

    id: str
    generation: int
    body: bytes


def create(store: Store, kind: str, data: bytes, promise: Promise | None = None) -> Kept:
    """Store a new entity, once, and say what is taken for zero.

    See :func:`app.service.entities.create` and :mod:`app.service.promises`.
    """
    entity = read(KINDS[kind], data)
    check_sound({kind: [entity]})
    with store.writing() as session:
        if promise is not None:
            promise.check(session)
        row = entities.created(session, kind, entity)
        made = CREATED[kind].model_validate({**row.body, "warnings": silences({kind: [entity]})})
        kept = Kept(row.id, row.generation, made.model_dump_json().encode())
        if promise is not None:
            promise.keep(session, CREATED_STATUS, created_headers(kind, kept), kept.body)
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


def replace(store: Store, name: str, data: bytes, meant: Precondition) -> tuple[int, tuple[Silence, ...]]:
    """Put a whole document in the place of the stored one; the generation that this makes, and what is taken for zero.

    See :func:`app.schemas.examining.examine` and :func:`app.service.entities.replace_document`.
    """
    examined = examine({name: parsed(data)}, StoredIds(store))
    refusal = examined.refusal()
    if refusal is not None:
        raise refusal
    return entities.replace_document(store, name, dict(examined.entities), meant), examined.silences


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
