"""Who asks is decided in one place, and goes from there into whatever is written."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.testclient import TestClient

import app
from app.api import access
from app.identity.caller import Caller
from app.main import create_app
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load
from tests.app.making import far, made

PORT = Caller("port", "token-7")
SITE = {**world.SITES[0], "id": "port"}


def test_nobody_else_decides_who_asks() -> None:
    root = Path(app.__file__).parent
    users = {str(path.relative_to(root)) for path in root.rglob("*.py") if re.search(r"\bLOCAL\b", path.read_text())}
    assert users == {"identity/caller.py", "api/access.py", "seed.py"}


def test_another_caller_is_in_all_that_it_writes_and_has_keys_of_its_own(settings: Settings) -> None:
    service = create_app(settings.model_copy(update={"run_jobs": False}))
    with TestClient(service) as client:
        load(client)
        keyed = {"Idempotency-Key": "mine"}
        assert client.post("/v1/workloads", json=world.NIGHT_CAMERAS, headers=keyed).status_code == 201
        begin = client.get("/v1/generation").json()["generation"]
        service.dependency_overrides[access._caller] = lambda: PORT
        # The same key for something else is no other's business.
        assert client.post("/v1/sites", json=SITE, headers=keyed).status_code == 201
        assert client.patch("/v1/sites/port", json={"name": "Port"}).status_code == 200
        assert client.post("/v1/nodes/hub/drain").status_code == 200
        assert client.put("/v1/network", json=world.NETWORK).status_code == 200
        plan = made(client.app.state.context.store, world.request(world.CAMERAS), far("cameras"))  # type: ignore[attr-defined]
        assert client.post(f"/v1/plans/{plan.id}/apply").status_code == 200
        assert client.delete("/v1/workloads/cameras").status_code == 204
        assert client.post("/v1/plans", json=world.request(world.CAMERAS)).status_code == 202
        rows = client.get("/v1/changes", params={"since": begin}).json()["items"]
        assert [row["action"] for row in rows] == ["created", "changed", "draining", "replaced", "applied", "deleted"]
        rows += client.get("/v1/allocations/history").json()["items"]
        rows += client.get("/v1/allocations/changes", params={"since": begin}).json()["items"]
        rows.append(client.get("/v1/plans/latest").json())
        assert {(row["tenant"], row["actor"]) for row in rows} == {("port", "token-7")}
