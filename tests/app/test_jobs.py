"""Solves survive whatever happens to those who carry them out: real processes, really killed.

The long solve is the reference request, whose proof never closes entirely, so it runs for as long as it may.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient

from app.identity.caller import LOCAL
from app.jobs.overtime import Overtime
from app.jobs.solve_process import State
from app.jobs.supervisor import Supervisor, _Solve
from app.main import create_app
from app.schemas.plans import PlanResult
from app.service.drafts import Draft, keep
from app.settings import Settings
from app.store.records import Claim, DecisionRow
from app.store.sql import SqlStore, open_store
from app.store.sql_plans import SqlJobs
from tests.app import world
from tests.app.conftest import load, refused

DRAFT = Draft(1, [DecisionRow("w", 0, "unplaced", "s", "a", "p", "m", 1, True, None, 1)], [], PlanResult.model_construct())
REFERENCE = Path(__file__).parents[2] / "data" / "reference"


def eventually(found: Callable[[], Any], seconds: float = 120) -> Any:
    """What `found` answers once it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def reference(client: TestClient) -> None:
    """Tell a service the reference network."""
    for path, name in (("catalogue", "catalogue"), ("network", "network"), ("policies", "policies")):
        body = json.loads((REFERENCE / f"{name}.json").read_text())
        answer = client.put(f"/v1/{path}", json=body)
        assert answer.status_code == 200, answer.text


def long_request(seconds: float) -> dict[str, Any]:
    """A request that takes all the time it is given."""
    body = json.loads((REFERENCE / "request.json").read_text())
    return {"workloads": body["workloads"], "terms": body["terms"], "limits": {"seconds": seconds}}


def plan_of(client: TestClient, id: str) -> dict[str, Any]:
    plan: dict[str, Any] = client.get(f"/v1/plans/{id}").json()
    return plan


def has_begun(client: TestClient, id: str) -> bool:
    plan = plan_of(client, id)
    return plan["status"] == "running" and plan["best"] is not None


def has_ended(client: TestClient, id: str) -> bool:
    return plan_of(client, id)["finished_at"] is not None


