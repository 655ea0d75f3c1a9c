"""What operators do: keep the network, the catalogue, the policies and the workloads as they are.

Every change is one transaction that makes the next generation, notes what was before and after, and leaves no
reference that leads nowhere. The same transaction says of what runs whether it is still as promised
(:mod:`app.service.standing`); what would lose the ground on which something runs is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.clock import now_ms
from app.errors import Exists, Fault, InUse, Invalid, NotFound, StaleEntity, UnknownReference
from app.identity.caller import Caller
from app.schemas.documents import DOCUMENT_OF, DOCUMENTS, KINDS, named, references
from app.schemas.documents import one as _one
from app.schemas.entities import Entity, Node
from app.schemas.faults import FAULTS_TOLD, all_worded
from app.schemas.naming import Names, unknown
from app.service import lifecycle
from app.service.cache import Cache
from app.service.money import money_of
from app.service.settling import Settled, settle
from app.store.port import Session, Store
from app.store.records import Body, ChangeRow, EntityRow, PageQuery
from app.world.soundness import check_sound
from solver.facts.network import NodeState

#: Judges whether the caller means the version that is stored: of an entity by its revision, of a document by the generation
#: that last changed it.
Precondition = Callable[[int], bool]


def read(store: Store, kind: str, id: str) -> EntityRow:
    """One entity."""
    with store.reading() as session:
        return _present(session, kind, id)


def listed(store: Store, kind: str, cut: PageQuery) -> list[EntityRow]:
    """A page of entities of a kind."""
    with store.reading() as session:
        return session.entities.page(kind, cut)


def create(store: Store, caller: Caller, kind: str, entity: Entity) -> EntityRow:
    """Store a new entity.

    Raises
    ------
    Exists
        If the id is taken.
    UnknownReference, Invalid
        If it names what does not exist, or contradicts itself.
    """
    check_sound({kind: [entity]})
    with store.writing(caller) as session:
        return created(session, kind, entity)


def created(session: Session, kind: str, entity: Entity) -> EntityRow:
    """Store a new entity that is sound. See :func:`create`."""
    if session.entities.get(kind, entity.id) is not None:
        raise Exists(f"There is already a {_one(kind)} {entity.id!r}.")
    check_known(session, kind, [entity])
    generation = lifecycle.advance(session, [DOCUMENT_OF[kind]])
    (row,) = keep(session, kind, [entity], generation, "created", {}, None)
    tell_states(session, generation, {}, [entity], None, Settled())
    return row


def change(cache: Cache, caller: Caller, kind: str, id: str, given: Mapping[str, Any], meant: Precondition) -> EntityRow:
    """Change the given fields of an entity; null sets one back to its default."""
    return _rewrite(cache, caller, kind, id, given, meant, "changed", None)


def set_state(cache: Cache, caller: Caller, id: str, state: NodeState, reason: str | None, meant: Precondition) -> EntityRow:
    """Let a node take work, drain it, or declare it failed. What runs there is disturbed unless the node takes work."""
    return _rewrite(cache, caller, "nodes", id, {"state": str(state)}, meant, str(state), reason)


def delete(cache: Cache, caller: Caller, kind: str, id: str, meant: Precondition) -> int:
    """Forget an entity, and return the generation that this makes. A workload that runs is ended.

    Raises
    ------
    InUse
        If something names it, or runs on it.
    """
    with cache.worlds.writing(caller) as session:
        row = _present(session, kind, id)
        check_revision(row, meant)
        users = session.entities.named_by(kind, id, 10)
        if users:
            raise InUse(
                f"{_one(kind).capitalize()} {id!r} is named by others.",
                tuple(Fault(f"{user_kind}[{user}]", "names it", code="in_use") for user_kind, user in users),
            )
        concerned = _concerns(session, kind, id)
        session.entities.delete(kind, id)
        if kind == "profiles":
            _check_models(session)
        generation, found = _advance(cache, session, DOCUMENT_OF[kind], concerned)
        session.changes.note([ChangeRow(generation, 0, now_ms(), kind, id, "deleted", row.body, None, None)])
        found.keep(session, generation)
        return generation


def document(store: Store, name: str) -> tuple[int, dict[str, Any]]:
    """A whole document: the generation that last changed it, the bodies of its kinds, and what it counts money in."""
    with store.reading() as session:
        bodies: dict[str, Any] = {kind: list(session.entities.bodies(kind)) for kind in DOCUMENTS[name]}
        if name == "network":
            bodies["money"] = money_of(session)
        return session.generations.of(name), bodies


def keep(
    session: Session,
    kind: str,
    entities: Sequence[Entity],
    generation: int,
    action: str,
    before: Mapping[str, Body],
    note: str | None,
) -> list[EntityRow]:
    """Store entities of a kind as part of a generation that has begun, and note them in the history.

    `before` has by id what is stored of those that are not new.
    """
    rows = revised(session, kind, entities, generation, list(before))
    session.entities.discard(kind, list(before))
    session.entities.put_all(rows, [(kind, entity.id, *name) for entity in entities for name in named(kind, entity)])
    at = now_ms()
    session.changes.note(
        ChangeRow(generation, ordinal, at, kind, row.id, action, before.get(row.id), row.body, note, row.revision)
        for ordinal, row in enumerate(rows)
    )
    return rows


def revised(
    session: Session, kind: str, entities: Iterable[Entity], generation: int, stored: Sequence[str]
) -> list[EntityRow]:
    """Entities of a kind as the rows that a generation makes of them; `stored` are the ids of those that are not new, which
    are there still.

    A new entity begins with the generation as its revision. Since no generation changes an entity twice, the revisions of an
    id stay below its next creation.
    """
    held = session.entities.revisions(kind, stored)
    return [
        EntityRow(
            kind,
            entity.id,
            generation,
            held[entity.id] + 1 if entity.id in held else generation,
            entity.model_dump(mode="json"),
        )
        for entity in entities
    ]


def check_known(session: Session, kind: str, entities: Iterable[Entity]) -> None:
    """Refuse entities that name something that is not stored."""
    named: dict[str, list[tuple[str, str]]] = {}
    for entity in entities:
        for field, target_kind, target in references(kind, entity):
            named.setdefault(target_kind, []).append((field, target))
    faults: list[Fault] = []
    for target_kind, targets in named.items():
        existing = session.entities.existing(target_kind, {target for _, target in targets})
        absent = [(field, target) for field, target in targets if target not in existing]
        if absent:
            known = Names(ids_of(session, target_kind))
            faults += [unknown(field, _one(target_kind), target, known, _where(target_kind)) for field, target in absent]
    if faults:
        raise UnknownReference(f"{faults[0].message[0].upper()}{faults[0].message[1:]}.", tuple(faults[:FAULTS_TOLD]))


def ids_of(session: Session, kind: str) -> list[str]:
    """The ids that there are of a kind; of `models` the models that profiles run."""
    if kind == "models":
        return [body["model"] for body in session.entities.bodies("profiles")]
    return [body["id"] for body in session.entities.bodies(kind)]


def _where(kind: str) -> str:
    """Where what there is of a kind can be looked up."""
    return "/v1/profiles" if kind == "models" else f"/v1/{kind}"


def _rewrite(
    cache: Cache,
    caller: Caller,
    kind: str,
    id: str,
    given: Mapping[str, Any],
    meant: Precondition,
    action: str,
    note: str | None,
) -> EntityRow:
    with cache.worlds.writing(caller) as session:
        row = _present(session, kind, id)
        check_revision(row, meant)
        merged = {name: value for name, value in {**row.body, **given}.items() if value is not None}
        try:
            entity = KINDS[kind].model_validate(merged)
        except ValidationError as error:
            faults = tuple(all_worded(error.errors(include_url=False), KINDS[kind]))
            raise Invalid(f"The {_one(kind)} would not be valid.", faults) from error
        if same(kind, row.body, entity.model_dump(mode="json")):
            return row
        check_sound({kind: [entity]}, KINDS[kind].model_validate(row.body))
        check_known(session, kind, [entity])
        differs = entity.solver() != KINDS[kind].model_validate(row.body).solver()
        generation = session.generations.now() + 1
        (changed,) = keep(session, kind, [entity], generation, action, {id: row.body}, note)
        if kind == "profiles":
            _check_models(session)
        _, found = _advance(cache, session, DOCUMENT_OF[kind], differs and _concerns(session, kind, id))
        found.keep(session, generation)
        if kind == "nodes":
            tell_states(session, generation, {id: row.body["state"]}, [entity], note, found)
        return changed


def _runs(session: Session) -> bool:
    """Whether anything is in force."""
    return bool(session.allocation.counts())


def _concerns(session: Session, kind: str, id: str) -> bool:
    """Whether what is in force might depend on an entity."""
    if kind == "nodes":
        return session.allocation.runs_on(id) > 0
    if kind == "workloads":
        return bool(session.allocation.rows(id))
    return _runs(session)


def _advance(cache: Cache, session: Session, document: str, concerned: bool) -> tuple[int, Settled]:
    """Begin the generation of a change of a document that the session has written; and what the change does to what is in
    force, if that is `concerned`."""
    generation = session.generations.now() + 1
    found = settle(cache, session, generation, [document]) if concerned else Settled()
    # A fleet that is in force is part of the allocation, whatever its rows say of it.
    touched = found.touched or (concerned and document == "workloads")
    return lifecycle.advance(session, [document, *(["allocation"] if touched else [])]), found


def _present(session: Session, kind: str, id: str) -> EntityRow:
    row = session.entities.get(kind, id)
    if row is None:
        raise NotFound(f"There is no {_one(kind)} {id!r}.")
    return row


def same(kind: str, stored: Body, given: Body) -> bool:
    """Whether a document says what is stored, which an older version may have written in fewer words."""
    if stored == given:
        return True
    try:
        return KINDS[kind].model_validate(stored).model_dump(mode="json") == given
    except ValidationError:
        # What could not be given like this today differs from whatever can.
        return False


def check_revision(row: EntityRow, meant: Precondition) -> None:
    """Refuse a change of another version of an entity than the caller means.

    Raises
    ------
    StaleEntity
        If its revision is not one that is meant.
    """
    if not meant(row.revision):
        raise StaleEntity(
            f"Its revision is {row.revision}, made in generation {row.generation}; If-Match names another. Read it again."
        )


def check_generation(generation: int, meant: Precondition) -> None:
    """Refuse a change of another version of a document than the caller means.

    Raises
    ------
    StaleEntity
        If the generation that last changed it is not one that is meant.
    """
    if not meant(generation):
        raise StaleEntity(
            f"It was last changed in generation {generation}, which is not what If-Match names. Read it again."
        )


def _check_models(session: Session) -> None:
    lost = [row for row in session.entities.dangling(10) if row[2] == "models"]
    if lost:
        raise InUse(
            f"No profile would be left that runs model {lost[0][3]!r}.",
            tuple(Fault(f"workloads[{id}].model", "runs it", code="in_use") for _, id, _, _ in lost),
        )


def states_of(session: Session) -> dict[str, str]:
    """Node -> its state."""
    return {node["id"]: node["state"] for node in session.entities.bodies("nodes")}


def tell_states(
    session: Session,
    generation: int,
    before: dict[str, str],
    nodes: Sequence[Entity],
    reason: str | None,
    found: Settled,
) -> None:
    """Tell of the nodes whose state is another one than `before`. A node that was not there is taken for active."""
    changed = [node for node in nodes if isinstance(node, Node) and node.state != before.get(node.id, NodeState.ACTIVE)]
    if not changed:
        return
    disturbed = Counter(node for node, status in session.allocation.columns(("node", "status")) if status == "disturbed")
    restored = Counter(row.node for row in found.restored)
    for node in changed:
        lifecycle.node_changed(session, generation, node.id, node.state, disturbed[node.id], restored[node.id], reason)
