"""The history of events is read backwards, page by page."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

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
