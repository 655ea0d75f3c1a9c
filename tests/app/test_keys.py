"""`Idempotency-Key`: what is asked twice with one key is carried out once, and answered alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.schemas.documents import KINDS
from app.service import promises
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.serving import until

PLAN = world.request(world.CAMERAS, seconds=1)
SITE = {**world.SITES[0], "id": "another"}


@pytest.fixture
def still(settings: Settings) -> Settings:
    """A service that solves nothing."""
    return settings.model_copy(update={"run_jobs": False})


@pytest.fixture
def keyed(still: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(still)) as client:
        load(client)
        yield client


def sent(client: TestClient, path: str, body: Any, key: str, **headers: str) -> Any:
    return client.post(path, json=body, headers={"Idempotency-Key": key, **headers})


def alike(first: Any, second: Any) -> None:
    """The same answer, in whatever a client looks at."""
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for name in ("location", "etag", "content-type"):
        assert second.headers.get(name) == first.headers.get(name)


#: One of each kind that is new to the tiny world.
NEW = {
    "nodes": {**world.NODES[0], "id": "another"},
    "links": {**world.LINKS[0], "id": "another"},
    "sites": SITE,
    "accesses": {**world.ACCESSES[0], "id": "another"},
    "accelerators": {**world.ACCELERATORS[0], "id": "another"},
    "profiles": {**world.PROFILES[0], "id": "another"},
    "policies": {**world.POLICIES[0], "id": "another"},
    "workloads": world.workload("another"),
}


def test_whatever_can_be_created_is_created_once(keyed: TestClient) -> None:
    assert set(NEW) == set(KINDS)
    for kind, body in NEW.items():
        first = sent(keyed, f"/v1/{kind}", body, f'"first of {kind}"')
        assert first.status_code == 201, first.text
        assert first.headers["location"] == f"/v1/{kind}/another"
        keyed.delete(f"/v1/{kind}/another")
        alike(first, sent(keyed, f"/v1/{kind}", body, f'"first of {kind}"'))
        assert keyed.get(f"/v1/{kind}/another").status_code == 404, "it was created once more"
    first = sent(keyed, "/v1/plans", PLAN, "a-token")
    assert (first.status_code, first.headers["location"]) == (202, f"/v1/plans/{first.json()['id']}")
    alike(first, sent(keyed, "/v1/plans", PLAN, "a-token"))
    assert len(keyed.get("/v1/plans").json()["items"]) == 1


def test_every_operation_that_creates_takes_a_key(keyed: TestClient) -> None:
    document = keyed.get("/openapi.json").json()
    creating = {
        path
        for path, methods in document["paths"].items()
        if "post" in methods and {"201", "202"} & set(methods["post"]["responses"])
    }
    taking = {
        path
        for path, methods in document["paths"].items()
        for one in methods.get("post", {}).get("parameters", [])
        if one["name"].lower() == "idempotency-key"
    }
    restoring = "/v1/allocations/history/{generation}/restore"
    assert creating == taking == {"/v1/plans", restoring, *(f"/v1/{kind}" for kind in KINDS)}


def test_a_key_belongs_to_what_was_asked_first(keyed: TestClient) -> None:
    assert sent(keyed, "/v1/sites", SITE, '"one"').status_code == 201
    refused(sent(keyed, "/v1/sites", {**SITE, "id": "third"}, '"one"'), 422, "idempotency_key.reused")
    refused(sent(keyed, "/v1/plans", PLAN, '"one"'), 422, "idempotency_key.reused")
    assert len(keyed.get("/v1/sites").json()["items"]) == 2
    assert keyed.get("/v1/plans").json()["items"] == []


@pytest.mark.parametrize("key", ["", '""', "two words", '"open', '"a" ; x', '"\x07"', "x" * 256, f'"{"x" * 256}"', '"a"b"'])
def test_a_malformed_key_is_refused(keyed: TestClient, key: str) -> None:
    for path, body in (("/v1/sites", SITE), ("/v1/plans", PLAN)):
        refused(sent(keyed, path, body, key), 400, "idempotency_key.malformed")
    assert len(keyed.get("/v1/sites").json()["items"]) == 1


def test_two_keys_on_one_request_are_refused(keyed: TestClient) -> None:
    both = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    refused(keyed.post("/v1/sites", json=SITE, headers=both), 400, "idempotency_key.malformed")


def test_a_refusal_is_not_kept(keyed: TestClient) -> None:
    orphan = {**world.ACCESSES[0], "id": "another", "site": "another"}
    refused(sent(keyed, "/v1/accesses", orphan, "again"), 422, "reference.unknown")
    assert keyed.post("/v1/sites", json=SITE).status_code == 201
    assert sent(keyed, "/v1/accesses", orphan, "again").status_code == 201


def test_an_answer_outlives_the_service(still: Settings) -> None:
    with TestClient(create_app(still)) as client:
        load(client)
        site, plan = sent(client, "/v1/sites", SITE, "site"), sent(client, "/v1/plans", PLAN, "plan")
        # Another process on the same store knows it, too.
        with TestClient(create_app(still)) as other:
            alike(site, sent(other, "/v1/sites", SITE, "site"))
    with TestClient(create_app(still)) as client:
        alike(site, sent(client, "/v1/sites", SITE, "site"))
        alike(plan, sent(client, "/v1/plans", PLAN, "plan"))


def test_keys_are_kept_for_so_long(still: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(create_app(still.model_copy(update={"key_hours": 1}))) as client:
        load(client)
        first = sent(client, "/v1/sites", SITE, "site")
        now = promises.now_ms()
        monkeypatch.setattr(promises, "now_ms", lambda: now + 3_500_000)
        alike(first, sent(client, "/v1/sites", SITE, "site"))
        monkeypatch.setattr(promises, "now_ms", lambda: now + 3_700_000)
        refused(sent(client, "/v1/sites", SITE, "site"), 409, "exists")
        assert sent(client, "/v1/sites", {**SITE, "id": "third"}, "site").status_code == 201


def test_who_asks_while_the_first_is_under_way_is_told_so(keyed: TestClient) -> None:
    with ThreadPoolExecutor(1) as hand:
        # Nothing solves, so it is waited for to the end of its time or of the service.
        first = hand.submit(sent, keyed, "/v1/plans", PLAN, "key", Prefer="wait=3")
        keys: Any = keyed.app.state.context.keys  # type: ignore[attr-defined]
        until(lambda: keys._under_way or first.done())
        second = sent(keyed, "/v1/plans", PLAN, "key")
        refused(second, 409, "idempotency_key.under_way")
        assert second.headers["retry-after"] == "1"
        alike(first.result(), sent(keyed, "/v1/plans", PLAN, "key"))


def test_of_two_at_once_in_two_processes_one_creates(still: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    earlier = promises.Promise.earlier

    def together(self: promises.Promise, store: Any) -> Any:
        found = earlier(self, store)
        both.wait(60)
        return found

    with TestClient(create_app(still)) as one, TestClient(create_app(still)) as other, ThreadPoolExecutor(2) as hands:
        load(one)
        monkeypatch.setattr(promises.Promise, "earlier", together)
        answers = [call.result() for call in [hands.submit(sent, client, "/v1/sites", SITE, "k") for client in (one, other)]]
        first, second = sorted(answers, key=lambda answer: answer.status_code)
        assert first.status_code == 201
        refused(second, 409, "idempotency_key.under_way")
        monkeypatch.undo()
        alike(first, sent(other, "/v1/sites", SITE, "k"))


def test_what_was_waited_for_is_answered_again_as_it_ended(client: TestClient) -> None:
    first = sent(client, "/v1/plans", PLAN, "key", Prefer="wait=60")
    assert (first.status_code, first.json()["status"]) == (200, "finished")
    alike(first, sent(client, "/v1/plans", PLAN, "key", Prefer="wait=60"))
