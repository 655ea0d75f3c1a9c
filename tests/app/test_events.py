"""What happens is told: once, in order, to everybody who listens, and to whoever comes back."""

from __future__ import annotations

import ast
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

import app as package
from app.clock import now_ms
from app.identity.caller import LOCAL
from app.service import broadcast, lifecycle
from app.settings import Settings
from app.store.records import EventRow
from app.store.sql import SqlStore, open_store
from tests.app import world
from tests.app.conftest import load, planned, refused
from tests.app.serving import PATIENCE, Listener, Served, served, until
from tests.app.test_jobs import long_request, reference
from tests.forked import forked, free_port


@pytest.fixture
def service(settings: Settings) -> Iterator[Served]:
    """A service behind a real server, that knows the tiny world."""
    with served(settings) as running:
        load(running.client)  # type: ignore[arg-type]
        yield running


def log_of(client: Any, **params: Any) -> list[dict[str, Any]]:
    """All events that are kept, or those that the parameters ask for."""
    found: list[dict[str, Any]] = client.get("/v1/events/log", params={"limit": 1000, **params}).json()["items"]
    return found


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def tell(store: SqlStore, count: int, **detail: Any) -> None:
    """Let `count` things happen."""
    for _ in range(count):
        with store.writing(LOCAL) as session:
            session.events.add(EventRow(0, now_ms(), "node.active", None, None, "hub", detail))


def test_the_life_of_a_plan_is_told_as_it_goes(service: Served) -> None:
    with Listener(service.base) as listener:
        plan = planned(service.client, *world.WORKLOADS, name="first")  # type: ignore[arg-type]
        path = f"/v1/plans/{plan['id']}"
        life = listener.events(last="plan.finished")
        assert service.client.post(f"{path}/apply").status_code == 200
        applied = listener.events(last="plan.applied")
    assert types(life)[:2] == ["plan.queued", "plan.started"]
    assert set(types(life)[2:-1]) <= {"plan.improved"}
    assert {event["plan"] for event in life} == {plan["id"]}
    assert {event["detail"]["name"] for event in life} == {"first"}
    assert [event["generation"] for event in life[:2]] == [None, plan["generation"]]
    points = service.client.get(f"{path}/progress").json()["points"]
    told = [{k: v for k, v in event["detail"].items() if k != "name"} for event in life[2:-1]]
    assert told == points[:-1]
    assert points[-1]["phase"] == "end"
    result, end = plan["result"], life[-1]["detail"]
    assert {name: end[name] for name in end if name != "name"} == {name: result[name] for name in end if name != "name"}
    assert {"cost", "bound", "gap", "placed_shards", "unplaced_shards", "seconds"} <= end.keys()
    assert types(applied) == ["generation.changed", "plan.applied"]
    assert applied[0]["detail"] == {"parts": ["allocation", "workloads"]}
    assert applied[1]["detail"] == {
        "name": "first", "placed": 2, "moved": 0, "resized": 0, "unplaced": 1, "kept": 0, "ended": 0, "disturbed": 0,
        "reverified": False,
    }  # fmt: skip
    assert applied[0]["generation"] == applied[1]["generation"] == 4


def test_a_plan_that_is_cancelled_and_deleted_is_told(settings: Settings) -> None:
    with served(settings) as running:
        client = running.client
        reference(client)  # type: ignore[arg-type]
        with Listener(running.base) as listener:
            id = client.post("/v1/plans", json=long_request(500)).json()["id"]
            listener.events(last="plan.improved")
            assert client.post(f"/v1/plans/{id}/cancel").status_code == 200
            cancelled = listener.events(last="plan.cancelled")[-1]
            assert client.delete(f"/v1/plans/{id}").status_code == 204
            deleted = listener.events(last="plan.deleted")[-1]
    assert cancelled["plan"] == deleted["plan"] == id
    assert cancelled["detail"]["placed_shards"] > 700


