"""The wire and the solver speak of the same things."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.api.examples import CHANGES, EXAMPLES
from app.errors import Invalid
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
from app.seed import ReferenceRequest
from app.world.soundness import check_sound
from solver.facts import catalogue, network, problem
from solver.facts.placement import Placement, Slot
from solver.facts.terms import Terms, Weights
from solver.facts.validate import MAX_WEIGHT

#: What people read beside what the solver sees.
FOR_PEOPLE = {
    "nodes": {"name", "name_ko", "lat", "lon"},
    "sites": {"name", "name_ko", "lat", "lon", "province", "operator"},
    "accelerators": {"name"},
    "profiles": {"name"},
    "policies": {"name", "description", "law"},
    "workloads": {"name"},
}
#: Fields of the solver's that no caller gives: the question decides them.
DECIDED = {"workloads": {"free", "may_end", "asked", "stays"}, "share_caps": {"standing"}}
#: Fields of a caller's that the question turns into such decisions.
ASKED = {"workloads": {"movable"}}
REFERENCE = Path(__file__).parents[2] / "data" / "reference"


@pytest.mark.parametrize("kind", KINDS)
def test_an_entity_has_the_fields_of_the_solvers_and_no_others(kind: str) -> None:
    model = KINDS[kind]
    own = {field.name for field in fields(model.stands_for)} - DECIDED.get(kind, set())
    more = FOR_PEOPLE.get(kind, set()) | ASKED.get(kind, set()) | {"id", "provenance", "note"}
    assert set(model.model_fields) == own | more
    assert model.decided == DECIDED.get(kind, set())
    assert set(PATCHES[kind].model_fields) == set(model.model_fields) - {"id"}
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("part", Part.__subclasses__())
def test_a_part_has_the_fields_of_the_solvers_and_no_others(part: type[Part]) -> None:
    decided = DECIDED["share_caps"] if part is requests.ShareCap else set()
    assert set(part.model_fields) == {field.name for field in fields(part.stands_for)} - decided
    assert part.decided == decided


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
    assert terms.solver() == Terms(horizon=terms.horizon)
    assert terms.effective().solver() == terms.solver()


def test_terms_that_are_left_open_are_those_in_force() -> None:
    in_force = requests.Terms.model_validate(
        {
            "horizon": "2026-12-01", "lowest_commitment": "contracted", "weights": {"moves": 7},
            "share_caps": [{"of": "owner", "permille": 10}, {"of": "vendor", "permille": 500}],
        }
    )  # fmt: skip
    left_open = requests.Terms.model_validate({"horizon": "2027-03-01"})
    assert left_open.effective(in_force) == in_force.model_copy(update={"horizon": left_open.horizon})
    caps = [{"of": "owner", "permille": 10}, {"of": "owner", "permille": 9}]
    changed = requests.Terms.model_validate({"horizon": "2027-03-01", "weights": {}, "share_caps": caps})
    terms = changed.solver(in_force)
    assert terms.lowest_commitment == "contracted"
    assert terms.weights == Weights()
    assert {(cap.of, cap.permille, cap.standing) for cap in terms.share_caps} == {("owner", 10, True), ("owner", 9, False)}
    assert left_open.effective(in_force).solver(in_force).share_caps == left_open.solver(in_force).share_caps
    assert all(cap.standing for cap in left_open.solver(in_force).share_caps)


def test_a_caller_says_nodes_or_whole_placements_of_what_runs() -> None:
    said = entities.Workload.model_validate(
        {
            **EXAMPLES["workloads"], "shard_devices": 10,
            "current": [
                "busan-mec", "", None,
                {
                    "node": "busan-mec", "profile": "detector-l40s", "servers": 2, "cards": [[0, 0], [3, 4]],
                    "route": ["busan-loop"],
                },
            ],
        }
    )  # fmt: skip
    assert said.solver().current == (
        Placement(said.id, 0, "busan-mec"), None, None,
        Placement(said.id, 3, "busan-mec", "detector-l40s", 2, (Slot(0, 0), Slot(3, 4)), ("busan-loop",)),
    )  # fmt: skip
    assert entities.Workload.model_validate(said.model_dump(mode="json")) == said
    check_sound({"workloads": [said]})


def _integers(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of a whole number, if this is one, or one or null."""
    for one in schema.get("anyOf", [schema]):
        if one.get("type") == "integer":
            return dict(one)
    return None


