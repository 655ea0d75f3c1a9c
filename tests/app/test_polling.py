"""Polls that find nothing changed are answered early, and never wrongly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.polling import POLLED
from app.clock import today
from app.main import create_app
from app.service import alarms, standing
from app.settings import Settings
from app.store.sql import SqlStore
from tests.app import world
from tests.app.conftest import planned

BLIND = [pytest.param(False, id="early"), pytest.param(True, id="ordinary")]


@pytest.fixture(params=BLIND)
def polled(client: TestClient, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A service with a plan in force; once as it is, once with a store that cannot tell at once what is newest."""
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    if request.param:
        monkeypatch.setattr(SqlStore, "peek", lambda self: None)
    return client


def known(client: TestClient) -> dict[str, str]:
    return {path: client.get(path).headers["etag"] for path in POLLED}


def unchanged(client: TestClient, tags: dict[str, str]) -> set[str]:
    return {path for path, tag in tags.items() if client.get(path, headers={"If-None-Match": tag}).status_code == 304}


def test_exactly_what_has_changed_is_sent_again(polled: TestClient) -> None:
    def changed(method: str, path: str, **body: Any) -> set[str]:
        tags = known(polled)
        assert unchanged(polled, tags) == set(POLLED)
        assert polled.request(method, path, json=body or None).is_success
        return set(POLLED) - unchanged(polled, tags)

    assert changed("PATCH", "/v1/nodes/hub", vcpu=65) == set(POLLED) - {"/v1/allocations"}
    assert changed("POST", "/v1/policies", id="strict") == {"/v1/alarms", "/v1/events/log"}
    assert changed("POST", "/v1/nodes/centre/drain") == set(POLLED)
    assert changed("DELETE", "/v1/workloads/cameras") == set(POLLED) - {"/v1/map"}


def test_a_poll_is_answered_alike_either_way(polled: TestClient) -> None:
    for path, tag in known(polled).items():
        for header in (tag, f"W/{tag}", f'"0", {tag}', "*"):
            answer = polled.get(path, headers={"If-None-Match": header})
            assert (answer.status_code, answer.headers["etag"], answer.content) == (304, tag, b""), (path, header)
        for header in ('"x"', tag.strip('"'), f'"{tag[1:-1]}1"'):
            assert polled.get(path, headers={"If-None-Match": header}).status_code == 200, (path, header)
        assert polled.post(path, headers={"If-None-Match": tag}).status_code == 405
    tag = polled.get("/v1/allocations").headers["etag"]
    bad = polled.get("/v1/allocations", params={"limit": 0}, headers={"If-None-Match": tag})
    assert bad.status_code == 422


def test_another_day_is_another_version(polled: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tags, tomorrow = known(polled), today() + timedelta(days=1)
    for told in (standing, alarms):
        monkeypatch.setattr(told, "today", lambda: tomorrow)
    of_now = {"/v1/alarms", "/v1/allocations/summary", "/v1/allocations/usage", "/v1/capacity", "/v1/map/allocation"}
    assert unchanged(polled, tags) == set(POLLED) - of_now


def test_what_another_process_changed_is_seen_at_once(polled: TestClient, settings: Settings) -> None:
    with TestClient(create_app(settings.model_copy(update={"run_jobs": False}))) as other:
        for vcpu in range(100, 120):
            tags = known(polled)
            assert other.patch("/v1/nodes/hub", json={"vcpu": vcpu}).status_code == 200
            assert unchanged(polled, {"/v1/map": tags["/v1/map"]}) == set()


def test_polls_are_counted(client: TestClient) -> None:
    tag = client.get("/v1/map").headers["etag"]
    for _ in range(3):
        assert client.get("/v1/map", headers={"If-None-Match": tag}).status_code == 304
    assert 'edgeplan_requests_total{method="GET",route="/v1/map",status="304"} 3.0' in client.get("/metrics").text
