"""Whole documents judged together: every fault of all of them at once, and what they leave unsaid.

Pure: neither the service's doors nor the command line's check of files say anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from app.errors import Fault, Invalid, UnknownReference
from app.schemas.documents import DOCUMENT_OF, DOCUMENTS, KINDS, MODELS, one, references
from app.schemas.entities import Entity
from app.schemas.expecting import WHOLE, path
from app.schemas.faults import FAULTS_TOLD
from app.schemas.money import WON, Money, former_faults
from app.schemas.naming import Names, shown, unknown
from app.schemas.reading import judged
from app.schemas.silences import Silence
from app.world.silences import silences
from app.world.soundness import contradictions, objections

#: Faults after which no more are looked for: how many there are is then told as "more than".
FAULTS_COUNTED = 10_000

#: Kind -> the ids that there are of it beside the documents. `models` stands for the models that profiles run.
Known = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What some documents come to.

    Attributes
    ----------
    entities
        Kind -> its entities, for every kind of the documents; whole only where there are no faults.
    faults
        The first faults, in the order of the documents, each with its document, its place and the id of the entity.
    more, uncounted
        How many more faults there are; whether it was given up to count them.
    broken
        Whether any fault is more than a reference to what does not exist.
    money
        What the network says that it counts in.
    silences
        What is taken for zero since nobody has said it.
    """

    entities: dict[str, tuple[Entity, ...]]
    faults: tuple[Fault, ...]
    more: int
    uncounted: bool
    broken: bool
    silences: tuple[Silence, ...]
    money: Money | None = None

    def refusal(self) -> Invalid | None:
        """The error that refuses the documents; None if nothing is wrong with them."""
        if not self.faults:
            return None
        count = len(self.faults) + self.more
        what = "There is one fault" if count == 1 else f"There are {'more than ' if self.uncounted else ''}{count:,} faults"
        told = f"; told are the first {len(self.faults):,}" if self.more else ""
        kind = Invalid if self.broken else UnknownReference
        return kind(f"{what}{told}. Nothing was changed.", self.faults)


def examine(
    documents: Mapping[str, Any], known: Known | None = None, most: int = FAULTS_TOLD, former: Collection[str] = ()
) -> Examined:
    """Judge documents together.

    Parameters
    ----------
    documents
        Document (`network`, `catalogue`, `policies`, `workloads`) -> what its file says, as parsed from JSON.
    known
        What there is beside the documents, and stays: a reference to it leads somewhere.
    most
        How many faults are told.
    former
        The former names of fields that the documents used: faults, where the network counts in something else than won.
    """
    found = _Found()
    given = [name for name in DOCUMENTS if name in documents]
    for name in given:
        _read(name, documents[name], found)
    for kind in (kind for name in given for kind in DOCUMENTS[name]):
        _twice(kind, found)
    entities = {kind: tuple(entity for _, entity in values) for kind, values in found.entities.items()}
    _sound(entities, found)
    _lead_somewhere(given, known or {}, found)
    for fault in former_faults(former, found.money or WON):
        found.add(None, "network", -1, fault)
    ordered = sorted(found.faults, key=lambda one: one[0])
    return Examined(
        entities=entities,
        faults=tuple(fault for _, fault in ordered[:most]),
        more=max(0, len(ordered) - most) + found.untold,
        uncounted=found.full,
        broken=found.broken,
        silences=() if ordered else silences(entities),
        money=found.money,
    )


#: Where a fault stands: document, kind, place, and how late it was found.
_Order = tuple[int, int, int, int]


@dataclass
class _Found:
    """What has been found so far. `at` is the place of each entity by its identity."""

    entities: dict[str, list[tuple[int, Entity]]] = field(default_factory=dict)
    named: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[tuple[_Order, Fault]] = field(default_factory=list)
    broken: bool = False
    untold: int = 0
    money: Money | None = None

    @property
    def full(self) -> bool:
        return len(self.faults) + self.untold >= FAULTS_COUNTED

    def add(self, kind: str | None, document: str, place: int, fault: Fault, reference: bool = False) -> None:
        kinds = list(KINDS)
        order = (list(DOCUMENTS).index(document), kinds.index(kind) if kind else -1, place, len(self.faults))
        self.faults.append((order, replace(fault, document=document)))
        self.broken |= not reference