def test_a_plan_that_fails_says_why(client: TestClient) -> None:
    asked = client.post("/v1/plans", json=world.request(world.CAMERAS)).json()
    client.app.state.context.supervisor.stop()  # type: ignore[attr-defined]
    with client.app.state.context.store.writing(LOCAL) as session:  # type: ignore[attr-defined]
        lifecycle.ended(session, asked["id"], "failed", failure={"code": "solve.lost", "reason": "It was lost."})
    last = log_of(client, types="plan.failed")[-1]
    assert last["detail"] == {"name": None, "code": "solve.lost", "reason": "It was lost."}


def test_every_change_makes_a_generation_that_is_told(client: TestClient) -> None:
    for change in (
        lambda: client.patch("/v1/nodes/hub", json={"vcpu": 65}),
        lambda: client.post("/v1/policies", json={"id": "strict"}),
        lambda: client.delete("/v1/policies/strict"),
        lambda: client.post("/v1/workloads", json=world.CAMERAS),
        lambda: client.patch("/v1/accelerators/card", json={"power_w": 299}),
        lambda: client.put("/v1/network", json=world.NETWORK),
    ):
        before = client.get("/v1/generation").json()
        last = client.get("/v1/events/log").json()["last"]
        assert change().is_success
        after = client.get("/v1/generation").json()
        [event] = log_of(client, after=last)
        touched = {part for part in after if part != "generation" and after[part] != before[part]}
        assert (event["type"], event["generation"]) == ("generation.changed", after["generation"])
        assert set(event["detail"]["parts"]) == touched
    last = client.get("/v1/events/log").json()["last"]
    assert client.patch("/v1/nodes/hub", json={"vcpu": 64}).status_code == 200
    assert client.patch("/v1/nodes/nowhere", json={"vcpu": 64}).status_code == 404
    assert client.delete("/v1/accelerators/card").status_code == 409
    assert log_of(client, after=last) == []


