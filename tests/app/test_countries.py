"""Country codes are those that ISO 3166-1 assigns, wherever entities enter; what is stored already stays readable."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.examples import EXAMPLES
from app.identity.caller import LOCAL
from app.schemas.documents import KINDS
from app.schemas.faults import FAULTS_TOLD
from app.settings import Settings
from app.store.sql import open_store
from app.world.soundness import COUNTRY_FIELDS, check_sound
from solver.facts.countries import COUNTRIES, objection
from tests.app import world
from tests.app.conftest import refused

FIELDS = [(kind, name) for kind, names in COUNTRY_FIELDS.items() for name in names]


def _with(kind: str, name: str, code: str) -> dict[str, Any]:
    """The example of a kind with `code` in one of its fields."""
    shape = KINDS[kind].model_json_schema()["properties"][name]
    shapes = [shape, *shape.get("anyOf", ())]
    value: Any = code
    if any(one.get("type") == "array" for one in shapes):
        value = ["KR", code]
    if any(one.get("type") == "object" for one in shapes):
        value = {code: 300}
    return {**EXAMPLES[kind], name: value}


def _field(kind: str, name: str, code: str) -> str:
    return f"{kind}[{EXAMPLES[kind]['id']}].{name}" + (f"[{code}]" if name == "foreign_equity_permille" else "")


def test_there_are_249_and_korea_is_one() -> None:
    assert len(COUNTRIES) == 249
    assert {"KR", "US", "JP", "GB", "GR", "TW"} <= COUNTRIES
    assert not {"UK", "EL", "EU", "XX", "AA", "ZZ", "SU", "YU", "XK"} & COUNTRIES


@pytest.mark.parametrize(
    ("code", "hint"), [("UK", "write GB"), ("EL", "write GR"), ("KO", "write KR"), ("EU", "name its members")]
)
def test_what_is_meant_is_told(code: str, hint: str) -> None:
    assert hint in str(objection(code))
    assert repr(code) in str(objection(code))


def test_every_field_of_countries_is_checked() -> None:
    """Those are the fields in whose schema the pattern of a country code stands."""
    found = {
        (kind, name)
        for kind, model in KINDS.items()
        for name, shape in model.model_json_schema()["properties"].items()
        if "^[A-Z]{2}$" in repr(shape)
    }
    assert found == set(FIELDS)


@pytest.mark.parametrize(("kind", "name"), FIELDS)
@pytest.mark.parametrize("code", ["UK", "XX"])
def test_an_unassigned_code_is_refused_when_it_is_created(empty: TestClient, kind: str, name: str, code: str) -> None:
    problem = refused(empty.post(f"/v1/{kind}", json=_with(kind, name, code)), 422, "invalid")
    (fault,) = problem["errors"]
    assert fault["field"] == _field(kind, name, code)
    assert f"{code!r} is not an officially assigned country code" in fault["message"]
    assert ("GB" in fault["message"]) == (code == "UK")


def test_it_is_refused_when_an_entity_is_changed(client: TestClient) -> None:
    for field, value in (("country", "EU"), ("backup_countries", ["KR", "EU"]), ("foreign_equity_permille", {"EU": 1})):
        problem = refused(client.patch("/v1/nodes/hub", json={field: value}), 422, "invalid")
        assert [fault["field"].partition("[EU]")[0] for fault in problem["errors"]] == [f"nodes[hub].{field}"]
    refused(client.patch("/v1/links/hub-centre", json={"jurisdictions": ["KR", "UK"]}), 422, "invalid")
    refused(client.patch("/v1/accelerators/card", json={"vendor_country": "UK"}), 422, "invalid")
    refused(client.patch("/v1/policies/open", json={"transit": ["UK"]}), 422, "invalid")
    assert client.patch("/v1/nodes/hub", json={"country": "GB"}).status_code == 200


def test_it_is_refused_when_a_document_is_imported(client: TestClient) -> None:
    nodes = [{**node, "owner_country": "UK"} for node in world.NODES]
    problem = refused(client.put("/v1/network", json={**world.NETWORK, "nodes": nodes}), 422, "invalid")
    assert [fault["field"] for fault in problem["errors"]] == ["nodes[0].owner_country", "nodes[1].owner_country"]
    policies = [{"id": "open", "countries": ["EL"]}]
    refused(client.put("/v1/policies", json={"policies": policies}), 422, "invalid")
    cards = [{**world.ACCELERATORS[0], "vendor_country": "XX"}]
    refused(client.put("/v1/catalogue", json={**world.CATALOGUE, "accelerators": cards}), 422, "invalid")


def test_an_answer_tells_of_few_of_many(empty: TestClient) -> None:
    nodes = [{**world.NODES[0], "id": f"n{number}", "pools": [], "country": "UK"} for number in range(500)]
    problem = refused(empty.put("/v1/network", json={"nodes": nodes}), 422, "invalid")
    assert 0 < len(problem["errors"]) <= FAULTS_TOLD


def test_what_is_stored_already_can_be_read_drained_and_mended(client: TestClient, settings: Settings) -> None:
    with open_store(settings.store_url).writing(LOCAL) as session:
        row = session.entities.get("nodes", "hub")
        assert row is not None
        row.body["owner_country"] = "UK"
        session.entities.discard("nodes", ["hub"])
        session.entities.put_all([row], [("nodes", "hub", "accelerators", "card")])
    assert client.get("/v1/nodes/hub").json()["owner_country"] == "UK"
    assert client.get("/v1/network").status_code == 200
    assert client.post("/v1/nodes/hub/drain").status_code == 200
    assert client.patch("/v1/nodes/hub", json={"vcpu": 32}).status_code == 200
    refused(client.patch("/v1/nodes/hub", json={"operator_country": "UK"}), 422, "invalid")
    refused(client.patch("/v1/nodes/hub", json={"owner_country": "EU"}), 422, "invalid")
    assert client.patch("/v1/nodes/hub", json={"owner_country": "GB"}).status_code == 200


def test_codes_of_the_whole_world_are_taken() -> None:
    node = KINDS["nodes"].model_validate({**EXAMPLES["nodes"], "pools": [], "personnel_countries": sorted(COUNTRIES)})
    check_sound({"nodes": [node]})
