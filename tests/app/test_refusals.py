"""A wrong input at every door gets a clear answer, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import every_error
from app.main import create_app
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service that knows the tiny world and takes bodies of up to 100 kB."""
    folder = tmp_path_factory.mktemp("refusals")
    told = Settings(data_dir=folder, log_level="error", run_jobs=False, max_body_bytes=100_000)
    with TestClient(create_app(told)) as client:
        load(client)
        yield client


@pytest.fixture(autouse=True)
def nothing_is_changed(door: TestClient) -> Iterator[None]:
    before = door.get("/v1/generation").json(), door.get("/v1/network").json()
    yield
    assert (door.get("/v1/generation").json(), door.get("/v1/network").json()) == before


WRITES = [
    ("PUT", "/v1/network"), ("PUT", "/v1/catalogue"), ("PUT", "/v1/policies"), ("PUT", "/v1/workloads"),
    ("POST", "/v1/nodes"), ("PATCH", "/v1/nodes/hub"), ("POST", "/v1/links"), ("POST", "/v1/workloads"),
    ("POST", "/v1/nodes/hub/drain"), ("POST", "/v1/plans"), ("POST", "/v1/verify"),
    ("POST", "/v1/plans/00000000-0000-4000-8000-000000000000/apply"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_what_is_not_json_is_unreadable(door: TestClient, method: str, path: str) -> None:
    for junk in (b"{", b"\x00\xff", b"[" * 50_000, b"1" * 9_000):
        answer = door.request(method, path, content=junk, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
        assert answer.json()["code"] in ("body.unreadable", "invalid")


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_megabyte_of_junk_is_too_large(door: TestClient, method: str, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    refused(door.request(method, path, content=b"x" * 2**20, headers=headers), 413, "body.too_large")

    def drip() -> Iterator[bytes]:
        for _ in range(16):
            yield b"x" * 2**16

    refused(door.request(method, path, content=drip(), headers=headers), 413, "body.too_large")


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_unknown_fields_are_refused(door: TestClient, method: str, path: str) -> None:
    problem = refused(door.request(method, path, json={"colour": "red"}), 422, "invalid")
    said = {fault["field"]: fault for fault in problem["errors"]}
    assert said["colour"]["message"] == "there is no field 'colour' here"
    assert said["colour"]["value"] == '"red"'
    assert "field" in said["colour"]["expected"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"devices": -1}, "workloads[0].devices"),
        ({"devices": 0}, "workloads[0].devices"),
        ({"devices": "10"}, "workloads[0].devices"),
        ({"devices": 1.5}, "workloads[0].devices"),
        ({"devices": True}, "workloads[0].devices"),
        ({"value_month": 10**13}, "workloads[0].value_month"),
        ({"id": ""}, "workloads[0].id"),
        ({"id": "a/b"}, "workloads[0].id"),
        ({"tiers": []}, "workloads[0].tiers"),
        ({"tiers": ["cloud"]}, "workloads[0].tiers[0]"),
        ({"deadline_us": None}, "workloads[0].deadline_us"),
        ({"name": "a\u0000b"}, "workloads[0].name"),
    ],
)
def test_a_wrong_amount_is_named_with_its_path(door: TestClient, change: dict[str, Any], field: str) -> None:
    body = world.request({**world.CAMERAS, **change})
    problem = refused(door.post("/v1/plans", json=body), 422, "invalid")
    assert field in {fault["field"] for fault in problem["errors"]}


def test_a_request_about_nothing_is_refused(door: TestClient) -> None:
    assert "at least one" in refused(door.post("/v1/plans", json=world.request()), 422, "invalid")["errors"][0]["message"]
    twice = world.request(world.CAMERAS, world.CAMERAS)
    assert "twice" in refused(door.post("/v1/plans", json=twice), 422, "invalid")["errors"][0]["message"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"access": "nowhere"}, "access"), ({"policy": "none"}, "policy"), ({"model": "none"}, "model")],
)
def test_a_request_that_names_what_is_not_there_is_refused(door: TestClient, change: dict[str, Any], words: str) -> None:
    body = world.request({**world.CAMERAS, **change})
    problem = refused(door.post("/v1/plans", json=body), 422, "invalid")
    assert problem["errors"][0]["field"] == f"workloads[cameras].{words}"
    stored = refused(door.post("/v1/workloads", json={**world.CAMERAS, **change}), 422, "reference.unknown")
    assert stored["errors"][0]["field"] == words


