"""What operators say to the service, in the order in which they would."""

from __future__ import annotations

import io
from typing import Any
from unittest.mock import ANY

import networkx as nx
from fastapi.testclient import TestClient

from tests.app import world
from tests.app.conftest import planned, refused


def test_a_network_is_imported_and_exported_as_it_was(empty: TestClient) -> None:
    assert empty.get("/v1/network").json()["nodes"] == []
    refused(empty.put("/v1/network", json=world.NETWORK), 422, "reference.unknown")
    assert empty.get("/v1/generation").json()["generation"] == 0
    assert empty.put("/v1/catalogue", json=world.CATALOGUE).json() == {"generation": 1, "warnings": []}
    assert empty.put("/v1/network", json=world.NETWORK).json() == {"generation": 2, "warnings": ANY}
    exported = empty.get("/v1/network").json()
    assert [node["id"] for node in exported["nodes"]] == ["centre", "hub"]
    assert empty.put("/v1/network", json=exported).json() == {"generation": 2, "warnings": ANY}
    assert empty.get("/v1/network").json() == exported


def test_an_import_is_safe_against_another_one(client: TestClient) -> None:
    tag = client.get("/v1/network").headers["etag"]
    other = {**world.NETWORK, "nodes": [{**world.NODES[0], "vcpu": 99}, *world.NODES[1:]]}
    assert client.put("/v1/network", json=other, headers={"If-Match": tag}).status_code == 200
    refused(client.put("/v1/network", json=world.NETWORK, headers={"If-Match": tag}), 412, "precondition.failed")


def test_lists_are_paged_filtered_and_sorted(client: TestClient) -> None:
    for number in range(5):
        node = {**world.NODES[0], "id": f"hub-{number}", "vcpu": 10 * (number % 3), "province": "KR-11"}
        assert client.post("/v1/nodes", json=node).status_code == 201
    for sort in ("id", "-id", "vcpu", "-vcpu", "name", "-province"):
        whole = client.get("/v1/nodes", params={"sort": sort}).json()["items"]
        pieces: list[Any] = []
        cursor = None
        while True:
            params: dict[str, Any] = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/nodes", params=params).json()
            pieces += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert [node["id"] for node in pieces] == [node["id"] for node in whole]
        assert len(whole) == 7
        key = sort.removeprefix("-")
        values = [node[key] for node in whole]
        assert values == sorted(values, reverse=sort.startswith("-"))
    found = client.get("/v1/nodes", params={"province": "KR-11", "tier": "mec"}).json()["items"]
    assert len(found) == 5
    assert client.get("/v1/links", params={"target": "hub"}).json()["items"] == []
    refused(client.get("/v1/nodes", params={"cursor": "rubbish"}), 422, "cursor.invalid")
    refused(client.get("/v1/nodes", params={"colour": "red"}), 422, "invalid")


def test_a_node_is_created_changed_and_deleted(client: TestClient) -> None:
    created = client.post("/v1/nodes", json={**world.NODES[0], "id": "new"})
    assert created.status_code == 201
    assert created.headers["location"] == "/v1/nodes/new"
    tag = created.headers["etag"]
    assert client.get("/v1/nodes/new", headers={"If-None-Match": tag}).status_code == 304
    refused(client.post("/v1/nodes", json={**world.NODES[0], "id": "new"}), 409, "exists")
    changed = client.patch("/v1/nodes/new", json={"vcpu": 7, "name": None}, headers={"If-Match": tag})
    assert (changed.json()["vcpu"], changed.json()["name"]) == (7, None)
    assert client.get("/v1/nodes/new", headers={"If-None-Match": tag}).status_code == 200
    refused(client.patch("/v1/nodes/new", json={"vcpu": 8}, headers={"If-Match": tag}), 412, "precondition.failed")
    refused(client.delete("/v1/nodes/new", headers={"If-Match": tag}), 412, "precondition.failed")
    assert client.get("/v1/nodes/new").json()["vcpu"] == 7
    assert client.delete("/v1/nodes/new").status_code == 204
    refused(client.get("/v1/nodes/new"), 404, "not_found")


