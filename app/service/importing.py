"""Whole documents in the place of what is stored: all of them together, in one transaction, or none.

All documents are judged before anything is written, as one world: what one of them names another may bring. What is stored
already is left alone to the row, so an import of what is there changes nothing: no generation, no event, no history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.clock import now_ms
from app.errors import Fault, InUse, UnknownReference, WouldEnd
from app.identity.caller import Caller
from app.schemas.documents import DOCUMENTS, named
from app.schemas.documents import one as one_of
from app.schemas.entities import Entity
from app.schemas.faults import FAULTS_TOLD
from app.schemas.importing import DocumentImported, Imported, many
from app.schemas.money import WON, Money
from app.service import lifecycle, recall
from app.service.cache import Cache
from app.service.entities import Precondition, check_generation, revised, same, states_of, tell_states
from app.service.money import check_free, money_of, put_money
from app.service.settling import Settled, settle
from app.store.port import Session
from app.store.records import AllocationChangeRow, ChangeRow
from app.world.soundness import check_sound

#: Document -> kind -> entities.
Documents = Mapping[str, Mapping[str, Sequence[Entity]]]


@dataclass(frozen=True, slots=True)
class _Difference:
    """What an import does to the entities of one kind: which are written, new or changed, and which are removed."""

    kind: str
    count: int
    added: list[Entity] = field(default_factory=list)
    changed: list[Entity] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def import_world(
    cache: Cache,
    caller: Caller,
    given: Documents,
    meant: Mapping[str, Precondition],
    fresh: bool = False,
    may_end: bool = False,
    kept_as: str | None = "import",
    money: Money | None = None,
) -> Imported:
    """Put documents in the place of what is stored, in one generation.

    Longer than a screen: by its parameters and errors.

    Parameters
    ----------
    given
        The documents; what is not among them stays, unless the import is `fresh`.
    meant
        Judges, by document, whether the caller means the version that is stored.
    fresh
        Whether nothing of what was stored stays, and all that is in force ends.
    may_end
        Whether what runs for workloads that are left out may end, short of a fresh import.
    kept_as
        What a backup is called that is made before; None for none.
    money
        What the network counts in; None as it does, and won after a fresh import.

    Raises
    ------
    StaleEntity
        If a document has been changed since the version that is meant.
    UnknownReference, Invalid
        If the documents name what does not exist, or contradict themselves or each other.
    InUse
        If something outside the documents names, or runs on, what they leave out; or has amounts that are counted in
        something else than the network is to count in.
    WouldEnd
        If something runs that would end, and may not.
    StoreFull
        If there is no room for the backup.

    Nothing is changed in any of these cases.
    """
    wanted = {name: given.get(name, {}) for name in DOCUMENTS if fresh or name in given}
    check_sound({kind: entities for kinds in given.values() for kind, entities in kinds.items()})
    with cache.worlds.writing(caller) as session:
        for name, precondition in meant.items():
            check_generation(session.generations.of(name), precondition)
        found = {
            name: [_difference(session, kind, wanted[name].get(kind, ())) for kind in DOCUMENTS[name]] for name in wanted
        }
        counted = None if "network" not in wanted else money or (WON if fresh else None)
        if counted == money_of(session):
            counted = None
        changed = [name for name, kinds in found.items() if any(kinds) or (name == "network" and counted is not None)]
        ends = fresh and (session.allocation.summary() is not None or bool(session.allocation.counts()))
        if not changed and not ends:
            return Imported.of(session.generations.now(), _counted(session, found), [])
        if counted is not None:
            check_free(session, counted, ends, wanted)
            put_money(session, counted, session.generations.now() + 1)
        return _put(cache, session, found, changed, ends, may_end, kept_as)


def replace_document(
    cache: Cache,
    caller: Caller,
    name: str,
    entities: Mapping[str, Sequence[Entity]],
    meant: Precondition,
    money: Money | None = None,
) -> int:
    """Put one document in the place of the stored one; the generation that last changed it. Raises what :func:`import_world`
    does."""
    made = import_world(cache, caller, {name: entities}, {name: meant}, may_end=True, kept_as=None, money=money)
    return made.documents[0].generation


def _put(
    cache: Cache,
    session: Session,
    found: Mapping[str, Sequence[_Difference]],
    changed: Sequence[str],
    ends: bool,
    may_end: bool,
    kept_as: str | None,
) -> Imported:
    """Carry out what an import does, as one generation."""
    generation = session.generations.now() + 1
    states = states_of(session) if "network" in changed else {}
    for difference in (one for kinds in found.values() for one in kinds):
        _write(session, difference, generation)
    _check_dangling(session, {kind for name in found for kind in DOCUMENTS[name]})
    runs = bool(session.allocation.counts())
    ended: list[tuple[str, int]] = []
    settled = Settled()
    if ends:
        ended = _end_all(session, generation)
    elif runs:
        settled = settle(cache, session, generation, changed)
        ended = [(row.decision.workload, row.decision.shard) for row in settled.gone if row.decision.node is not None]
        if ended and not may_end:
            raise _would_end(ended)
    touched = ends or settled.touched or (runs and "workloads" in changed)
    # Nobody else writes until this is committed, so the copy is of exactly what was there before.
    backup = None if kept_as is None else cache.store.backup(kept_as)
    copy = None if backup is None else backup.name
    detail = {"ended": len(ended), "backup": copy}
    lifecycle.advance(session, [*changed, *(["allocation"] if touched else [])], detail if ended or backup else None)
    settled.keep(session, generation)
    for ordinal, name in enumerate(changed):
        _note(session, generation, ordinal, name, found[name])
    for difference in found.get("network", ()):
        if difference.kind == "nodes":
            tell_states(session, generation, states, [*difference.added, *difference.changed], None, settled)
    return Imported.of(generation, _counted(session, found), ended, copy)


def _difference(session: Session, kind: str, entities: Iterable[Entity]) -> _Difference:
    stored = {body["id"]: body for body in session.entities.bodies(kind)}
    entities = list(entities)
    result = _Difference(kind, len(entities))
    for entity in entities:
        was = stored.pop(entity.id, None)
        if was is None:
            result.added.append(entity)
        elif not same(kind, was, entity.model_dump(mode="json")):
            result.changed.append(entity)
    result.removed.extend(stored)
    return result


def _write(session: Session, difference: _Difference, generation: int) -> None:
    kind, values = difference.kind, [*difference.added, *difference.changed]
    changed = [entity.id for entity in difference.changed]
    rows = revised(session, kind, values, generation, changed)
    session.entities.discard(kind, [*difference.removed, *changed])
    session.entities.put_all(
        rows,
        [(kind, value.id, target_kind, target) for value in values for target_kind, target in named(kind, value)],
    )


def _end_all(session: Session, generation: int) -> list[tuple[str, int]]:
    """Take everything out of force; the (workload, shard) of what ran."""
    rows = session.allocation.rows()
    summary = session.allocation.summary()
    replaced = {(row.decision.workload, row.decision.shard): recall.stood_as(row.decision) for row in rows}
    counts = {"ended": sum(row.decision.node is not None for row in rows)}
    recall.record(session, generation, replaced, counts, terms=None if summary is None else summary.terms)
    session.allocation.remove([row.key for row in rows])
    session.allocation.note(
        [
            AllocationChangeRow(
                generation, ordinal, row.decision.workload, row.decision.shard, "ended", row.decision.node, None
            )
            for ordinal, row in enumerate(rows)
        ]
    )
    session.allocation.clear_summary()
    return [(row.decision.workload, row.decision.shard) for row in rows if row.decision.node is not None]


def _would_end(ended: Sequence[tuple[str, int]]) -> WouldEnd:
    shards = Counter(workload for workload, _ in ended)
    fix = "add it to the workloads, or say that what runs may end (may_end)"
    faults = [
        Fault(f"workloads[{id}]", f"{many(count, 'shards')} of it {'run' if count > 1 else 'runs'}", fix=fix, code="in_use")
        for id, count in sorted(shards.items())[:FAULTS_TOLD]
    ]
    return WouldEnd(f"{many(len(ended), 'shards')} of {many(len(shards), 'workloads')} would end.", tuple(faults))


def _note(session: Session, generation: int, ordinal: int, name: str, kinds: Iterable[_Difference]) -> None:
    """Add to the history how many of each kind there were, and are."""
    before = {one.kind: one.count + len(one.removed) - len(one.added) for one in kinds}
    after = {one.kind: one.count for one in kinds}
    session.changes.note([ChangeRow(generation, ordinal, now_ms(), name, "*", "replaced", before, after, None)])


def _counted(session: Session, found: Mapping[str, Sequence[_Difference]]) -> list[DocumentImported]:
    return [
        DocumentImported(
            document=name,
            generation=session.generations.of(name),
            counts={one.kind: one.count for one in kinds},
            added={one.kind: len(one.added) for one in kinds if one.added},
            changed={one.kind: len(one.changed) for one in kinds if one.changed},
            removed={one.kind: len(one.removed) for one in kinds if one.removed},
        )
        for name, kinds in found.items()
    ]


def _check_dangling(session: Session, inside: set[str]) -> None:
    lost = session.entities.dangling(FAULTS_TOLD)
    own = [
        Fault(f"{kind}[{id}]", f"there is no {one_of(target_kind)} {target!r}", f"one of /v1/{target_kind}", code="unknown")
        for kind, id, target_kind, target in lost
        if kind in inside
    ]
    if own:
        raise UnknownReference(own[0].message, tuple(own))
    if lost:
        raise InUse(
            f"{one_of(lost[0][2]).capitalize()} {lost[0][3]!r} would be missing.",
            tuple(Fault(f"{kind}[{id}]", f"names {one_of(k)} {target!r}", code="in_use") for kind, id, k, target in lost),
        )
