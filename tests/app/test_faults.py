"""A refusal teaches: where, what stands there, what was expected, what may have been meant; all faults at once, in words."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.errors import Fault
from app.main import create_app
from app.schemas.documents import KINDS, MODELS, PATCHES
from app.schemas.faults import FAULTS_TOLD, all_worded
from app.schemas.naming import Names, nearest, shown, unknown
from app.schemas.requests import ApplyRequest, PlanRequest, StateChange, VerifyRequest
from app.schemas.stories import story_of
from app.schemas.wire import PATTERNS
from app.settings import Settings
from app.world.examining import examine
from app.world.question import question
from app.world.silences import HARMLESS, ZEROS, silences
from app.world.stored import World
from solver import explain
from tests.app import world
from tests.app.conftest import refused

#: Everything that a body may be.
BODIES: list[type[BaseModel]] = [
    *KINDS.values(), *PATCHES.values(), *MODELS.values(), PlanRequest, VerifyRequest, ApplyRequest, StateChange,
]  # fmt: skip
#: What only machines say, and no answer repeats.
MACHINE_WORDS = ("Input should", "Extra inputs", "Field required", "String should", "valid dictionary", "^[", "\\x00", "{'")

NODE = world.NODES[0]
WORKLOAD = world.CAMERAS
DOCUMENTS: dict[str, Any] = {
    "network": world.NETWORK, "catalogue": world.CATALOGUE, "policies": {"policies": world.POLICIES},
    "workloads": {"workloads": world.WORKLOADS},
}  # fmt: skip


def faults_of(kind: Any, body: Any) -> dict[str, Fault]:
    """What is wrong with a body, by field."""
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(body)
    return {fault.field: fault for fault in all_worded(error.value.errors(include_url=False), kind)}


@pytest.mark.parametrize(
    ("change", "field", "message", "expected", "fix"),
    [
        ({"vpcu": 8}, "vpcu", "there is no field 'vpcu' here", None, "did you mean 'vcpu'?"),
        ({"Memory-MiB": 8}, "Memory-MiB", "no field 'Memory-MiB'", None, "did you mean 'memory_mib'?"),
        ({"vcpu": "8"}, "vcpu", '"8" is text, not a whole number', "a whole number from 0 to", "write it without quotes: 8"),
        ({"vcpu": "1,024"}, "vcpu", "is text", "a whole number", "write it without quotes: 1024"),
        ({"vcpu": True}, "vcpu", "this is true, not a whole number", "a whole number", None),
        ({"vcpu": 8.5}, "vcpu", "8.5 is not a whole number", "a whole number", None),
        ({"vcpu": 8.0}, "vcpu", "8.0 is not a whole number", "a whole number", "write it without a fraction: 8"),
        ({"vcpu": -1}, "vcpu", "-1 is too small", "from 0 to 1,000,000,000,000", None),
        ({"vcpu": 10**5000}, "vcpu", "a whole number of about 5,000 digits is too large", "from 0 to", None),
        ({"vcpu": None}, "vcpu", "this is null, not a whole number", "a whole number", None),
        ({"lat": "35.1"}, "lat", '"35.1" is text, not a number', "a number from -90 to 90, or null", "without quotes: 35.1"),
        ({"lat": True}, "lat", "this is true, not a number", "a number from -90 to 90", None),
        ({"lat": float("nan")}, "lat", "NaN is no number that can be counted with", "a number from -90", None),
        ({"lon": 181}, "lon", "181 is too large", "a number from -180 to 180", None),
        ({"tier": "core-site"}, "tier", '"core-site" is not among', "one of 'onsite', 'mec', 'metro'", None),
        ({"tier": "MEC"}, "tier", '"MEC" is not among', "one of 'onsite'", "did you mean 'mec'?"),
        ({"state": "draning"}, "state", "not among", "one of 'active', 'draining' or 'failed'", "did you mean 'draining'?"),
        ({"id": "my node"}, "id", '"my node" cannot be an id', "an id of letters", "did you mean 'my-node'?"),
        ({"id": ""}, "id", '"" is empty', "an id of letters", None),
        ({"id": "x" * 129}, "id", "is of 129 characters", "at most 128 characters", None),
        ({"country": "kr"}, "country", '"kr" is not the code of a country', "two capital letters", "did you mean 'KR'?"),
        ({"owner": 5}, "owner", "5 is a number, not text", "text", None),
        ({"owner": None}, "owner", "this is null, not text", "text", None),
        ({"name": "a\x00b"}, "name", "character 2 is U+0000, which no text may hold", "text", None),
        ({"available_from": 20261201}, "available_from", "20261201 is not a day", "'2026-12-01', or null", None),
        ({"available_from": 0}, "available_from", "0 is not a day", "a day written as", None),
        ({"available_from": "1735689600"}, "available_from", '"1735689600" is not a day', "a day written as", None),
        ({"available_from": "2026-12-01T00:00:00"}, "available_from", "is not a day", "a day written as", None),
        ({"available_from": "2026-02-30"}, "available_from", "there is no such day", "a day written as", None),
        ({"double_encryption": "true"}, "double_encryption", "is text, not true or false", "true or false", "quotes: true"),
        ({"double_encryption": 1}, "double_encryption", "1 is a number, not true or false", "true or false", None),
        ({"pools": {"card": 2}}, "pools", "this is an object of 1 field, not a list", "a list", None),
        ({"pools": "card"}, "pools", "is text, not a list", "each an object with accelerator and count", 'a list: ["card"]'),
        ({"pools": ["card"]}, "pools[0]", '"card" is text, not an object', "an object with accelerator and count", None),
        ({"foreign_equity_permille": {"us": 1}}, "foreign_equity_permille.us", "not the code", "two capital", "'US'?"),
        ({"foreign_equity_permille": {"US": "1"}}, "foreign_equity_permille.US", "is text", "from 0 to 1,000", "quotes: 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(
    change: dict[str, Any], field: str, message: str, expected: str | None, fix: str | None
) -> None:
    fault = faults_of(KINDS["nodes"], {**NODE, **change})[field]
    assert message in fault.message
    assert (expected is None) or expected in (fault.expected or "")
    assert (fault.fix is None) if fix is None and expected else (fix or "") in (fault.fix or "")
    assert fault.value is not None
    assert len(fault.value) < 100


def test_what_is_missing_is_told_with_what_belongs_there() -> None:
    faults = faults_of(KINDS["nodes"], {})
    assert {name: fault.message for name, fault in faults.items()} == dict.fromkeys(
        ("id", "tier", "country", "owner", "owner_country"), "is missing"
    )
    assert faults["tier"].expected == "one of 'onsite', 'mec', 'metro', 'regional' or 'core'"


def test_a_value_that_could_be_one_of_several_is_told_once() -> None:
    body = {**WORKLOAD, "current": [5, {"node": "a b"}, "a b"]}
    faults = faults_of(KINDS["workloads"], body)
    assert set(faults) == {"current[0]", "current[1].node", "current[1].profile", "current[1].servers", "current[2]"}
    assert faults["current[0]"].message == "5 is a number that is not taken here"
    assert "an object with node, profile and servers; or an id" in (faults["current[0]"].expected or "")


#: Values of each kind, of which every field refuses some.
ODD: list[Any] = [True, 1.5, -(10**30), "\x00 ^", [], {}, None, float("nan"), [[]], {"a b": {}}, "1", "2026-99-99"]


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_no_refusal_speaks_as_a_machine(kind: type[BaseModel]) -> None:
    """Whatever stands in any field of any body, no sentence is pydantic's, and no regular expression is shown."""
    told = 0
    for name in [*kind.model_fields, "no-such-field"]:
        for value in ODD:
            try:
                kind.model_validate({name: value})
            except ValidationError as error:
                for fault in all_worded(error.errors(include_url=False), kind):
                    told += 1
                    said = f"{fault.message} {fault.expected} {fault.fix}"
                    assert not [word for word in (*MACHINE_WORDS, *PATTERNS) if word in said], (name, value, said)
                    assert fault.field
                    assert "is not taken here" not in fault.message or fault.expected, (name, value, fault)
    assert told