def test_a_change_that_changes_nothing_makes_no_generation(client: TestClient) -> None:
    before = client.get("/v1/generation").json()
    assert client.patch("/v1/nodes/hub", json={"vcpu": 64}).status_code == 200
    assert client.post("/v1/nodes/hub/activate").status_code == 200
    assert client.get("/v1/generation").json() == before


def test_what_is_named_cannot_be_deleted(client: TestClient) -> None:
    problem = refused(client.delete("/v1/nodes/hub"), 409, "in_use")
    assert {fault["field"] for fault in problem["errors"]} == {"accesses[plant-wired]", "links[hub-centre]"}
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    refused(client.delete("/v1/policies/open"), 409, "in_use")
    refused(client.delete("/v1/profiles/detector-card"), 409, "in_use")
    refused(client.patch("/v1/profiles/detector-card", json={"model": "other"}), 409, "in_use")
    refused(client.put("/v1/network", json={**world.NETWORK, "accesses": []}), 409, "in_use")
    assert client.get("/v1/accesses/plant-wired").status_code == 200


def test_a_node_on_which_something_runs_cannot_go(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    network = {**world.NETWORK, "nodes": world.NODES[:1], "links": []}
    refused(client.put("/v1/network", json=network), 409, "in_use")
    refused(client.delete("/v1/links/hub-centre"), 409, "in_use")
    refused(client.delete("/v1/nodes/centre"), 409, "in_use")
    assert client.post("/v1/nodes", json={**world.NODES[1], "id": "idle"}).status_code == 201
    assert client.delete("/v1/nodes/idle").status_code == 204


def test_states_are_changed_with_a_reason_and_remembered(client: TestClient) -> None:
    since = client.get("/v1/generation").json()["generation"]
    assert client.post("/v1/nodes/hub/drain", json={"reason": "new cooling"}).json()["state"] == "draining"
    assert client.post("/v1/nodes/hub/fail").json()["state"] == "failed"
    assert client.post("/v1/nodes/hub/activate").json()["state"] == "active"
    refused(client.post("/v1/nodes/nowhere/fail"), 404, "not_found")
    history = client.get("/v1/changes", params={"since": since, "kind": "nodes", "id": "hub"}).json()
    assert [(change["action"], change["note"]) for change in history["items"]] == [
        ("draining", "new cooling"),
        ("failed", None),
        ("active", None),
    ]
    assert history["items"][0]["before"]["state"] == "active"
    assert history["items"][0]["after"]["state"] == "draining"
    assert history["generation"] == since + 3
    assert client.get("/v1/changes", params={"since": since + 3}).json()["items"] == []


def test_history_is_paged(client: TestClient) -> None:
    for number in range(4):
        assert client.patch("/v1/nodes/hub", json={"vcpu": number}).status_code == 200
    whole = client.get("/v1/changes").json()["items"]
    pieces: list[Any] = []
    params: dict[str, Any] = {"limit": 3}
    while True:
        page = client.get("/v1/changes", params=params).json()
        pieces += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert pieces == whole
    assert len(whole) == 7


def test_the_network_is_exported_for_graph_tools_and_maps(client: TestClient) -> None:
    graph = nx.read_graphml(io.BytesIO(client.get("/v1/network/graphml").content))
    assert set(graph.nodes) == {"hub", "centre", "site:plant"}
    assert graph.number_of_edges() == 2
    layer = client.get("/v1/network/geojson").json()
    kinds = {feature["id"]: feature["geometry"]["type"] for feature in layer["features"]}
    assert kinds == {
        "node:hub": "Point",
        "node:centre": "Point",
        "site:plant": "Point",
        "link:hub-centre": "LineString",
        "access:plant-wired": "LineString",
    }
    tag = client.get("/v1/network/geojson").headers["etag"]
    assert client.get("/v1/network/geojson", headers={"If-None-Match": tag}).status_code == 304
