"""What those who run the service ask it."""

from __future__ import annotations

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from solver import GOALS, LIMITS, name_of
from tests.app import world
from tests.app.conftest import planned


def test_it_is_alive_and_ready(empty: TestClient) -> None:
    assert empty.get("/healthz").json() == {"status": "ok"}
    assert empty.get("/readyz").json() == {"status": "ready", "generation": 0, "solves_here": True}
    supervisor = empty.app.state.parts.supervisor  # type: ignore[attr-defined]
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
    assert values["edgeplan_allocation_cost_krw_month",] == plan["result"]["cost"]
    assert values["edgeplan_requests_total", "/v1/plans/{id}/apply", "200", "POST"] == 1


def test_the_documentation_is_there(empty: TestClient) -> None:
    assert empty.get("/docs").status_code == 200
    assert empty.get("/openapi.json").json()["info"]["title"] == "Edgeplan"
