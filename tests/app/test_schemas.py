"""The wire and the solver speak of the same things."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.api.examples import CHANGES, EXAMPLES
from app.schemas import entities, requests
from app.schemas.documents import (
    DOCUMENTS,
    KINDS,
    PATCHES,
    CatalogueDocument,
    NetworkDocument,
    PoliciesDocument,
)
from app.schemas.entities import Entity, Part
from app.schemas.soundness import check_sound
from app.seed import ReferenceRequest

#: What people read beside what the solver sees.
FOR_PEOPLE = {
    "nodes": {"name", "name_ko", "lat", "lon"},
    "sites": {"name", "name_ko", "lat", "lon", "province", "operator"},
    "accelerators": {"name"},
    "profiles": {"name"},
    "policies": {"name", "description", "law"},
    "workloads": {"name"},
}
REFERENCE = Path(__file__).parents[2] / "data" / "reference"


@pytest.mark.parametrize("kind", KINDS)
def test_an_entity_has_the_fields_of_the_solvers_and_no_others(kind: str) -> None:
    model = KINDS[kind]
    own = {field.name for field in fields(model.stands_for)}
    assert set(model.model_fields) == own | FOR_PEOPLE.get(kind, set()) | {"id", "provenance", "note"}
    assert set(PATCHES[kind].model_fields) == set(model.model_fields) - {"id"}
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("part", Part.__subclasses__())
def test_a_part_has_the_fields_of_the_solvers_and_no_others(part: type[Part]) -> None:
    assert set(part.model_fields) == {field.name for field in fields(part.stands_for)}


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_the_solvers(kind: str) -> None:
    """An entity of which only the necessary is said is the same to both."""
    model = KINDS[kind]
    said = {name: EXAMPLES[kind][name] for name, field in model.model_fields.items() if field.is_required()}
    entity = model.model_validate(said)
    plain = {name: getattr(entity.solver(), name) for name in said}
    assert entity.solver() == model.stands_for(**plain)


def test_the_defaults_of_terms_are_the_solvers() -> None:
    terms = requests.Terms.model_validate({"horizon": "2026-12-01"})
    assert terms.solver() == entities.problem.Terms(horizon=terms.horizon)


def test_the_examples_are_sound_together() -> None:
    made: dict[str, list[Entity]] = {kind: [KINDS[kind].model_validate(body)] for kind, body in EXAMPLES.items()}
    check_sound(made)
    for kind, change in CHANGES.items():
        PATCHES[kind].model_validate(change)
        assert KINDS[kind].model_validate({**EXAMPLES[kind], **change}) != made[kind][0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_answered_can_be_sent(kind: str) -> None:
    entity = KINDS[kind].model_validate(EXAMPLES[kind])
    assert KINDS[kind].model_validate(entity.model_dump(mode="json")) == entity
    assert KINDS[kind].model_validate_json(entity.model_dump_json()) == entity


def test_every_kind_is_part_of_one_document() -> None:
    kinds = [kind for kinds in DOCUMENTS.values() for kind in kinds]
    assert sorted(kinds) == sorted(KINDS)


def test_the_reference_data_are_valid_bodies() -> None:
    network = NetworkDocument.model_validate_json((REFERENCE / "network.json").read_bytes())
    catalogue = CatalogueDocument.model_validate_json((REFERENCE / "catalogue.json").read_bytes())
    policies = PoliciesDocument.model_validate_json((REFERENCE / "policies.json").read_bytes())
    request = ReferenceRequest.model_validate_json((REFERENCE / "request.json").read_bytes())
    check_sound(
        {
            **{kind: getattr(network, kind) for kind in DOCUMENTS["network"]},
            **{kind: getattr(catalogue, kind) for kind in DOCUMENTS["catalogue"]},
            "policies": policies.policies,
            "workloads": request.workloads,
        }
    )
