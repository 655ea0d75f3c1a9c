"""The history of events is read backwards, page by page."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from app.schemas.events import RESET, SEVERITIES, SEVERITY, TYPES, EventOut
from app.service.events import wanted
from app.store.records import EventRow
from tests.app.conftest import refused


def test_the_log_is_read_backwards(client: TestClient) -> None:
    for _ in range(3):
        for action in ("drain", "activate"):
            assert client.post(f"/v1/nodes/hub/{action}").status_code == 200

    def log(**query: Any) -> list[int]:
        return [event["id"] for event in client.get("/v1/events/log", params=query).json()["items"]]

    ids = log()
    newest = log(limit=4)
    assert newest == ids[-4:]
    assert log(before=newest[0], limit=1000) == ids[:-4]
    assert log(before=ids[0]) == []
    drained = log(types="node.draining")
    assert log(types="node.draining", before=drained[-1], limit=1) == drained[-2:-1]
    refused(client.get("/v1/events/log", params={"after": 1, "before": 3}), 422, "invalid")


def test_every_type_of_event_has_a_severity() -> None:
    assert set(SEVERITY) == set(TYPES)
    assert set(SEVERITY.values()) == set(SEVERITIES)
    assert SEVERITY["node.failed"] == SEVERITY["allocation.disturbed"] == "critical"
    assert SEVERITY["plan.improved"] == "info"
    for kind in TYPES:
        row = EventRow(1, 0, kind, None, None, None, {})
        assert EventOut.of(row).severity == SEVERITY[kind]
        assert wanted(None, None, "critical").takes(row) == (SEVERITY[kind] == "critical" or kind == RESET)


def test_events_are_asked_for_by_severity(client: TestClient) -> None:
    for action in ("drain", "fail", "activate"):
        assert client.post(f"/v1/nodes/hub/{action}").status_code == 200

    def log(**query: Any) -> list[str]:
        return [event["type"] for event in client.get("/v1/events/log", params=query).json()["items"]]

    assert {"node.failed", "node.draining", "node.active", "generation.changed"} <= set(log())
    assert set(log(severity="critical")) == {"node.failed"}
    assert set(log(severity="warning, critical", types="node")) == {"node.failed", "node.draining"}
    assert log(severity="critical", types="generation") == []
    wrong = refused(client.get("/v1/events/log", params={"severity": "critcal"}), 422, "invalid")
    assert wrong["errors"][0]["field"] == "severity"
    assert "critical" in wrong["errors"][0]["fix"]
