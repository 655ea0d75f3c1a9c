"""Whatever is busy, what does not need it is answered; whoever would have to wait too long is told so at once."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from inspect import isasyncgenfunction, iscoroutinefunction
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

import app
from app.api import readiness
from app.api.lanes import Lane, lane_of
from app.errors import Busy, NotReady
from app.main import create_app
from app.service import entities, history
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.serving import Served, served, until

#: Calls sent at once: more than a thread pool of the usual size has threads.
MANY = 60


@pytest.fixture
def narrow(settings: Settings) -> Settings:
    """Room for one of a kind, and a line of two."""
    told = {f"{lane}_{what}": n for lane in ("writes", "judged") for what, n in (("at_once", 1), ("waiting", 2))}
    return settings.model_copy(update={**told, "run_jobs": False, "turn_seconds": 60})


@contextmanager
def sent(service: Served, method: str, path: str, *bodies: Any) -> Iterator[list[Future[httpx.Response]]]:
    """Requests under way, all at once."""
    with ThreadPoolExecutor(len(bodies)) as hands:
        yield [hands.submit(service.client.request, method, path, json=body) for body in bodies]


def answered(calls: list[Future[httpx.Response]]) -> list[httpx.Response]:
    return [call.result() for call in calls if call.done()]


def everything_else_is_answered(service: Served, *but: str) -> None:
    """What people watch and operators do goes on."""
    for path in ("/healthz", "/v1/nodes", "/v1/plans", "/v1/map", "/v1/map/allocation", "/v1/events/log"):
        assert service.client.get(path).status_code == 200, path
    poll = service.client.get("/v1/map", headers={"If-None-Match": service.client.get("/v1/map").headers["etag"]})
    assert poll.status_code == 304
    if "writing" in but:
        # Busy, or not found out in time.
        assert service.client.get("/readyz").status_code == 503
    else:
        assert service.client.get("/readyz").status_code == 200
        assert service.client.patch("/v1/nodes/hub", json={"name": "Hub again"}).status_code == 200


def test_a_busy_desk_stops_nothing_but_other_judgements(narrow: Settings) -> None:
    body = {**world.request(world.CAMERAS), "placements": []}
    del body["limits"]
    with served(narrow) as service:
        load(service.client)  # type: ignore[arg-type]
        judge_pool, go_on = service.parts.judge_pool, threading.Event()
        ask = judge_pool.call

        def later(function: Any, *args: Any) -> Any:
            assert go_on.wait(120)
            return ask(function, *args)

        service.client.get("/v1/map/allocation")
        judge_pool.call = later
        with sent(service, "POST", "/v1/verify", *[body] * MANY) as calls:
            try:
                until(lambda: len(answered(calls)) == MANY - 3)
                for answer in answered(calls):
                    refused(answer, 503, "busy")
                    assert int(answer.headers["retry-after"]) > 0
                everything_else_is_answered(service)
            finally:
                go_on.set()
        assert sorted(call.result().status_code for call in calls) == [200] * 3 + [503] * (MANY - 3)
        told = service.client.get("/metrics").text
        assert f'edgeplan_lane_refused_total{{lane="judging"}} {MANY - 3}.0' in told
        assert 'edgeplan_lane_waiting{lane="judging"} 0.0' in told


def test_a_locked_store_stops_nothing_but_other_writers(narrow: Settings) -> None:
    sites = [{**world.SITES[0], "id": f"plant-{i}"} for i in range(MANY)]
    with served(narrow) as service:
        load(service.client)  # type: ignore[arg-type]
        with closing(sqlite3.connect(narrow.data_dir / "edgeplan.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with sent(service, "POST", "/v1/sites", *sites) as calls:
                try:
                    until(lambda: len(answered(calls)) == MANY - 3)
                    for answer in answered(calls):
                        refused(answer, 503, "busy")
                    everything_else_is_answered(service, "writing")
                finally:
                    other.execute("ROLLBACK")
            assert sorted(call.result().status_code for call in calls) == [201] * 3 + [503] * (MANY - 3)


def test_a_full_lane_of_readers_does_not_stop_health_polls_or_writes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(history, "changes", lambda *asked: (go_on.wait(120) and 7, []))
    told = settings.model_copy(update={"reads_at_once": 1, "reads_waiting": 0, "run_jobs": False})
    with served(told) as service:
        load(service.client)  # type: ignore[arg-type]
        etag = service.client.get("/v1/map").headers["etag"]
        with ThreadPoolExecutor(1) as hand:
            slow = hand.submit(service.client.get, "/v1/changes")
            try:
                until(lambda: service.parts.lanes.reading.inside == 1)
                refused(service.client.get("/v1/nodes"), 503, "busy")
                assert service.client.get("/healthz").status_code == 200
                assert service.client.get("/readyz").status_code == 200
                assert service.client.get("/v1/map", headers={"If-None-Match": etag}).status_code == 304
                assert service.client.post("/v1/sites", json={**world.SITES[0], "id": "other"}).status_code == 201
            finally:
                go_on.set()
            assert slow.result().status_code == 200
        assert service.client.get("/v1/nodes").status_code == 200


def test_whoever_waits_too_long_or_at_the_end_is_told_so() -> None:
    async def check() -> None:
        lane = Lane("writing", 1, 2, 0.01)
        async with lane.turn():
            with pytest.raises(Busy, match="did not come"):
                await lane.call(int)
        assert await lane.call(int) == 0
        patient = Lane("writing", 1, 2, 600)
        async with patient.turn():
            waits = [asyncio.create_task(patient.call(int)) for _ in range(2)]
            while patient.waiting < 2:
                await asyncio.sleep(0)
            with pytest.raises(Busy, match="2 wait"):
                await patient.call(int)
            patient.close()
            for task in waits:
                with pytest.raises(NotReady):
                    await task
            with pytest.raises(NotReady):
                await patient.call(int)
        assert (patient.waiting, patient.inside) == (0, 0)

    asyncio.run(check())


def routes(service: FastAPI) -> list[APIRoute]:
    """The routes of the application, through all routers that it includes."""
    found: list[APIRoute] = []

    def gather(of: Any) -> None:
        for one in getattr(of, "routes", []):
            if isinstance(one, APIRoute):
                found.append(one)
            else:
                gather(getattr(one, "original_router", one))

    gather(service.router)
    return found


def test_whatever_takes_a_thread_stands_in_a_lane() -> None:
    seen = routes(create_app(Settings()))
    assert len(seen) > 70
    for route in seen:
        of_loop = iscoroutinefunction(route.endpoint) or isasyncgenfunction(route.endpoint)
        kind = lane_of(route.endpoint, sorted(route.methods or ()))
        turns = [one.dependency.__name__ for one in route.dependencies if one.dependency is not None]
        assert of_loop or kind is not None, route.path
        assert kind is None or f"_{kind}" in turns, route.path
        calls = [one.call for one in route.dependant.dependencies if one.call is not None]
        assert all(iscoroutinefunction(call) or isasyncgenfunction(call) for call in calls), route.path


def test_no_thread_is_taken_outside_the_lanes() -> None:
    top = Path(app.__file__).parent
    taken = {
        str(file.relative_to(top)) for file in top.rglob("*.py")
        if any(word in file.read_text() for word in ("run_in_threadpool", "to_thread", "run_in_executor"))
    }  # fmt: skip
    # Readiness has one thread, the response cache and listeners a few, and the end of the service one of its own.
    assert taken == {"api/lanes.py", "api/readiness.py", "server.py", "service/broadcast.py", "service/response_cache.py"}


def test_readiness_is_told_in_bounded_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(readiness, "generation_of", lambda store, part: go_on.wait(120) and 7)
    with TestClient(create_app(settings.model_copy(update={"ready_seconds": 0.05, "run_jobs": False}))) as client:
        try:
            for _ in range(3):
                refused(client.get("/readyz"), 503, "not_ready")
            assert client.get("/healthz").status_code == 200
        finally:
            go_on.set()
        until(lambda: client.get("/readyz").status_code == 200)
        assert client.get("/readyz").json()["generation"] == 7


def test_an_answer_that_broke_says_that_the_connection_closes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(settings.model_copy(update={"run_jobs": False})) as service:
        with monkeypatch.context() as broken, capture_logs() as said:
            broken.setattr(entities, "listed", lambda *asked: 1 // 0)
            answer = service.client.get("/v1/nodes")
        refused(answer, 500, "internal")
        assert answer.headers["connection"] == "close"
        assert "request.broke" in [line["event"] for line in said]
