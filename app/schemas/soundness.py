"""Whether entities are well formed, by the solver's own judgement.

The solver validates whole questions. To judge some entities alone, everything that they name and that is not among
them is taken for granted: a stand-in of that id takes its place. Whether it really exists is the store's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.errors import Fault, Invalid
from app.schemas.documents import KINDS, references
from app.schemas.entities import Entity
from solver import problem


def check_sound(entities: Mapping[str, Iterable[Entity]]) -> None:
    """Refuse entities (by kind) that contradict themselves or each other.

    Raises
    ------
    Invalid
        Naming the field, such as `links[pus-tae].target`, and what is wrong with it.
    """
    given = {kind: tuple(entities.get(kind, ())) for kind in KINDS}
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


def _stand_in(made: dict[str, list[Any]], known: dict[str, set[str]], kind: str, id: str) -> None:
    """Add a stand-in of this kind and id, unless there is such an entity."""
    if id in known[kind]:
        return
    known[kind].add(id)
    if kind == "nodes":
        made[kind].append(problem.Node(id, problem.Tier.CORE, "KR", "", "KR"))
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
    elif kind == "models":
        made["profiles"].append(problem.Profile(f"-{id}", id, None, "", ((1, 1),)))
    else:
        raise AssertionError(f"nothing names {kind}")