def leaves(schema: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every scalar in a core schema, with its path."""
    if isinstance(schema, list | tuple):
        return [leaf for part in schema for leaf in leaves(part, path)]
    if not isinstance(schema, dict):
        return []
    if schema.get("type") in ("int", "float", "bool", "date", "literal", "function-before"):
        return [(path, schema)]
    return [
        leaf
        for name, part in schema.items()
        if name not in ("serialization", "metadata", "config")
        for leaf in leaves(
            part, f"{path}.{name}" if schema.get("type") == "model-fields" or name in schema.get("fields", {}) else path
        )
    ]


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_every_scalar_of_every_body_is_of_one_kind(kind: type[BaseModel]) -> None:
    """Text is no number, true is no number, a number is no day: each scalar is strict, or has a judge of ours before it."""
    kind.model_rebuild()
    found = leaves(kind.__pydantic_core_schema__)
    for path, schema in found:
        if schema["type"] in ("int", "float", "bool"):
            assert schema.get("strict"), (path, schema)
        assert schema["type"] != "date", path
        if schema["type"] == "literal":
            assert all(isinstance(value, str) for value in schema["expected"]), (path, schema)


def test_values_are_short_and_safe() -> None:
    assert shown("\x1b[2J\u202e") == '"\\u001b[2J\\u202e"'
    assert len(shown("x" * 10_000)) < 100
    assert shown({"a": 1}) == "an object of 1 field"
    assert shown([1, 2]) == "a list of 2 entries"
    assert shown("\ud800") == '"\\ud800"'
    for value in (10**5000, float("inf"), b"\xff", object()):
        assert len(shown(value)) < 100


def test_what_was_meant_is_found_among_many() -> None:
    known = Names(f"node-{number}" for number in range(20_000))
    assert nearest("Node_12345", known) == "node-12345"
    assert nearest("kitchen", known) is None
    assert nearest("x" * 100_000, known) is None
    few = unknown("node", "node", "hubb", ["hub", "centre"], "/v1/nodes")
    assert (few.expected, few.fix, few.value) == ("one of 'centre' or 'hub'", "did you mean 'hub'?", '"hubb"')
    assert "/v1/nodes" in (unknown("node", "node", "x", known, "/v1/nodes").expected or "")
    assert unknown("access", "access", "x", []).expected == "the id of an access; there is none yet"


def broken_world() -> dict[str, Any]:
    """The tiny world with faults of all kinds in four documents."""
    given = copy.deepcopy(DOCUMENTS)
    network, catalogue = given["network"], given["catalogue"]
    network["nodes"][0] |= {"vpcu": 1, "vcpu": "8", "country": "kr"}
    network["nodes"][1] |= {"owner_country": "UK", "foreign_equity_permille": {"US": 600, "JP": 500}}
    del network["nodes"][1]["lon"]
    network["links"] += [
        {**world.LINKS[0], "id": "loop", "target": "hub"},
        {**world.LINKS[0], "id": "loop"},
        {**world.LINKS[0], "id": "away", "target": "Centre"},
    ]
    network["accesses"][0] |= {"site": "plnt"}
    catalogue["profiles"][0] |= {"accelerator": "crad", "batches": [[1, 900], [1, 100]]}
    given["policies"]["polices"] = []
    given["workloads"]["workloads"] += [
        5,
        {**WORKLOAD, "id": "lost", "policy": "opne"},
        {**WORKLOAD, "id": "late", "deadline_us": 0},
    ]
    return given


BROKEN = [
    ("network", "nodes[0].country", "hub"), ("network", "nodes[0].vcpu", "hub"), ("network", "nodes[0].vpcu", "hub"),
    ("network", "nodes[1].owner_country", "centre"), ("network", "nodes[1].lon", "centre"),
    ("network", "nodes[1].foreign_equity_permille", "centre"), ("network", "links[1].target", "loop"),
    ("network", "links[2].id", "loop"), ("network", "links[3].target", "away"),
    ("network", "accesses[0].site", "plant-wired"),
    ("catalogue", "profiles[0].batches", "detector-card"), ("catalogue", "profiles[0].accelerator", "detector-card"),
    ("policies", "polices", None), ("workloads", "workloads[3]", None), ("workloads", "workloads[4].policy", "lost"),
    ("workloads", "workloads[5].deadline_us", "late"),
]  # fmt: skip


def test_all_documents_are_judged_at_once() -> None:
    examined = examine(broken_world())
    assert {(fault.document, fault.field, fault.id) for fault in examined.faults} == set(BROKEN)
    assert len(examined.faults) == len(BROKEN)
    fixes = {fault.field: fault.fix for fault in examined.faults}
    assert fixes["accesses[0].site"] == "did you mean 'plant'?"
    assert fixes["links[3].target"] == "did you mean 'centre'?"
    assert fixes["workloads[4].policy"] == "did you mean 'open'?"
    refusal = examined.refusal()
    assert refusal is not None
    assert refusal.code == "invalid"
    assert f"{len(BROKEN)} faults" in refusal.detail
    assert examine(DOCUMENTS).refusal() is None


def test_only_what_leads_nowhere_is_an_unknown_reference() -> None:
    given = {**DOCUMENTS, "workloads": {"workloads": [{**WORKLOAD, "policy": "opne", "model": "detectr"}]}}
    refusal = examine(given).refusal()
    assert refusal is not None
    assert refusal.code == "reference.unknown"
    alone = {"workloads": {"workloads": [WORKLOAD]}}
    assert examine(alone).refusal() is not None
    assert examine(alone, {"accesses": ["plant-wired"], "policies": ["open"], "models": ["detector"]}).refusal() is None


def test_how_many_more_faults_there_are_is_told() -> None:
    links = [{**world.LINKS[0], "id": f"l{number}", "target": "nowhere"} for number in range(FAULTS_TOLD + 30)]
    examined = examine({"network": {**world.NETWORK, "links": links}})
    assert len(examined.faults) == FAULTS_TOLD
    assert examined.more == 30 + 2  # two nodes have cards of which nothing is known
    assert "told are the first" in examined.refusal().detail  # type: ignore[union-attr]
    many = examine({"network": {"nodes": [{}] * 100_000}})
    assert many.uncounted
    assert "more than" in many.refusal().detail  # type: ignore[union-attr]


def test_numbers_that_nobody_said_are_said_aloud() -> None:
    bare = {name: value for name, value in NODE.items() if name not in ("vcpu", "power_w")}
    node = KINDS["nodes"].model_validate({**bare, "pools": [{"accelerator": "card", "count": 2}]})
    told = {one.field: one.message for one in silences({"nodes": [node]})}
    assert told["nodes.vcpu"] == "Node 'hub' says nothing of vcpu, so 0 is taken: nothing that needs a vCPU can run there."
    assert "nodes.power_w" in told
    assert "nodes.memory_mib" not in told
    assert "cost nothing" in told["nodes.pools.price_month"]
    only_wires = KINDS["nodes"].model_validate(
        {name: value for name, value in bare.items() if name not in ("pools", "memory_mib")}
    )
    assert [one.field for one in silences({"nodes": [only_wires]})] == ["nodes.vcpu"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_is_zero_in_silence(kind: str) -> None:
    """Every number that is 0 where nothing is said is told of, or left out on purpose."""
    known = {zero.field for zero in ZEROS.get(kind, ())} | HARMLESS.get(kind, set())
    zeros = {
        name for name, one in KINDS[kind].model_fields.items() if one.default == 0 and not isinstance(one.default, bool)
    }
    assert zeros <= known


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    told = Settings(data_dir=tmp_path_factory.mktemp("faults"), log_level="error", run_jobs=False)
    with TestClient(create_app(told)) as client:
        yield client


def test_the_doors_tell_everything_at_once_and_change_nothing(client: TestClient) -> None:
    given = broken_world()
    problem = refused(client.put("/v1/network", json=given["network"]), 422, "invalid")
    own = {field for document, field, _ in BROKEN if document == "network"}
    assert own <= {fault["field"] for fault in problem["errors"]}
    assert {fault["document"] for fault in problem["errors"]} == {"network"}
    assert client.get("/v1/generation").json()["generation"] == 0


def test_the_answer_of_an_import_and_of_a_creation_warns(client: TestClient) -> None:
    assert client.put("/v1/catalogue", json=world.CATALOGUE).json()["warnings"] == []
    silent = [{name: value for name, value in node.items() if name != "vcpu"} for node in world.NODES]
    warnings = client.put("/v1/network", json={**world.NETWORK, "nodes": silent}).json()["warnings"]
    assert [one["message"] for one in warnings if one["field"] == "nodes.vcpu"] == [
        "2 nodes say nothing of vcpu, so 0 is taken: nothing that needs a vCPU can run there."
    ]
    made = client.post("/v1/nodes", json={**silent[0], "id": "third"})
    assert made.status_code == 201, made.text
    assert "nodes.vcpu" in {one["field"] for one in made.json()["warnings"]}
    assert "warnings" not in client.get("/v1/nodes/third").json()


def test_numbers_that_a_change_leaves_unsaid_are_told(client: TestClient) -> None:
    def told(change: dict[str, Any]) -> list[str]:
        return [one["field"] for one in client.patch("/v1/nodes/hub", json=change).json()["warnings"]]

    assert told({"name": "Hub again"}) == []
    assert told({"vcpu": 5}) == []
    assert told({"pools": [{"accelerator": "card", "count": 3}]}) == ["nodes.pools.price_month"]
    assert told({"name": "Hub"}) == []
    assert told({"vcpu": None}) == ["nodes.vcpu"]


def test_references_of_one_entity_are_all_told_with_what_was_meant(client: TestClient) -> None:
    client.put("/v1/catalogue", json=world.CATALOGUE)
    client.put("/v1/network", json=world.NETWORK)
    client.put("/v1/policies", json={"policies": world.POLICIES})
    lost = {**WORKLOAD, "access": "plant-wird", "policy": "opne", "model": "Detector"}
    for door, body, code in (
        ("/v1/workloads", lost, "reference.unknown"),
        ("/v1/plans", world.request(lost), "invalid"),
    ):
        problem = refused(client.post(door, json=body), 422, code)
        assert {fault["fix"] for fault in problem["errors"]} == {
            "did you mean 'plant-wired'?", "did you mean 'open'?", "did you mean 'detector'?",
        }  # fmt: skip


def test_half_a_place_is_none_but_what_is_stored_stays(client: TestClient) -> None:
    half = {name: value for name, value in NODE.items() if name != "lon"} | {"id": "half"}
    problem = refused(client.post("/v1/nodes", json=half), 422, "invalid")
    assert [(fault["field"], fault["fix"]) for fault in problem["errors"]] == [("nodes[half].lon", "add 'lon'")]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/plans/0", "id"), ("/v1/plans/Latest", "id"), ("/v1/nodes/a%20b", "id"), ("/v1/capacity?plan=x", "plan"),
        ("/v1/events/log?plan=x", "plan"), ("/v1/nodes?limit=x", "limit"), ("/v1/nodes?colour=red", "colour"),
        ("/v1/nodes?tier=mecc", "tier"), ("/v1/nodes?sort=vcpus", "sort"), ("/v1/capacity?day=5", "day"),
        ("/v1/plans/latest/comparison?with=x", "with"), ("/v1/allocations?plan=x", "plan"),
    ],
)  # fmt: skip
def test_parameters_are_refused_in_words(client: TestClient, path: str, field: str) -> None:
    answer = client.get(path)
    if answer.status_code == 404:
        assert path.startswith("/v1/plans/latest")
        return
    [fault] = refused(answer, 422, "invalid")["errors"]
    assert fault["field"] == field
    said = json.dumps(fault)
    assert not [word for word in (*MACHINE_WORDS, *PATTERNS) if word in said], said
    assert fault["expected"] or fault["fix"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/plans/latest", "/v1/plans/latest/decisions", "/v1/plans/latest/request", "/v1/plans/latest/progress",
        "/v1/plans/latest/usage", "/v1/plans/latest/unplaced", "/v1/plans/latest/comparison", "/v1/map/plans/latest",
        "/v1/plans/latest/explanations/cameras", "/v1/capacity?plan=latest", "/v1/allocations?plan=latest",
        "/v1/events/log?plan=latest", "/v1/plans/latest/comparison?with=latest",
    ],
)  # fmt: skip
def test_there_is_no_latest_plan_before_the_first(client: TestClient, path: str) -> None:
    assert "no plan yet" in refused(client.get(path), 404, "not_found")["detail"]


def test_files_are_judged_without_a_service(tmp_path: Path) -> None:
    from tests.app.cli.conftest import asking, failed, told

    for name, document in DOCUMENTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    ask = asking("http://127.0.0.1:9")
    assert ": valid." in told(ask("network", "check", str(tmp_path)))
    (tmp_path / "network.json").write_text(json.dumps(broken_world()["network"]))
    failed(
        ask("network", "check", str(tmp_path)), 1, "faults", "network.json: nodes[0].vpcu of hub: there is no field",
        "did you mean 'vcpu'?", "expected: ",
    )  # fmt: skip


def test_an_explanation_says_that_a_number_is_zero_since_nobody_said_it() -> None:
    nodes = [{name: value for name, value in node.items() if name != "vcpu"} for node in world.NODES]
    stored = World.model_validate(
        {
            "generation": 1, **world.NETWORK, **world.CATALOGUE, "nodes": nodes, "policies": world.POLICIES, "workloads": [],
            "running": [],
        }
    )  # fmt: skip
    posed = question(stored, PlanRequest.model_validate(world.request(WORKLOAD)))
    told = explain(posed.problem, posed.problem.in_force, WORKLOAD["id"])
    story = story_of("plan", 1, told, 10, posed.problem)
    assert story.refusal is not None
    assert "`vcpu` of centre is 0, as where nothing is said of it." in story.refusal.sentence
    assert all("as where nothing is said" in one.refusals[0].sentence for one in story.candidates)
    assert "nothing is said" not in str(story_of("plan", 1, told, 10).refusal)
