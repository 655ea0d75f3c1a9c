"""A store that is full, read-only, locked or damaged: each is told by its code at every door, and is got over."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.errors import StoreBusy, StoreDamaged, StoreFull, StoreReadOnly, StoreUnusable
from app.main import create_app
from app.settings import Settings
from app.store.sql import SqlStore
from app.store.trial import Trial
from app.trouble import Trouble
from tests.app.conftest import load, refused


def file(settings: Settings) -> Path:
    return settings.data_dir / "edgeplan.db"


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A service that knows the tiny world, solves nothing, and answers 500 where it breaks."""
    app = create_app(settings.model_copy(update={"run_jobs": False}))
    with TestClient(app, raise_server_exceptions=False) as client:
        load(client)
        parts = client.app.state.context  # type: ignore[attr-defined]

        def written_here(write: Callable[..., Any], *args: Any) -> Any:
            return write(parts.cache, *args)

        # What the judge writes is written here, too: what ails a store in these tests ails this process.
        parts.judge_pool.write = written_here
        yield client


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """While it lasts no file of this process grows beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def each_connection(client: TestClient, pragma: str) -> Iterator[None]:
    """While it lasts, all connections of the store are set like this."""
    engine = store_of(client)._engine

    def set_it(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA {pragma}").close()

    engine.dispose()
    event.listen(engine, "connect", set_it)
    try:
        yield
    finally:
        event.remove(engine, "connect", set_it)
        engine.dispose()


def store_of(client: TestClient) -> SqlStore:
    store: SqlStore = client.app.state.context.store  # type: ignore[attr-defined]
    return store


WRITES: list[Callable[[TestClient], Any]] = [
    lambda client: client.patch("/v1/nodes/hub", json={"vcpu": 65}),
    lambda client: client.post("/v1/nodes/hub/fail"),
    lambda client: client.post("/v1/policies", json={"id": "new", "name": "New"}),
    lambda client: client.put("/v1/policies", json={"policies": [{"id": "open", "name": "Opened"}]}),
    lambda client: client.delete("/v1/links/hub-centre"),
]
POLLS = ("/v1/allocations/summary", "/v1/map", "/v1/events/log", "/v1/capacity", "/v1/generation", "/v1/plans", "/metrics")


def test_a_full_disk_is_told_and_got_over(client: TestClient, settings: Settings) -> None:
    with files_of_at_most(4096):
        for write in WRITES:
            refused(write(client), 507, "store.full")
        refused(client.get("/readyz"), 507, "store.full")
        assert client.get("/v1/nodes/hub").json()["vcpu"] == 64
        assert client.get("/healthz").status_code == 200
    assert WRITES[0](client).status_code == 200
    assert client.get("/v1/nodes/hub").json()["vcpu"] == 65


def test_a_database_that_may_not_grow_is_full(client: TestClient) -> None:
    with each_connection(client, "max_page_count=1"):
        many = [{"id": f"p{k}", "name": "n" * 150} for k in range(200)]
        refused(client.put("/v1/policies", json={"policies": [*many, {"id": "open", "name": "Open"}]}), 507, "store.full")


def test_a_read_only_store_is_told(client: TestClient) -> None:
    with each_connection(client, "query_only=ON"):
        for write in WRITES:
            refused(write(client), 503, "store.read_only")
        assert client.get("/v1/nodes/hub").status_code == 200
    assert WRITES[0](client).status_code == 200


def test_a_locked_store_is_told_and_is_not_ready(client: TestClient, settings: Settings, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.store.trial.WAIT_SECONDS", 0.05)
    other = sqlite3.connect(file(settings), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(client.get("/readyz"), 503, "store.busy")
    assert client.get("/v1/nodes").status_code == 200
    other.execute("ROLLBACK")
    other.close()
    store_of(client)._trial = Trial(file(settings))
    assert client.get("/readyz").status_code == 200


def test_a_damaged_store_is_told_at_every_door(client: TestClient, settings: Settings) -> None:
    with closing(sqlite3.connect(file(settings))) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store_of(client)._engine.dispose()
    whole = file(settings).read_bytes()
    with file(settings).open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (len(whole) - 4096))
    for path in POLLS:
        headers: dict[str, str]
        for headers in ({}, {"If-None-Match": '"1"'}):
            answer = client.get(path, headers=headers)
            refused(answer, 503, "store.damaged")
    for write in WRITES:
        refused(write(client), 503, "store.damaged")
    refused(client.get("/readyz"), 503, "store.damaged")


def test_a_file_that_is_taken_away_is_no_empty_store(client: TestClient, settings: Settings) -> None:
    store_of(client)._engine.dispose()
    for one in settings.data_dir.glob("edgeplan.db*"):
        one.rename(one.with_name(f"away-{one.name}"))
    refused(client.get("/v1/nodes"), 503, "store.unusable")
    refused(client.get("/readyz"), 503, "store.unusable")
    assert not file(settings).exists()


def test_what_lasts_is_told_once() -> None:
    trouble = Trouble("here", first_seconds=0.1, most_seconds=1.0)
    with structlog.testing.capture_logs() as lines:
        waits = [trouble.met(StoreFull()) for _ in range(200)]
        trouble.met(StoreDamaged())
        trouble.over()
        trouble.over()
    assert waits[:4] == [0.1, 0.2, 0.4, 0.8]
    assert set(waits[4:]) == {1.0}
    assert [(line["event"], line.get("code"), line["times"]) for line in lines] == [
        ("here.failed", "store.full", 1), ("here.failed", "store.damaged", 201), ("here.recovered", None, 201)
    ]  # fmt: skip


def test_a_full_store_is_one_line_in_the_log(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines, files_of_at_most(4096):
        for _ in range(20):
            WRITES[0](client)
    assert [line["event"] for line in lines if line["event"] != "request"] == ["store.write.failed"]


def test_each_has_a_code_of_its_own_and_is_documented(client: TestClient) -> None:
    known = {one["code"]: one for one in client.get("/v1/problems").json()}
    paths = client.get("/openapi.json").json()["paths"]
    for kind in (StoreBusy, StoreFull, StoreReadOnly, StoreDamaged, StoreUnusable):
        assert known[kind.code]["status"] == kind.status
        for path in ("/v1/nodes", "/v1/plans"):
            assert kind.code in paths[path]["get"]["responses"][str(kind.status)]["description"]