def _read(document: str, value: Any, found: _Found) -> None:
    """Read a document: its head, then its entities one by one."""
    kinds = DOCUMENTS[document]
    for kind in kinds:
        found.entities[kind], found.named[kind] = [], {}
    head = value
    if isinstance(value, Mapping):
        head = {name: [] if name in kinds and isinstance(part, list) else part for name, part in value.items()}
    try:
        read = judged(MODELS[document], head)
        found.money = getattr(read, "money", found.money)
    except Invalid as error:
        for fault in error.faults:
            found.add(None, document, -1, fault)
    for kind in kinds:
        part = value.get(kind) if isinstance(value, Mapping) else None
        for place, body in enumerate(part if isinstance(part, list) else ()):
            if found.full:
                return
            _entity(document, kind, place, body, found)


def _entity(document: str, kind: str, place: int, body: Any, found: _Found) -> None:
    id = body.get("id") if isinstance(body, Mapping) else None
    id = id if isinstance(id, str) else None
    if id is not None:
        found.named[kind].setdefault(id, place)
    try:
        entity = judged(KINDS[kind], body)
    except Invalid as error:
        for fault in error.faults:
            found.add(kind, document, place, replace(fault, field=_at(kind, place, fault.field), id=_short(id)))
        return
    found.entities[kind].append((place, entity))


def _twice(kind: str, found: _Found) -> None:
    """Find ids that two entities have, and go on with the first of them."""
    once: list[tuple[int, Entity]] = []
    seen: dict[str, int] = {}
    for place, entity in found.entities[kind]:
        first = seen.setdefault(entity.id, place)
        if first == place:
            once.append((place, entity))
            continue
        fault = Fault(
            _at(kind, place, "id"), f"this id is used twice, first in {path((kind, first))}", "an id that no other has",
            shown(entity.id), id=entity.id, code="twice",
        )  # fmt: skip
        found.add(kind, DOCUMENT_OF[kind], place, fault)
    found.entities[kind] = once


def _sound(entities: Mapping[str, Sequence[Entity]], found: _Found) -> None:
    """Find what contradicts itself, country codes that are none and the like."""
    places = {kind: {entity.id: place for place, entity in values} for kind, values in found.entities.items()}
    for kind, entity, fault in _until_full(objections(entities), found):
        place = places[kind][entity.id]
        found.add(kind, DOCUMENT_OF[kind], place, replace(fault, field=_at(kind, place, fault.field), id=entity.id))
    for kind, entity, fault in _until_full(contradictions(entities), found):
        place = places[kind][entity.id]
        found.add(kind, DOCUMENT_OF[kind], place, replace(fault, field=path((kind, place)) + fault.field, id=entity.id))


def _until_full(faults: Iterator[tuple[str, Entity, Fault]], found: _Found) -> Iterator[tuple[str, Entity, Fault]]:
    for one_of_them in faults:
        if found.full:
            return
        yield one_of_them


def _lead_somewhere(given: Sequence[str], known: Known, found: _Found) -> None:
    """Find references to what is neither in the documents nor known beside them."""

    @cache
    def there(kind: str) -> Names:
        if kind == "models" and "profiles" in found.entities:
            return Names(str(getattr(profile, "model")) for _, profile in found.entities["profiles"])  # noqa: B009
        return Names(found.named[kind] if kind in found.named else known.get(kind, ()))

    for name in given:
        for kind in DOCUMENTS[name]:
            for place, entity in found.entities[kind]:
                for at, target_kind, target in references(kind, entity):
                    if found.full:
                        return
                    if target in there(target_kind):
                        continue
                    if len(found.faults) > FAULTS_TOLD:
                        found.untold += 1
                    else:
                        fault = unknown(_at(kind, place, at), one(target_kind), target, there(target_kind))
                        found.add(kind, name, place, replace(fault, id=entity.id), reference=True)


def _at(kind: str, place: int, within: str) -> str:
    """The path of a field of an entity of a document."""
    whole = path((kind, place))
    return whole if within in ("", WHOLE) else f"{whole}{'' if within.startswith('[') else '.'}{within}"


def _short(id: str | None) -> str | None:
    return None if id is None else shown(id)[1:-1] if len(id) < 200 else None
