"""No work on the event loop grows with the body of a request: it is taken as bytes, and looked into elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api import bodies
from app.api.access import HERE_BYTES
from app.api.bodies import Sent, SentWhole
from app.identity.caller import LOCAL
from app.main import create_app
from app.schemas import reading
from app.service import sent
from app.service.cache import Cache
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.published import openapi_document

JSON = {"Content-Type": "application/json"}
SMALL, WHOLE = 200_000, 400_000
#: What is the same, and large.
PADDING = b" " * (HERE_BYTES + 1)
#: Path parameters that lead somewhere.
IDS = {
    "nodes": "hub", "links": "hub-centre", "sites": "plant", "accesses": "plant-wired", "accelerators": "card",
    "profiles": "detector-card", "policies": "open", "workloads": "cameras",
    "plans": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def with_bodies() -> list[tuple[str, str]]:
    """Every operation that takes a body."""
    paths = openapi_document()["paths"]
    return [
        (method.upper(), path)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "requestBody" in operation
    ]


ROUTES = with_bodies()


def limit_of(method: str, path: str) -> int:
    return (
        WHOLE
        if (method, path) in {("POST", "/v1/plans"), ("POST", "/v1/verify"), ("POST", "/v1/import")} or method == "PUT"
        else SMALL
    )


def place(path: str) -> str:
    return path.replace("{id}", IDS.get(path.split("/")[2], "")).replace("{generation}", "latest")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service that knows the tiny world and solves nothing."""
    told = Settings(
        data_dir=tmp_path_factory.mktemp("bodies"), log_level="error", run_jobs=False, max_body_bytes=WHOLE,
        max_small_body_bytes=SMALL,
    )  # fmt: skip
    with TestClient(create_app(told)) as client:
        load(client)
        yield client