def _most(model: type[Any]) -> dict[str, tuple[int, int]]:
    """Field of whole numbers -> the least and the most that the wire takes."""
    found = {}
    for name, schema in model.model_json_schema()["properties"].items():
        number = _integers(schema)
        if number is not None and "maximum" in number:
            found[name] = int(number["minimum"]), int(number["maximum"])
    return found


#: What has to be said with a field at its most, so that nothing else speaks against it.
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("accesses", "rtt_p50_us"): {"rtt_p99_us": 60_000_000},
    ("accesses", "rtt_p99_us"): {"rtt_p50_us": 0},
    ("workloads", "devices"): {"rate_mhz": 1, "payload_up_bytes": 0, "payload_down_bytes": 0},
    ("workloads", "rate_mhz"): {"devices": 1, "payload_up_bytes": 0, "payload_down_bytes": 0},
    ("workloads", "payload_up_bytes"): {"devices": 1, "rate_mhz": 1},
    ("workloads", "payload_down_bytes"): {"devices": 1, "rate_mhz": 1},
    ("workloads", "shard_devices"): {"devices": 1, "rate_mhz": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_wire_takes_no_number_that_the_solver_refuses(kind: str) -> None:
    for name, bounds in _most(KINDS[kind]).items():
        for value in bounds:
            entity = KINDS[kind].model_validate({**EXAMPLES[kind], **BESIDE.get((kind, name), {}), name: value})
            check_sound({kind: [entity]})


def test_the_wire_takes_no_number_of_a_part_that_the_solver_refuses() -> None:
    node = EXAMPLES["nodes"]
    for name, bounds in _most(entities.Pool).items():
        for value in bounds:
            pool = {"accelerator": "l40s", "count": 1, name: value}
            check_sound({"nodes": [KINDS["nodes"].model_validate({**node, "pools": [pool]})]})
    horizon = "2026-12-01"
    for name, bounds in _most(requests.Weights).items():
        for value in bounds:
            terms = requests.Terms.model_validate({"horizon": horizon, "weights": {name: value}})
            problem.Problem(network.Network(()), catalogue.Catalogue((), ()), (), (), terms.solver())
    assert _most(requests.Weights)["moves"] == (0, MAX_WEIGHT)
    assert _most(requests.ShareCap)["permille"] == (0, 1000)


@pytest.mark.parametrize(
    ("what_if", "entity"),
    [
        (requests.NodeWhatIf, KINDS["nodes"]),
        (requests.LinkWhatIf, KINDS["links"]),
        (requests.AccessWhatIf, KINDS["accesses"]),
    ],
)
def test_a_what_if_takes_the_numbers_of_its_entity(what_if: type[Any], entity: type[Any]) -> None:
    limits = _most(entity)
    assert _most(what_if)
    assert {name: limits[name] for name in _most(what_if)} == _most(what_if)


def test_foreigners_hold_no_more_than_the_whole_of_a_node() -> None:
    def node(**shares: int) -> Entity:
        return KINDS["nodes"].model_validate({**EXAMPLES["nodes"], "foreign_equity_permille": shares})

    check_sound({"nodes": [node(US=400, JP=600)]})
    with pytest.raises(Invalid) as refused:
        check_sound({"nodes": [node(US=401, JP=600)]})
    assert refused.value.faults[0].field == "nodes[busan-mec].foreign_equity_permille"


def test_many_names_are_compared_at_once() -> None:
    """A request that names many workloads is refused for the one that it names twice, whichever that is."""
    names = [f"w{number}" for number in range(200_000)]
    with pytest.raises(ValidationError, match="'w199999' is named twice"):
        requests.PlanRequest.model_validate({"workload_ids": [*names[1:], names[-1]], "terms": {"horizon": "2026-12-01"}})


def test_a_request_names_a_workload_unless_it_repairs() -> None:
    terms = {"horizon": "2026-12-01"}
    with pytest.raises(ValidationError, match="at least one workload"):
        requests.PlanRequest.model_validate({"terms": terms})
    assert requests.PlanRequest.model_validate({"terms": terms, "scope": {"running": "repair"}}).workloads == ()


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
