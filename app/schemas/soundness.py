"""Whether entities are well formed, by the solver's own judgement.

The solver validates whole questions. To judge some entities alone, everything that they name and that is not among
them is taken for granted: a stand-in of that id takes its place. Whether it really exists is the store's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, islice
from typing import Any

from app.errors import Fault, Invalid
from app.schemas.documents import KINDS, references
from app.schemas.entities import Entity
from solver import problem
from solver.countries import objection

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

#: Faults of such fields that one answer tells of.
_MOST_FAULTS = 20


def check_sound(entities: Mapping[str, Iterable[Entity]], stored: Entity | None = None) -> None:
    """Refuse entities (by kind) that contradict themselves or each other, or say of countries what cannot be.

    `stored` is what a single entity was before a change: what its field held already is not objected to, so that a
    node can be drained whatever an older version let it say.

    Raises
    ------
    Invalid
        Naming the field, such as `links[pus-tae].target`, and what is wrong with it.
    """
    given = {kind: tuple(entities.get(kind, ())) for kind in KINDS}
    strange = chain(_strange_countries(given, stored), _more_than_the_whole(given["nodes"], stored))
    faults = tuple(islice(strange, _MOST_FAULTS))
    if faults:
        raise Invalid(faults[0].message, faults)
    made = {kind: [entity.solver() for entity in values] for kind, values in given.items()}
    known = {kind: {entity.id for entity in values} for kind, values in given.items()}
    known["models"] = {profile.model for profile in made["profiles"]}
    for kind, values in given.items():
        for entity in values:
            for _, target_kind, target in references(kind, entity):
                _stand_in(made, known, target_kind, target)
    try:
        problem.Problem(
            network=problem.Network(
                tuple(made["nodes"]), tuple(made["links"]), tuple(made["sites"]), tuple(made["accesses"])
            ),
            catalogue=problem.Catalogue(tuple(made["accelerators"]), tuple(made["profiles"])),
            policies=tuple(made["policies"]),
            workloads=tuple(made["workloads"]),
            terms=problem.Terms(horizon=date.min),
        )
    except problem.ProblemError as error:
        raise Invalid("This contradicts itself.", (Fault(error.field, error.why),)) from error


def _more_than_the_whole(nodes: Iterable[Entity], stored: Entity | None) -> Iterator[Fault]:
    """A fault for each node of which foreigners hold more than the whole."""
    for node in nodes:
        shares = getattr(node, "foreign_equity_permille", None) or {}
        held = sum(shares.values())
        if held > 1000 and shares != getattr(stored, "foreign_equity_permille", None):
            yield Fault(f"nodes[{node.id}].foreign_equity_permille", f"the shares add up to {held}", "at most 1000")


def _strange_countries(given: Mapping[str, Iterable[Entity]], stored: Entity | None) -> Iterator[Fault]:
    """A fault for each country code that is not officially assigned."""
    for kind, names in COUNTRY_FIELDS.items():
        for entity in given[kind]:
            for name in names:
                value = getattr(entity, name)
                for code in sorted(_codes(value) - _codes(getattr(stored, name, None))):
                    why = objection(code)
                    if why is not None:
                        at = f"[{code}]" if isinstance(value, Mapping) else ""
                        yield Fault(f"{kind}[{entity.id}].{name}{at}", why, "an ISO 3166-1 alpha-2 code, such as 'KR'")


def _codes(value: str | Iterable[str] | None) -> frozenset[str]:
    """The codes that a country field holds."""
    return frozenset() if value is None else frozenset((value,)) if isinstance(value, str) else frozenset(value)


def _stand_in(made: dict[str, list[Any]], known: dict[str, set[str]], kind: str, id: str) -> None:
    """Add a stand-in of this kind and id, unless there is such an entity."""
    if id in known[kind]:
        return
    known[kind].add(id)
    if kind == "nodes":
        made[kind].append(problem.Node(id, problem.Tier.CORE, "KR", "", "KR"))
    elif kind == "links":
        _stand_in(made, known, "nodes", "-")
        _stand_in(made, known, "nodes", "--")
        made[kind].append(problem.Link(id, "-", "--", 0, 0, frozenset()))
    elif kind == "sites":
        made[kind].append(problem.Site(id))
    elif kind == "accesses":
        _stand_in(made, known, "sites", "-")
        _stand_in(made, known, "nodes", "-")
        made[kind].append(problem.Access(id, "-", "-", "", 0, 0, 1, 1))
    elif kind == "accelerators":
        made[kind].append(problem.Accelerator(id, "", "KR", 0, 0))
    elif kind == "policies":
        made[kind].append(problem.Policy(id))
    elif kind == "profiles":
        made[kind].append(problem.Profile(id, "-", None, "", ((1, 1),)))
    elif kind == "models":
        made["profiles"].append(problem.Profile(f"-{id}", id, None, "", ((1, 1),)))
    else:
        raise AssertionError(f"nothing names {kind}")
