"""Whether entities are well formed, by the solver's own judgement.

The solver validates whole questions. To judge some entities alone, everything that they name and that is not among
them is taken for granted: a stand-in of that id takes its place. Whether it really exists is the store's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice
from typing import Any

from app.errors import Fault, Invalid
from app.schemas.documents import KINDS, references
from app.schemas.entities import Entity
from app.schemas.faults import FAULTS_TOLD
from app.schemas.naming import shown
from solver.facts import catalogue, network, problem, terms, validate, workloads
from solver.facts.countries import objection

#: Fields that hold a country's code, several, or something by country.
COUNTRY_FIELDS: dict[str, tuple[str, ...]] = {
    "nodes": (
        "country", "owner_country", "foreign_equity_permille", "operator_country", "tenant_country", "personnel_countries",
        "control_jurisdictions", "backup_countries",
    ),
    "links": ("jurisdictions",),
    "accelerators": ("vendor_country",),
    "policies": (
        "countries", "owner_countries", "operator_countries", "tenant_countries", "personnel_countries",
        "control_jurisdictions", "transit",
    ),
}  # fmt: skip

Given = Mapping[str, Sequence[Entity]]


def check_sound(entities: Mapping[str, Iterable[Entity]], stored: Entity | None = None) -> None:
    """Refuse entities (by kind) that contradict themselves or each other, or say of countries or places what cannot be.

    `stored` is what a single entity was before a change: what its field held already is not objected to, so that a
    node can be drained whatever an older version let it say.

    Raises
    ------
    Invalid
        With every fault, each naming its field, such as `links[pus-tae].target`; at most `FAULTS_TOLD` of them.
    """
    given = {kind: tuple(entities.get(kind, ())) for kind in KINDS}
    found = [
        replace(fault, field=f"{kind}[{entity.id}].{fault.field}")
        for kind, entity, fault in islice(objections(given, stored), FAULTS_TOLD)
    ]
    found += [fault for values in given.values() for fault in _twice(values)]
    if not found:
        found = [
            replace(fault, field=f"{kind}[{entity.id}]{fault.field}")
            for kind, entity, fault in islice(contradictions(given), FAULTS_TOLD)
        ]
    if found:
        raise Invalid(f"{found[0].field}: {found[0].message}.", tuple(found[:FAULTS_TOLD]))


def objections(given: Given, stored: Entity | None = None) -> Iterator[tuple[str, Entity, Fault]]:
    """What single entities say that cannot be: kind, entity, and the fault with the field within the entity."""
    for kind, values in given.items():
        for entity in values:
            for fault in chain(_strange_countries(kind, entity, stored), _half_a_place(entity, stored)):
                yield kind, entity, fault
            if kind == "nodes":
                for fault in _more_than_the_whole(entity, stored):
                    yield kind, entity, fault


def contradictions(given: Given) -> Iterator[tuple[str, Entity, Fault]]:
    """What the solver refuses of entities that have each id once: kind, entity, and the fault.

    The solver stops at the first contradiction. Where there is one, what was judged is halved until each half is well formed
    or a single entity. The fault's field is what follows the entity in a path: `.target`, or nothing for the whole.
    """
    if _refused(given) is None:
        return
    for kind, values in given.items():
        yield from ((kind, entity, fault) for entity, fault in _halved(kind, values))


def _halved(kind: str, values: Sequence[Entity]) -> Iterator[tuple[Entity, Fault]]:
    error = _refused({kind: values})
    if error is None:
        return
    if len(values) == 1:
        at = f"{kind}[{values[0].id}]"
        yield values[0], Fault(error.field.removeprefix(at), error.why)
        return
    middle = len(values) // 2
    yield from _halved(kind, values[:middle])
    yield from _halved(kind, values[middle:])


def _refused(given: Given) -> validate.ProblemError | None:
    """What the solver says against entities, with stand-ins for all that they name; None if nothing."""
    made = {kind: [entity.solver() for entity in given.get(kind, ())] for kind in KINDS}
    known = {kind: {entity.id for entity in given.get(kind, ())} for kind in KINDS}
    known["models"] = {profile.model for profile in made["profiles"]}
    for kind, values in given.items():
        for entity in values:
            for _, target_kind, target in references(kind, entity):
                _stand_in(made, known, target_kind, target)
    try:
        problem.Problem(
            network=network.Network(
                tuple(made["nodes"]), tuple(made["links"]), tuple(made["sites"]), tuple(made["accesses"])
            ),
            catalogue=catalogue.Catalogue(tuple(made["accelerators"]), tuple(made["profiles"])),
            policies=tuple(made["policies"]),
            workloads=tuple(made["workloads"]),
            terms=terms.Terms(horizon=date.min),
        )
    except validate.ProblemError as error:
        return error
    return None


def _twice(values: Sequence[Entity]) -> Iterator[Fault]:
    """A fault for each entity whose id another before it has."""
    seen: set[str] = set()
    for entity in values:
        if entity.id in seen:
            yield Fault(
                f"{_kind_of(entity)}[{entity.id}]", "this id is used twice", "an id that no other has", repr(entity.id),
                code="twice",
            )  # fmt: skip
        seen.add(entity.id)


def _kind_of(entity: Entity) -> str:
    return next(kind for kind, model in KINDS.items() if isinstance(entity, model))


def _more_than_the_whole(node: Entity, stored: Entity | None) -> Iterator[Fault]:
    """A fault if foreigners hold more than the whole of a node."""
    shares = getattr(node, "foreign_equity_permille", None) or {}
    held = sum(shares.values())
    if held > 1000 and shares != getattr(stored, "foreign_equity_permille", None):
        yield Fault("foreign_equity_permille", f"the shares add up to {held:,}", "shares that add up to at most 1,000")


def _half_a_place(entity: Entity, stored: Entity | None) -> Iterator[Fault]:
    """A fault if an entity has a latitude without a longitude, or the other way round."""
    given = {name: getattr(entity, name, None) for name in ("lat", "lon")}
    absent = [name for name, value in given.items() if value is None]
    if len(absent) == 1 and given != {name: getattr(stored, name, None) for name in given}:
        other = "lon" if absent == ["lat"] else "lat"
        yield Fault(
            absent[0],
            f"is missing, though {other!r} is given",
            "both of them, in degrees, or neither",
            fix=f"add {absent[0]!r}",
            code="missing",
        )


def _strange_countries(kind: str, entity: Entity, stored: Entity | None) -> Iterator[Fault]:
    """A fault for each country code of an entity that is not officially assigned."""
    for name in COUNTRY_FIELDS.get(kind, ()):
        value = getattr(entity, name)
        for code in sorted(_codes(value) - _codes(getattr(stored, name, None))):
            why = objection(code)
            if why is not None:
                at = f"[{code}]" if isinstance(value, Mapping) else ""
                yield Fault(f"{name}{at}", why, "an ISO 3166-1 alpha-2 code, such as 'KR'", shown(code))


def _codes(value: str | Iterable[str] | None) -> frozenset[str]:
    """The codes that a country field holds."""
    return frozenset() if value is None else frozenset((value,)) if isinstance(value, str) else frozenset(value)


def _stand_in(made: dict[str, list[Any]], known: dict[str, set[str]], kind: str, id: str) -> None:
    """Add a stand-in of this kind and id, unless there is such an entity."""
    if id in known[kind]:
        return
    known[kind].add(id)
    if kind == "nodes":
        made[kind].append(network.Node(id, network.Tier.CORE, "KR", "", "KR"))
    elif kind == "links":
        _stand_in(made, known, "nodes", "-")
        _stand_in(made, known, "nodes", "--")
        made[kind].append(network.Link(id, "-", "--", 0, 0, frozenset()))
    elif kind == "sites":
        made[kind].append(network.Site(id))
    elif kind == "accesses":
        _stand_in(made, known, "sites", "-")
        _stand_in(made, known, "nodes", "-")
        made[kind].append(network.Access(id, "-", "-", "", 0, 0, 1, 1))
    elif kind == "accelerators":
        made[kind].append(catalogue.Accelerator(id, "", "KR", 0, 0))
    elif kind == "policies":
        made[kind].append(workloads.Policy(id))
    elif kind == "profiles":
        made[kind].append(catalogue.Profile(id, "-", None, "", ((1, 1),)))
    elif kind == "models":
        made["profiles"].append(catalogue.Profile(f"-{id}", id, None, "", ((1, 1),)))
    else:
        raise AssertionError(f"nothing names {kind}")
