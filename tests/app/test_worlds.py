"""The picture of everything stored, of which only what has changed is read anew."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.service.worlds import newest_world, read_world
from app.store.port import Store
from app.store.sql_entities import SqlEntities
from tests.app import world
from tests.app.conftest import planned


@pytest.fixture
def store(client: TestClient) -> Store:
    """The store of the service, which knows the tiny world."""
    kept: Store = client.app.state.context.store  # type: ignore[attr-defined]
    return kept


def test_the_picture_is_what_is_stored_after_every_change(client: TestClient, store: Store) -> None:
    def changed(answer: Any) -> None:
        assert answer.status_code < 300, answer.text
        with store.reading() as session:
            whole = read_world(session)
        assert newest_world(store) == whole
        assert newest_world(store).generation == whole.generation

    def apply(*workloads: dict[str, Any], **more: Any) -> None:
        changed(client.post(f"/v1/plans/{planned(client, *workloads, **more)['id']}/apply"))

    apply(*world.WORKLOADS)
    changed(client.post("/v1/nodes/hub/fail"))
    changed(client.post("/v1/nodes/hub/activate"))
    changed(client.put("/v1/policies", json={"policies": [*world.POLICIES, {"id": "strict", "name": "Strict"}]}))
    changed(client.patch("/v1/links/hub-centre", json={"latency_us": 900}))
    changed(client.patch("/v1/workloads/cameras", json={"rate_mhz": 900}))
    changed(client.patch("/v1/accelerators/card", json={"note": "newer"}))
    changed(client.patch("/v1/sites/plant", json={"note": "older"}))
    apply(*world.WORKLOADS)
    changed(client.post("/v1/import", json={"workloads": {"workloads": []}, "may_end": True}))
    assert not newest_world(store).running


def test_what_has_not_changed_is_not_read_again(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    newest_world(store)
    client.post("/v1/nodes/hub/drain").raise_for_status()
    read: list[str] = []
    bodies = SqlEntities.bodies

    def noted(self: SqlEntities, kind: str, *rest: Any) -> Any:
        read.append(kind)
        return bodies(self, kind, *rest)

    monkeypatch.setattr(SqlEntities, "bodies", noted)
    assert {node.id: node.state for node in newest_world(store).nodes}["hub"] == "draining"
    assert sorted(read) == ["accesses", "links", "nodes", "sites"]