def test_entities_that_contradict_themselves_are_refused(door: TestClient) -> None:
    loop = {**world.LINKS[0], "id": "loop", "target": "hub"}
    assert refused(door.post("/v1/links", json=loop), 422, "invalid")["errors"][0]["field"] == "links[loop].target"
    late = {**world.ACCESSES[0], "id": "late", "rtt_p50_us": 500}
    refused(door.post("/v1/accesses", json=late), 422, "invalid")
    falling = {**world.PROFILES[0], "id": "falling", "batches": [[1, 900], [1, 100]]}
    refused(door.post("/v1/profiles", json=falling), 422, "invalid")
    doubled = {**world.NODES[0], "id": "doubled", "pools": world.NODES[0]["pools"] * 2}
    refused(door.post("/v1/nodes", json=doubled), 422, "invalid")
    refused(door.patch("/v1/links/hub-centre", json={"target": "hub"}), 422, "invalid")
    refused(door.patch("/v1/links/hub-centre", json={"target": "moon"}), 422, "reference.unknown")
    refused(door.patch("/v1/links/hub-centre", json={"latency_us": None}), 422, "invalid")
    twice = {**world.NETWORK, "sites": world.SITES * 2}
    refused(door.put("/v1/network", json=twice), 422, "invalid")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nodes/none", "/v1/plans/00000000-0000-4000-8000-000000000000",
        "/v1/plans/00000000-0000-4000-8000-000000000000/decisions", "/v1/nothing", "/nodes",
        "/v1/plans/00000000-0000-4000-8000-000000000000/explanations/cameras",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(door: TestClient, path: str) -> None:
    refused(door.get(path), 404, "not_found")


def test_ids_and_cursors_that_cannot_be(door: TestClient) -> None:
    refused(door.get("/v1/plans/not-an-id"), 422, "invalid")
    refused(door.get("/v1/nodes", params={"limit": 0}), 422, "invalid")
    refused(door.get("/v1/nodes", params={"limit": 10_000}), 422, "invalid")
    for cursor in ("", "!!!", "WzFd", "eyJhIjoxfQ", "W1tdXQ", "WzEsMl0" * 50):
        for path in ("nodes", "plans", "allocations", "allocations/changes", "changes"):
            refused(door.get(f"/v1/{path}", params={"cursor": cursor}), 422, "cursor.invalid")
    assert door.put("/v1/nodes/hub", json={}).status_code == 405
    assert door.put("/v1/nodes/hub", json={}).headers["content-type"] == "application/problem+json"


def test_every_refusal_is_listed(door: TestClient) -> None:
    listed = {kind["code"]: kind for kind in door.get("/v1/problems").json()}
    assert len({kind.code for kind in every_error()}) == len(listed)
    for kind in every_error():
        assert listed[kind.code]["meaning"] == (kind.__doc__ or "").strip()
        assert listed[kind.code]["title"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/events/log?severity=warning&severity=critical",
        "/v1/events?severity=warning&severity=critical",
        "/v1/nodes?tier=mec&sort=id&tier=regional",
        "/v1/capacity?day=2026-12-01&day=2026-12-02",
        "/v1/plans/latest/comparison?with=latest&with=allocation",
        "/v1/generation?x&x=",
        "/healthz?a=1&a=1",
    ],
)
def test_a_parameter_is_given_once(door: TestClient, path: str) -> None:
    problem = refused(door.get(path), 422, "invalid")
    [fault] = problem["errors"]
    assert (fault["message"], fault["code"]) == ("is given 2 times", "twice")
    assert f"{fault['field']}=" in f"{path}="