@dataclass
class Watched:
    """Where bodies were taken, and where in this process something was made of what they say: thread, size."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    made: list[tuple[int, int]] = field(default_factory=list)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    found = Watched()
    take, loads, parse = bodies._taken, json.loads, reading.parsed

    async def taken(*about: Any) -> bytes:
        data = await take(*about)
        found.taken.append((threading.get_ident(), len(data)))
        return data

    def loaded(text: Any, *more: Any, **options: Any) -> Any:
        found.made.append((threading.get_ident(), len(text)))
        return loads(text, *more, **options)

    def parsed(data: bytes, *more: Any) -> Any:
        found.made.append((threading.get_ident(), len(data)))
        return parse(data, *more)

    monkeypatch.setattr(bodies, "_taken", taken)
    monkeypatch.setattr(json, "loads", loaded)
    monkeypatch.setattr(reading, "parsed", parsed)
    return found


def test_every_body_reaches_its_endpoint_as_bytes() -> None:
    """What the framework validates of a body is nothing: the models are there for the documentation alone."""
    app = create_app(Settings())
    kinds = {
        (method, route.path): kind
        for route in routes_of(app)
        if route.body_field is not None
        for method in route.methods
        for kind in [route.body_field.field_info.annotation]
    }
    assert set(kinds) == set(ROUTES)
    for (method, path), kind in kinds.items():
        origins = [get_origin(one) for one in (kind, *get_args(kind))]
        [taken] = [one for one in origins if isinstance(one, type) and issubclass(one, Sent)]
        assert (taken is SentWhole) == (limit_of(method, path) == WHOLE), path


def routes_of(app: FastAPI) -> list[Any]:
    """The routes of an application, whatever routers they came with."""
    found = []
    waits: list[Any] = list(app.router.routes)
    while waits:
        route = waits.pop()
        inner = getattr(route, "original_router", None)
        waits += [] if inner is None else inner.routes
        if hasattr(route, "body_field"):
            found.append(route)
    return found


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_body_is_looked_into_on_the_event_loop(client: TestClient, watched: Watched, method: str, path: str) -> None:
    for padding in (b"", PADDING):
        body = b'{"colour": "red"}' + padding
        answer = client.request(method, place(path), content=body, headers=JSON)
        assert {fault["field"] for fault in refused(answer, 422, "invalid")["errors"]} >= {"colour"}
        [(loop, size)] = watched.taken
        assert size == len(body)
        seen = [thread for thread, looked_at in watched.made if looked_at >= len(body)]
        # A small one is read in a thread or in the process that judges, a large one in that process alone.
        assert loop not in seen
        assert not padding or not seen
        watched.taken.clear()
        watched.made.clear()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_more_is_taken_than_a_route_may_have(client: TestClient, method: str, path: str) -> None:
    most = limit_of(method, path)
    too_much = client.request(method, place(path), content=b" " * (most + 1), headers=JSON)
    assert str(most) in refused(too_much, 413, "body.too_large")["detail"]
    enough = client.request(method, place(path), content=b"{" + b" " * (most - 1), headers=JSON)
    refused(enough, 400, "body.unreadable")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/network"), ("PATCH", "/v1/nodes/{id}")])
@pytest.mark.parametrize("said", [True, False])
def test_what_is_too_large_is_not_read_to_its_end(client: TestClient, method: str, path: str, said: bool) -> None:
    most, part = limit_of(method, path), 50_000
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    asked = 0
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b" " * part, "more_body": True}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": place(path), "raw_path": place(path).encode(), "query_string": b"", "root_path": "",
        "headers": [*headers, (b"content-length", str(most + 1).encode())] if said else headers,
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    assert told[0]["status"] == 413
    assert asked <= (0 if said else most // part + 1)


def test_only_so_many_large_bodies_are_held_at_a_time(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    room = client.app.state.room  # type: ignore[attr-defined]
    monkeypatch.setattr(bodies, "ROOM_SECONDS", 0.1)
    body = json.dumps({"vcpu": 64}).encode()
    assert client.portal is not None
    with ExitStack() as held:
        for _ in range(bodies.LARGE_AT_ONCE):
            held.enter_context(client.portal.wrap_async_context_manager(room.place()))
        refused(client.patch("/v1/nodes/hub", content=body + PADDING, headers=JSON), 503, "unavailable")
        assert client.patch("/v1/nodes/hub", content=body, headers=JSON).status_code == 200
    for _ in range(bodies.LARGE_AT_ONCE + 1):
        assert client.patch("/v1/nodes/hub", content=body + PADDING, headers=JSON).status_code == 200


def test_large_bodies_are_carried_out_like_small_ones(client: TestClient) -> None:
    def send(method: str, path: str, body: Any, **headers: str) -> Any:
        return client.request(method, path, content=json.dumps(body).encode() + PADDING, headers={**JSON, **headers})

    created = send("POST", "/v1/nodes", {**world.NODES[0], "id": "large"})
    assert created.status_code == 201
    assert created.headers["location"] == "/v1/nodes/large"
    tag = created.headers["etag"]
    read = client.get("/v1/nodes/large")
    # What was not said is told when it is created, and is no part of what is stored.
    stored = {name: value for name, value in created.json().items() if name != "warnings"}
    assert (read.json(), read.headers["etag"]) == (stored, tag)
    refused(send("POST", "/v1/nodes", {**world.NODES[0], "id": "large"}), 409, "exists")
    changed = send("PATCH", "/v1/nodes/large", {"vcpu": 7}, **{"If-Match": tag})
    assert changed.json()["vcpu"] == 7
    refused(send("PATCH", "/v1/nodes/large", {"vcpu": 8}, **{"If-Match": tag}), 412, "precondition.failed")
    assert send("POST", "/v1/nodes/large/fail", {"reason": "fire"}).json()["state"] == "failed"
    tag = client.get("/v1/network").headers["etag"]
    replaced = send("PUT", "/v1/network", world.NETWORK, **{"If-Match": tag})
    assert replaced.status_code == 200
    assert client.get("/v1/network").headers["etag"] == f'"{replaced.json()["generation"]}"' == replaced.headers["etag"]
    refused(send("PUT", "/v1/network", world.NETWORK, **{"If-Match": tag}), 412, "precondition.failed")
    asked = world.request(world.CAMERAS, name="large", seconds=7)
    plan = send("POST", "/v1/plans", asked)
    assert plan.status_code == 202
    assert (plan.json()["name"], plan.json()["limits"]["seconds"]) == ("large", 7)
    given = client.get(f"{plan.headers['location']}/request").json()
    assert [one["id"] for one in given["workloads"]] == ["cameras"]
    verdict = send("POST", "/v1/verify", {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": []})
    assert (verdict.json()["ok"], verdict.json()["unplaced_count"]) == (True, 1)


@pytest.mark.parametrize(
    "said", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_what_is_not_said_to_be_json_is_refused(client: TestClient, said: str | None) -> None:
    """Such as a form of another page, which a browser sends without asking."""
    headers = {} if said is None else {"Content-Type": said}
    answer = client.post("/v1/nodes/hub/fail", content=b'{"reason": "none"}', headers=headers)
    refused(answer, 415, "body.not_json")
    assert client.get("/v1/nodes/hub").json()["state"] == "active"


def test_a_body_that_may_be_missing_may_be_null(client: TestClient) -> None:
    for content in (b"", b"null", b" null "):
        assert client.post("/v1/nodes/hub/activate", content=content, headers=JSON).status_code == 200
    missing = client.post("/v1/nodes", content=b"null", headers=JSON)
    assert refused(missing, 422, "invalid")["errors"][0]["field"] == "body"


def test_a_request_told_twice_under_one_id_is_one_plan(client: TestClient) -> None:
    """So a request whose answer was lost may be told again."""
    store = client.app.state.context.store  # type: ignore[attr-defined]
    data, id = json.dumps(world.request(world.CAMERAS)).encode(), str(uuid4())
    first = sent.submit(Cache.of(store), LOCAL, data, id, 1.0, 1.0)
    assert (first.row.id, sent.submit(Cache.of(store), LOCAL, data, id, 1.0, 1.0).row.status) == (id, "queued")
    assert [plan["id"] for plan in client.get("/v1/plans", params={"limit": 1000}).json()["items"]].count(id) == 1


def test_exports_are_the_same_zipped_or_not(client: TestClient) -> None:
    for path in ("network", "network/graphml", "network/geojson", "catalogue"):
        zipped = client.get(f"/v1/{path}", headers={"Accept-Encoding": "gzip"})
        plain = client.get(f"/v1/{path}", headers={"Accept-Encoding": "identity"})
        assert zipped.content == plain.content
        assert (zipped.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
        tag = plain.headers["etag"]
        assert zipped.headers["etag"] == tag
        assert client.get(f"/v1/{path}", headers={"If-None-Match": tag}).status_code == 304