def test_the_state_of_nodes_is_told_whichever_way_it_changes(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200

    def told(node: str, *path: str, **body: Any) -> tuple[str, str, dict[str, Any]]:
        last = client.get("/v1/events/log").json()["last"]
        assert client.request(path[0], path[1], json=body).is_success
        [event] = log_of(client, after=last, types="node")
        assert event["node"] == node
        assert event["generation"] == client.get("/v1/generation").json()["generation"]
        return event["type"], event["node"], event["detail"]

    assert told("centre", "POST", "/v1/nodes/centre/drain", reason="new racks") == (
        "node.draining", "centre", {"disturbed": 2, "restored": 0, "reason": "new racks"}
    )  # fmt: skip
    assert told("centre", "POST", "/v1/nodes/centre/fail")[2] == {"disturbed": 2, "restored": 0, "reason": None}
    assert told("centre", "PATCH", "/v1/nodes/centre", state="active")[2] == {"disturbed": 0, "restored": 2, "reason": None}
    failed = [{**node, "state": "failed"} if node["id"] == "hub" else node for node in world.NODES]
    assert told("hub", "PUT", "/v1/network", **{**world.NETWORK, "nodes": failed})[0] == "node.failed"
    assert told("hub", "PUT", "/v1/network", **world.NETWORK)[0] == "node.active"
    spare = {**world.NODES[0], "id": "spare", "state": "draining"}
    assert told("spare", "POST", "/v1/nodes", **spare)[0] == "node.draining"


def test_whoever_comes_back_misses_nothing(service: Served) -> None:
    with Listener(service.base) as listener:
        assert listener.opening is not None
        begin = listener.opening.id
        service.client.post("/v1/nodes/hub/drain")
        [*_, seen] = listener.events(last="node.draining")
    service.client.post("/v1/nodes/hub/activate")
    service.client.post("/v1/nodes/hub/fail")
    missed = log_of(service.client, after=seen["id"])
    assert types(missed) == ["generation.changed", "node.active", "generation.changed", "node.failed"]
    for asked in (
        {"params": {"since": seen["id"]}},
        {"headers": {"Last-Event-ID": str(seen["id"])}},
        {"headers": {"Last-Event-ID": str(seen["id"])}, "params": {"since": begin}},
    ):
        with Listener(service.base, **asked) as listener:  # type: ignore[arg-type]
            assert listener.opening is not None
            assert (listener.opening.id, listener.opening.comment) == (seen["id"], "listening")
            assert listener.events(count=4) == missed
            service.client.post("/v1/nodes/centre/drain")
            assert types(listener.events(count=2)) == ["generation.changed", "node.draining"]
            service.client.post("/v1/nodes/centre/activate")
    with Listener(service.base, {"since": 0}) as listener:
        assert listener.events(count=len(log_of(service.client))) == log_of(service.client)


def test_only_what_is_wanted_is_told(service: Served) -> None:
    plan = planned(service.client, world.CAMERAS)  # type: ignore[arg-type]
    other = planned(service.client, world.CAMERAS)  # type: ignore[arg-type]
    service.client.post("/v1/nodes/hub/drain")
    service.client.post("/v1/nodes/hub/fail")
    everything = log_of(service.client)
    for asked, takes in (
        ({"types": "node"}, lambda event: event["type"].startswith("node.")),
        ({"types": "node.failed"}, lambda event: event["type"] == "node.failed"),
        ({"types": "generation, plan.queued"}, lambda event: event["type"] in ("generation.changed", "plan.queued")),
        ({"plan": plan["id"]}, lambda event: event["plan"] == plan["id"]),
        ({"plan": other["id"], "types": "plan.finished"},
         lambda event: event["plan"] == other["id"] and event["type"] == "plan.finished"),
    ):  # fmt: skip
        wanted = [event for event in everything if takes(event)]
        assert 0 < len(wanted) < len(everything)
        assert log_of(service.client, after=0, **asked) == wanted
        assert log_of(service.client, **asked) == wanted
        with Listener(service.base, {"since": 0, **asked}) as listener:
            assert listener.events(count=len(wanted)) == wanted
    for path in ("/v1/events", "/v1/events/log"):
        for bad in ({"types": "plan,nothing"}, {"types": ""}, {"plan": "x"}, {"types": "plan.Improved"}):
            refused(service.client.get(path, params=bad), 422, "invalid")
    refused(service.client.get("/v1/events", params={"since": -1}), 422, "invalid")
    refused(service.client.get("/v1/events", headers={"Last-Event-ID": "x"}), 422, "invalid")
    assert service.parts.broadcast.listeners == 0


def test_a_listener_to_little_is_told_how_far_all_has_come(service: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it need not go through everything again, nor is reset, when it comes back."""
    monkeypatch.setattr(broadcast, "PING_SECONDS", 0.3)
    with Listener(service.base, {"types": "plan"}) as listener:
        assert listener.opening is not None
        assert listener.opening.id is not None
        service.client.post("/v1/nodes/hub/drain")
        last = service.client.get("/v1/events/log").json()["last"]
        assert last == listener.opening.id + 2
        while (block := listener.block()) is not None and block.id != last:
            assert (block.comment, block.data) == ("ping", None)
        assert block is not None


@pytest.mark.parametrize("settings_change", [{"events_kept": 5}])
def test_what_is_forgotten_is_said_to_be(settings: Settings, settings_change: dict[str, Any]) -> None:
    with served(settings.model_copy(update=settings_change)) as service:
        load(service.client)  # type: ignore[arg-type]
        for _ in range(4):
            service.client.post("/v1/nodes/hub/drain")
            service.client.post("/v1/nodes/hub/activate")
        kept = log_of(service.client)
        last = service.client.get("/v1/events/log").json()["last"]
        assert [event["id"] for event in kept] == list(range(last - 4, last + 1))
        for lost in (0, last - 6, last + 1):
            page = service.client.get("/v1/events/log", params={"after": lost}).json()
            [reset] = page["items"]
            assert (reset["type"], reset["id"], page["next"], page["last"]) == ("stream.reset", last, None, last)
            with Listener(service.base, {"since": lost, "types": "plan"}) as listener:
                assert listener.opening is not None
                assert listener.opening.data is not None
                assert (listener.opening.event, listener.opening.id) == ("stream.reset", last)
        with Listener(service.base, {"since": last - 5}) as listener:
            assert listener.events(count=5) == kept
        with Listener(service.base, {"since": 0}) as listener:
            service.client.post("/v1/nodes/hub/drain")
            assert types(listener.events(count=2)) == ["generation.changed", "node.draining"]


def test_the_log_is_read_page_by_page_and_polled(client: TestClient) -> None:
    for _ in range(5):
        client.post("/v1/nodes/hub/drain")
        client.post("/v1/nodes/hub/activate")
    everything = log_of(client)
    assert len(everything) == 23
    seen: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = client.get("/v1/events/log", params={"after": after, "limit": 7}).json()
        assert page["last"] == everything[-1]["id"]
        seen += page["items"]
        after = page["next"]
    assert seen == everything
    assert log_of(client, limit=3) == everything[-3:]
    answer = client.get("/v1/events/log", params={"types": "plan"})
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/v1/events/log", params={"types": "plan"}, headers=tag).status_code == 304
    client.post("/v1/nodes/hub/drain")
    assert client.get("/v1/events/log", params={"types": "plan"}, headers=tag).status_code == 200


def test_many_listeners_cost_one_look_at_the_store(service: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    real = broadcast._read
    monkeypatch.setattr(broadcast, "_read", lambda store, after: (reads.append(after), real(store, after))[1])
    listeners = [Listener(service.base) for _ in range(20)]
    for listener in listeners:
        listener.__enter__()
    assert service.parts.broadcast.listeners == 20
    service.client.post("/v1/nodes/hub/drain")
    told = [listener.events(count=2) for listener in listeners]
    assert all(events == told[0] for events in told)
    assert len(reads) <= 2
    for listener in listeners:
        listener.__exit__(None, None, None)
    until(lambda: service.parts.broadcast.listeners == 0)
    assert service.parts.broadcast._poller is None


def test_nothing_is_skipped_while_many_write(service: Served, settings: Settings) -> None:
    """Four processes' worth of writers, and listeners that join in the middle: each id once, in order."""
    first = service.client.get("/v1/events/log").json()["last"]
    stores = [open_store(settings.store_url) for _ in range(4)]
    threads = [threading.Thread(target=tell, args=(store, 60)) for store in stores]
    with Listener(service.base, {"since": first}) as early:
        for thread in threads:
            thread.start()
        with Listener(service.base, {"since": first}) as late:
            for listener in (early, late):
                ids = [event["id"] for event in listener.events(count=240)]
                assert ids == list(range(first + 1, first + 241))
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()


def test_one_far_behind_reads_from_the_store_until_it_has_come_up(
    service: Served, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "AT_HAND", 10)
    first = service.client.get("/v1/events/log").json()["last"]
    store = open_store(settings.store_url)
    with Listener(service.base) as prompt:
        tell(store, 55)
        prompt.events(count=55)
        with Listener(service.base, {"since": first}) as behind:
            ids = [event["id"] for event in behind.events(count=55)]
            assert ids == list(range(first + 1, first + 56))
            tell(store, 25)
            for listener in (prompt, behind):
                assert [event["id"] for event in listener.events(count=25)] == list(range(first + 56, first + 81))
    store.close()


def test_a_listener_that_does_not_read_is_ended(settings: Settings) -> None:
    with served(settings.model_copy(update={"stall_seconds": 3})) as service:
        store = open_store(settings.store_url)
        with socket.socket() as deaf, Listener(service.base) as hearing:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", int(service.base.rpartition(":")[2])))
            deaf.sendall(b"GET /v1/events?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            until(lambda: service.parts.broadcast.listeners == 2)
            telling = threading.Thread(target=tell, args=(store, 120), kwargs={"reason": "x" * 100_000})
            telling.start()
            assert len(hearing.events(count=120)) == 120
            telling.join()
            until(lambda: service.parts.broadcast.listeners == 1)
            tell(store, 1)
            assert len(hearing.events(count=1)) == 1
        store.close()


def test_an_event_is_there_exactly_if_what_it_tells_of_is(client: TestClient, settings: Settings) -> None:
    store = open_store(settings.store_url)
    before = log_of(client)

    def break_off() -> None:
        with store.writing(LOCAL) as session:
            lifecycle.advance(session, ["network"])
            session.events.add(EventRow(0, now_ms(), "node.failed", None, None, "hub", {}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert log_of(client) == before
    with store.writing(LOCAL) as session:
        generation = lifecycle.advance(session, ["network"])
        assert log_of(client) == before, "nobody sees it before it is committed"
    [event] = log_of(client, after=before[-1]["id"])
    assert event["generation"] == generation == client.get("/v1/generation").json()["generation"]
    store.close()


def test_a_stale_plan_tells_nothing(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    client.patch("/v1/nodes/hub", json={"vcpu": 65})
    before = log_of(client)
    refused(client.post(f"/v1/plans/{plan['id']}/apply"), 409, "generation.stale")
    assert log_of(client) == before


#: Variables of a service that solves nothing and says in its log how it stops.
TOLD = {"EDGEPLAN_LOG_LEVEL": "info", "EDGEPLAN_LOG_FORMAT": "json", "EDGEPLAN_RUN_JOBS": "false"}


@pytest.mark.slow
def test_a_service_that_was_killed_is_listened_to_again(tmp_path: Path) -> None:
    port = free_port()
    with forked(tmp_path, port=port, **TOLD) as first, Listener(first.base) as listener:
        policies = {"policies": world.POLICIES}
        assert httpx.put(f"{first.base}/v1/policies", json=policies, timeout=PATIENCE).status_code == 200
        [seen] = listener.events(count=1)
        first.process.kill()
        first.process.join(PATIENCE)
        with pytest.raises(httpx.TransportError):
            listener.events(count=1)
    store = open_store(Settings(data_dir=tmp_path).store_url)
    tell(store, 3)
    store.close()
    with (
        forked(tmp_path, port=port, **TOLD) as second,
        Listener(second.base, headers={"Last-Event-ID": str(seen["id"])}) as listener,
    ):
        assert [event["id"] for event in listener.events(count=3)] == [seen["id"] + n for n in (1, 2, 3)]


@pytest.mark.slow
def test_stopping_does_not_wait_for_streams(tmp_path: Path) -> None:
    with forked(tmp_path, **TOLD) as service:
        with Listener(service.base) as one, Listener(service.base) as two:
            service.process.terminate()
            assert one.block() is None
            assert two.block() is None
        service.process.join(PATIENCE)
        assert service.process.exitcode == 0
    said = service.log.read_text()
    assert "Shutting down" in said
    assert "exceeded" not in said
    assert '"level": "error"' not in said, said


def test_nothing_changes_untold() -> None:
    """Whatever makes a generation or changes a plan goes through the module that tells of it."""
    told = {"generations": {"advance"}, "jobs": {"add"}, "events": {"add"},
            "plans": {"add", "started", "requeued", "ended", "applied", "delete"}}  # fmt: skip
    root = Path(package.__file__).parent
    found: dict[str, set[str]] = {}
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                part, method = node.value.attr, node.attr
                if method in told.get(part, ()):
                    found.setdefault(str(file.relative_to(root)), set()).add(f"{part}.{method}")
    assert set(found) == {"service/lifecycle.py"}, found
    assert found["service/lifecycle.py"] == {f"{part}.{method}" for part, methods in told.items() for method in methods}
