"""What those who run the service ask it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.server import Server
from app.settings import Settings
from solver import GOALS, LIMITS, name_of
from tests.app import world
from tests.app.conftest import planned

#: The top of the repository.
TOP = Path(__file__).parents[2]


def test_it_is_alive_and_ready(empty: TestClient) -> None:
    assert empty.get("/healthz").json() == {"status": "ok"}
    assert empty.get("/readyz").json() == {"status": "ready", "generation": 0, "solves_here": True}
    supervisor = empty.app.state.context.supervisor  # type: ignore[attr-defined]
    supervisor.stop()
    answer = empty.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert empty.get("/healthz").status_code == 200


def test_the_rules_are_told_in_their_own_words(empty: TestClient) -> None:
    told = {rule["name"]: rule for rule in empty.get("/v1/rules").json()}
    assert set(told) == {name_of(rule) for rule in (*LIMITS, *GOALS)}
    for rule in LIMITS:
        assert told[name_of(rule)]["kind"] == "limit"
        assert told[name_of(rule)]["meaning"] == (rule.__doc__ or "").strip()


def test_metrics_count(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    assert values["edgeplan_generation",] == 4
    assert values["edgeplan_plans", "finished"] == 1
    assert values["edgeplan_allocation_shards", "placed"] == 2
    assert values["edgeplan_allocation_cost_month", "KRW"] == plan["result"]["cost"]
    assert values["edgeplan_requests_total", "/v1/plans/{id}/apply", "200", "POST"] == 1


def test_the_documentation_is_there(empty: TestClient) -> None:
    assert empty.get("/docs").status_code == 200
    assert empty.get("/openapi.json").json()["info"]["title"] == "Edgeplan"


def test_everything_that_the_monitoring_draws_is_exported(client: TestClient, settings: Settings) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    client.get("/healthz")
    Server(client.app, settings)  # type: ignore[arg-type]
    exported = {
        (sample.name, label)
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        for label in (*sample.labels, "")
    }
    board = json.loads((TOP / "docker" / "grafana" / "edgeplan.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) >= 15
    for query in queries:
        [name] = re.findall(r"\b(?:edgeplan|process)_\w+", query)
        assert (name, "") in exported, query
        grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", query) for label in labels.split(",")}
        filtered = set(re.findall(r"[{,](\w+)=", query))
        for label in grouped | filtered - {"job"}:
            assert label in ("job", "instance") or (name, label) in exported, query
    drawn = {name for query in queries for name in re.findall(r"\bedgeplan_\w+", query)}
    aside = ("_created", "_sum", "_count")
    assert drawn == {name for name, _ in exported if name.startswith("edgeplan_") and not name.endswith(aside)}


def test_the_scrape_example_leads_to_the_metrics(client: TestClient) -> None:
    told = (TOP / "docker" / "prometheus.yml").read_text()
    [path] = re.findall(r"metrics_path: (\S+)", told)
    assert client.get(path).status_code == 200
    [target] = re.findall(r'targets: \["([^"]+)"\]', told)
    name, port = target.split(":")
    compose = (TOP / "docker" / "compose.yaml").read_text()
    assert f"\n  {name}:\n" in compose
    assert f":{port}:{port}" in compose


def test_metrics_tell_of_the_last_plan_the_nodes_and_the_streams(client: TestClient) -> None:
    def value(name: str, *labels: str) -> float:
        [found] = [
            sample.value
            for family in text_string_to_metric_families(client.get("/metrics").text)
            for sample in family.samples
            if (sample.name, *sample.labels.values()) == (name, *labels)
        ]
        return found

    assert value("edgeplan_last_plan_gap") == value("edgeplan_last_plan_unplaced_shards") == 0
    assert (value("edgeplan_nodes", "active"), value("edgeplan_nodes", "failed")) == (2, 0)
    planned(client, world.CAMERAS)
    plan = planned(client, *world.WORKLOADS)
    for name in ("gap", "seconds", "cost", "unplaced_shards"):
        assert value(f"edgeplan_last_plan_{name}") == pytest.approx(plan["result"][name])
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    assert value("edgeplan_allocation_devices", "placed") == 20
    assert value("edgeplan_allocation_used_ratio", "accelerators", "regional") == 0.5
    assert client.post("/v1/nodes/hub/fail").status_code == 200
    assert (value("edgeplan_nodes", "active"), value("edgeplan_nodes", "failed")) == (1, 1)
    broadcast = client.app.state.context.broadcast  # type: ignore[attr-defined]
    assert value("edgeplan_event_streams") == value("edgeplan_events_sent_total", "node.failed") == 0
    broadcast.told["node.failed"] += 3
    broadcast.listeners = 2
    assert (value("edgeplan_event_streams"), value("edgeplan_events_sent_total", "node.failed")) == (2, 3)