@contextmanager
def service(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def supervisor_of(client: TestClient) -> Supervisor:
    supervisor: Supervisor = client.app.state.context.supervisor  # type: ignore[attr-defined]
    return supervisor


def test_a_supervisor_asks_for_work_when_something_has_happened_or_time_has_passed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(SqlJobs, "waiting", lambda self: asked.append(1))
    with service(settings.model_copy(update={"run_jobs": False})) as client:
        load(client)
        supervisor = Supervisor(client.app.state.context.store, settings)  # type: ignore[attr-defined]

        def asked_in_three_ticks() -> int:
            asked.clear()
            for _ in range(3):
                supervisor._take_up()
            return len(asked)

        monkeypatch.setattr("app.jobs.supervisor.LOOK_SECONDS", 600.0)
        assert asked_in_three_ticks() == 1
        assert client.post("/v1/plans", json=world.request(*world.WORKLOADS)).status_code == 202
        assert asked_in_three_ticks() == 1
        monkeypatch.setattr("app.jobs.supervisor.LOOK_SECONDS", 0.0)
        client.post("/v1/nodes/hub/drain")
        assert asked_in_three_ticks() == 3


@pytest.mark.slow
def test_a_solve_that_is_killed_leaves_its_newest_verified_plan(empty: TestClient) -> None:
    id, pid = frozen(empty, 500)
    os.kill(pid, signal.SIGKILL)
    ended_with_a_plan(empty, id, "finished", "signal 9")


@pytest.mark.slow
def test_a_solve_that_is_killed_without_a_plan_is_taken_up_again_until_it_has_failed(settings: Settings) -> None:
    with service(settings.model_copy(update={"attempts": 2})) as client:
        reference(client)
        id = client.post("/v1/plans", json=long_request(60)).json()["id"]
        for _ in range(2):
            [(_, pid)] = eventually(lambda: supervisor_of(client).at_work)
            os.kill(pid, signal.SIGKILL)
            eventually(lambda pid=pid: all(other != pid for _, other in supervisor_of(client).at_work))
        plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
        assert plan["status"] == "failed"
        assert plan["failure"]["code"] == "solve.lost"
        assert "signal 9" in plan["failure"]["reason"]


@pytest.mark.slow
def test_cancelling_keeps_the_best_plan(empty: TestClient) -> None:
    reference(empty)
    id = empty.post("/v1/plans", json=long_request(500)).json()["id"]
    waiting = empty.post("/v1/plans", json=long_request(500)).json()["id"]
    eventually(lambda: has_begun(empty, id))
    assert empty.post(f"/v1/plans/{waiting}/cancel").json()["status"] == "cancelled"
    assert empty.post(f"/v1/plans/{id}/cancel").status_code == 200
    plan = eventually(lambda: has_ended(empty, id) and plan_of(empty, id))
    assert plan["status"] == "cancelled"
    assert plan["result"]["placed_shards"] > 700
    assert plan["result"]["gap"] <= 1
    decisions = empty.get(f"/v1/plans/{id}/decisions", params={"limit": 1000, "status": "placed"}).json()
    assert len(decisions["items"]) == plan["result"]["placed_shards"]
    assert plan_of(empty, waiting)["result"] is None
    refused(empty.post(f"/v1/plans/{waiting}/apply"), 409, "plan.not_ready")
    assert empty.post(f"/v1/plans/{id}/apply").status_code == 200


def test_a_solve_that_does_not_stop_is_killed(settings: Settings) -> None:
    with service(settings.model_copy(update={"stop_seconds": 0.001, "heartbeat_seconds": 0.1})) as client:
        reference(client)
        id = client.post("/v1/plans", json=long_request(500)).json()["id"]
        [(_, pid)] = eventually(lambda: supervisor_of(client).at_work)
        # One that has not begun is cancelled like one that waits; this one is at its search, and has nothing to leave yet.
        eventually(lambda: supervisor_of(client)._solves[0].running.state.searching_since)
        freeze(client, pid)
        assert client.post(f"/v1/plans/{id}/cancel").status_code == 200
        plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
        assert (plan["status"], plan["failure"]["code"]) == ("cancelled", "solve.killed")
        assert not psutil.pid_exists(pid)


def freeze(client: TestClient, pid: int) -> None:
    """Have a process hang, but not while it holds the store: then no request to cancel would come through."""
    database = supervisor_of(client).settings.data_dir / "edgeplan.db"

    def stopped_outside() -> bool:
        os.kill(pid, signal.SIGSTOP)
        with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                return False
        return True

    eventually(stopped_outside)


def frozen(client: TestClient, seconds: float) -> tuple[str, int]:
    """A solve that hangs once it has put a verified plan by, and its process."""
    reference(client)
    id = client.post("/v1/plans", json=long_request(seconds)).json()["id"]
    supervisor = supervisor_of(client)
    eventually(lambda: supervisor._solves and supervisor._solves[0].running.draft is not None)
    [(_, pid)] = supervisor.at_work
    freeze(client, pid)
    return id, pid


def ended_with_a_plan(client: TestClient, id: str, status: str, why: str) -> None:
    """Check that a plan was cut off, and yet is all there."""
    plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
    assert (plan["status"], plan["failure"]) == (status, None)
    assert why in plan["result"]["cut_off"]
    assert plan["result"]["placed_shards"] > 700
    assert plan["result"]["bound"] <= plan["result"]["cost"] == plan["best"]["cost"]
    decisions = client.get(f"/v1/plans/{id}/decisions", params={"limit": 1000, "status": "placed"}).json()
    assert len(decisions["items"]) == plan["result"]["placed_shards"]
    assert client.post(f"/v1/plans/{id}/apply").status_code == 200


@pytest.mark.slow
def test_a_solve_that_hangs_ends_with_its_last_verified_plan(empty: TestClient) -> None:
    id, pid = frozen(empty, 30)
    ended_with_a_plan(empty, id, "finished", "the end of its time")
    assert not psutil.pid_exists(pid)


@pytest.mark.slow
def test_a_solve_that_hangs_is_cancelled_with_its_last_verified_plan(empty: TestClient) -> None:
    id, pid = frozen(empty, 500)
    assert empty.post(f"/v1/plans/{id}/cancel").status_code == 200
    ended_with_a_plan(empty, id, "cancelled", "of being cancelled")
    assert not psutil.pid_exists(pid)


@pytest.mark.slow
def test_a_solve_that_holds_too_much_memory_ends_with_its_last_verified_plan(empty: TestClient) -> None:
    id, pid = frozen(empty, 500)
    supervisor = supervisor_of(empty)
    supervisor.settings = supervisor.settings.model_copy(update={"solve_memory_mib": 64})
    ended_with_a_plan(empty, id, "finished", "64 MiB")
    assert not psutil.pid_exists(pid)


def test_a_solve_that_holds_too_much_memory_without_a_plan_fails(settings: Settings) -> None:
    with service(settings.model_copy(update={"solve_memory_mib": 64})) as client:
        reference(client)
        id = client.post("/v1/plans", json=long_request(500)).json()["id"]
        plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
        assert (plan["status"], plan["failure"]["code"]) == ("failed", "solve.killed")
        assert "64 MiB" in plan["failure"]["reason"]


@pytest.mark.slow
def test_a_service_that_stops_gives_its_solve_back(settings: Settings) -> None:
    with service(settings) as client:
        reference(client)
        id = client.post("/v1/plans", json=long_request(3)).json()["id"]
        eventually(lambda: supervisor_of(client).at_work)
    with service(settings) as client:
        plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
        assert plan["status"] == "finished", plan["failure"]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(settings: Settings, tmp_path: Path) -> None:
    """The service runs no solves; a worker does, is killed in mid-solve, and another takes over."""
    with service(settings.model_copy(update={"run_jobs": False})) as client:
        reference(client)
        id = client.post("/v1/plans", json=long_request(5)).json()["id"]
        with worker(tmp_path) as first:
            try:
                eventually(lambda: has_begun(client, id))
                solves = [child.pid for child in psutil.Process(first.pid).children(recursive=True)]
            finally:
                first.kill()
        eventually(lambda: not any(alive(pid) for pid in solves))
        with worker(tmp_path) as second:
            try:
                plan = eventually(lambda: has_ended(client, id) and plan_of(client, id))
                assert plan["status"] == "finished", plan["failure"]
                assert len(client.get(f"/v1/plans/{id}/progress").json()["points"]) > 0
            finally:
                second.terminate()
            assert second.wait(60) == 0


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on the store in `folder`, which has begun."""
    told = {
        "EDGEPLAN_DATA_DIR": str(folder),
        "EDGEPLAN_LEASE_SECONDS": "4",
        "EDGEPLAN_HEARTBEAT_SECONDS": "0.5",
    }
    log = folder / "worker.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "app.worker"], env={**os.environ, **told}, stdout=file, stderr=file
        ) as process,
    ):
        # Until then it is ended by a signal like any other program.
        eventually(lambda: "worker.started" in log.read_text())
        yield process


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def test_a_claim_is_void_once_another_is_made(store: SqlStore) -> None:
    with store.writing(LOCAL) as session:
        session.jobs.add("a", 0)
        assert session.jobs.claim("one") == Claim("a", 1)
        assert session.jobs.claim("two") is None
        assert session.jobs.give_back(Claim("a", 1), "lost", 3) == "queued"
        assert session.jobs.claim("two") == Claim("a", 2)
        assert session.jobs.renew(Claim("a", 1)) is None
        assert session.jobs.finish(Claim("a", 1)) is False
        assert session.jobs.give_back(Claim("a", 1), "late", 3) == "void"
        assert session.jobs.renew(Claim("a", 2)) is False
        assert session.jobs.finish(Claim("a", 2)) is True
        assert session.jobs.claim("one") is None


def test_a_draft_under_a_void_claim_is_not_kept(store: SqlStore) -> None:
    with store.writing(LOCAL) as session:
        session.jobs.add("a", 0)
        assert session.jobs.claim("one") == Claim("a", 1)
        assert session.jobs.give_back(Claim("a", 1), "lost", 3) == "queued"
        assert session.jobs.claim("two") == Claim("a", 2)
    assert keep(store, Claim("a", 1), DRAFT, "finished") is False
    with store.reading() as session:
        assert session.plans.decisions("a", (), -1, None) == []
        assert not session.jobs.stop_wanted(Claim("a", 2))
    with store.writing(LOCAL) as session:
        session.jobs.ask_stop("a")
        assert session.jobs.stop_wanted(Claim("a", 2))
        assert not session.jobs.stop_wanted(Claim("a", 1))


def test_an_attempt_given_back_in_good_order_does_not_count(store: SqlStore) -> None:
    with store.writing(LOCAL) as session:
        session.jobs.add("a", 0)
        for attempt in range(1, 6):
            claim = session.jobs.claim("one")
            assert claim == Claim("a", attempt)
            assert session.jobs.give_back(claim, None, 2) == "queued"
        claim = session.jobs.claim("one")
        assert claim is not None
        assert session.jobs.give_back(claim, "broke", 2) == "queued"
        claim = session.jobs.claim("one")
        assert claim is not None
        assert session.jobs.give_back(claim, "broke", 2) == "spent"


def kill_forkserver() -> None:
    """Kill the process that starts all child processes of this one."""
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    os.kill(server, signal.SIGKILL)
    eventually(lambda: not alive(server))


@pytest.mark.slow
def test_a_dead_forkserver_costs_no_attempt(empty: TestClient) -> None:
    reference(empty)
    id = empty.post("/v1/plans", json=long_request(500)).json()["id"]
    eventually(lambda: has_begun(empty, id))
    running = supervisor_of(empty).at_work
    kill_forkserver()
    body = {"workloads": [], "terms": world.TERMS, "placements": []}
    assert empty.post("/v1/verify", json=body).status_code < 500
    assert supervisor_of(empty).at_work == running
    assert empty.post(f"/v1/plans/{id}/cancel").status_code == 200
    plan = eventually(lambda: has_ended(empty, id) and plan_of(empty, id))
    assert (plan["status"], plan["result"]["cut_off"]) == ("cancelled", None)


def test_a_dead_forkserver_is_started_again_under_every_request(client: TestClient) -> None:
    body = {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": []}
    for _ in range(3):
        kill_forkserver()
        assert client.post("/v1/verify", json=body).status_code == 200
    assert client.post("/v1/plans", json=world.request(world.CAMERAS), headers={"Prefer": "wait=60"}).status_code == 200


def test_a_desk_that_dies_is_set_up_again(client: TestClient) -> None:
    body = {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": []}
    assert client.post("/v1/verify", json=body).status_code == 200
    for child in psutil.Process().children(recursive=True):
        if child.status() != psutil.STATUS_ZOMBIE and child.ppid() != os.getpid():
            child.kill()
    assert client.post("/v1/verify", json=body).status_code == 200
    load(client)


def test_a_search_that_has_shown_something_better_is_given_the_time_to_hand_it_in(settings: Settings) -> None:
    running = SimpleNamespace(drafted=False)
    solve = _Solve(Claim("a", 1), running, 10.0, 500, 0.0)  # type: ignore[arg-type]
    for since in (None, 1.0):
        solve.state = State(searching_since=since)
        assert solve.grace(settings) == 40.5 < settings.overtime_seconds
    running.drafted = True
    for found, drafted, grace in (
        ((100, 0), None, settings.catch_up_seconds),
        ((100, 0), (200, 0), settings.catch_up_seconds),
        ((100, 50), (100, 0), settings.cut_seconds),
        ((100, 0), (90, 0), settings.cut_seconds),
    ):
        solve.state = State(1.0, False, found, drafted)
        assert solve.grace(settings) == grace
    solve.state = State(1.0, searched=True)
    assert solve.grace(settings) == settings.overtime_seconds
    solve.stopping = True
    assert solve.grace(settings) == settings.stop_seconds


def test_only_what_would_happen_again_is_not_tried_again() -> None:
    solve = _Solve(Claim("a", 1), SimpleNamespace(), 10.0, 500, 0.0)  # type: ignore[arg-type]
    assert not solve.spoilt
    solve.why_killed = "it held more than 64 MiB of memory"
    assert solve.spoilt
    solve.overtime = Overtime.since(0.0, 0.0)
    assert not solve.spoilt
    solve.state = State(searching_since=1.0)
    assert solve.spoilt
