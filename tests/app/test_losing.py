"""No solve is lost: what it had verified is kept, and it waits for no store while it searches."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import InUse, PlanInForce
from app.jobs.leases import Leases
from app.jobs.processes import Child
from app.schemas.plans import PlanOut, PlanResult, warnings_of
from app.schemas.question import question
from app.schemas.requests import PlanRequest
from app.service import lifecycle, plans
from app.service.applying import apply_plan
from app.service.drafts import Draft, draft_of, read_draft
from app.service.ending import give_back, insisted, lose
from app.service.recording import Recorder
from app.service.worlds import newest_world, pack
from app.settings import Settings
from app.store.records import Claim
from app.store.sql import SqlStore, open_store
from solver import Progress, Result, verify
from solver.plan import Plan
from tests.app import world
from tests.app.making import far, load, made, near
from tests.app.serving import until

LATE = world.workload("late")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'losing.db'}", busy_ms=50)
    load(opened)
    yield opened
    opened.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another writer holds the store."""
    with closing(sqlite3.connect(folder / "losing.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def begun(store: SqlStore) -> tuple[Claim, Draft]:
    """A plan that is being solved, and a draft of it: everything unplaced."""
    request = PlanRequest.model_validate(world.request(LATE))
    plans.submit(store, request, 1.0)
    now = newest_world(store)
    posed = question(now, request)
    plan = Plan.empty()
    verdict = verify(posed.problem, plan)
    assert verdict.ok, verdict.violations
    result = Result(plan, verdict, "feasible", verdict.cost, 0, 0.1, 0.1, 0.1, (), None, bounded=False)
    with store.writing() as session:
        claim = session.jobs.claim("test")
        assert claim is not None
        lifecycle.started(session, claim.id, None, now.generation)
        session.plans.keep_snapshot(now.generation, pack(now))
    return claim, draft_of(posed, result, verdict, {}, None)


def shown(store: SqlStore, claim: Claim) -> PlanOut:
    seen = plans.see(store, claim.id)
    return PlanOut.of(seen.row, seen.best)


def test_a_draft_outlives_its_process_to_the_letter(store: SqlStore) -> None:
    _, draft = begun(store)
    assert draft.decisions
    again = Draft.from_bytes(draft.to_bytes())
    assert again == replace(draft, decisions=list(draft.decisions), uses=list(draft.uses))


@pytest.mark.parametrize("record", [b"", b"short", b"\0" * 40, b"EPd1" + b"\0" * 8 + b"torn", None])
def test_what_is_no_draft_is_none(record: bytes | None) -> None:
    assert read_draft("a", record) is None


def test_a_lost_solve_ends_with_the_draft_at_hand(store: SqlStore) -> None:
    claim, draft = begun(store)
    lose(store, claim, "its process was ended by signal 9", 3, record=draft.to_bytes())
    plan = shown(store, claim)
    assert plan.status == "finished"
    assert plan.result is not None
    assert plan.result.cut_off == "Its process was ended by signal 9."
    assert [one.code for one in plan.result.warnings] == ["bound.none", "cut_off"]
    assert plans.decisions(store, claim.id, (), -1, 9)
    with store.reading() as session:
        assert session.plans.draft(claim.id) is None


def test_a_solve_that_is_found_without_its_supervisor_ends_with_the_draft_in_the_store(store: SqlStore) -> None:
    claim, draft = begun(store)
    with store.writing() as session:
        session.plans.keep_draft(claim.id, draft.generation, draft.to_bytes())
    leases = Leases(store, Settings(lease_seconds=6, heartbeat_seconds=2))
    for second in range(20):
        leases.look(float(second))
    plan = shown(store, claim)
    assert plan.status == "finished"
    assert plan.result is not None
    assert plan.result.cut_off == "Its supervisor is gone."


def test_a_lost_solve_that_was_to_stop_is_cancelled_with_its_draft(store: SqlStore) -> None:
    claim, draft = begun(store)
    plans.cancel(store, claim.id)
    lose(store, claim, "its process was ended by signal 9", 3, record=draft.to_bytes())
    assert shown(store, claim).status == "cancelled"
    assert shown(store, claim).result is not None


def test_what_was_told_of_the_bound_is_kept_and_of_a_better_plan_is_said(store: SqlStore) -> None:
    claim, draft = begun(store)
    cost = draft.result.cost
    lose(store, claim, "it was killed", 3, record=draft.to_bytes(), reported=(cost - 1, cost // 2))
    result = shown(store, claim).result
    assert result is not None
    assert (result.bound, result.reported_cost) == (cost // 2, cost - 1)
    assert [one.code for one in result.warnings] == ["better.lost", "cut_off"]


def test_the_end_of_a_plan_without_a_bound_is_told_with_its_warning_first(store: SqlStore) -> None:
    claim, draft = begun(store)
    lose(store, claim, "it was killed", 3, record=draft.to_bytes())
    with store.reading() as session:
        [event] = session.events.newest(["plan.finished"], claim.id, 1)
    assert next(iter(event.detail["warnings"]))["code"] == "bound.none"


def test_results_of_before_are_given_their_warnings(store: SqlStore) -> None:
    row = made(store, world.request(LATE))
    assert row.result is not None
    old = {name: value for name, value in row.result.items() if name not in ("warnings", "bounded")}
    plan = PlanOut.of(replace(row, result=old), None)
    assert plan.result is not None
    assert [one.code for one in plan.result.warnings] == ["bound.none"]


@pytest.mark.parametrize(
    ("figures", "codes"),
    [
        ({"bounded": False, "gap": 0.2, "cost": 10, "bound": 8}, ["bound.none"]),
        ({"bounded": True, "gap": 1.0, "cost": 10, "bound": 0}, ["bound.none"]),
        ({"bounded": True, "gap": 0.0, "cost": 0, "bound": 0}, []),
        ({"bounded": True, "gap": 0.5, "cost": 10, "bound": 5}, []),
    ],
)
def test_a_plan_of_which_nothing_is_proven_says_so(figures: dict[str, Any], codes: list[str]) -> None:
    result = PlanResult.model_construct(cut_off=None, reported_cost=None, **figures)
    assert [one.code for one in warnings_of(result)] == codes


def test_a_solve_that_is_given_back_leaves_its_draft(store: SqlStore) -> None:
    claim, draft = begun(store)
    give_back(store, claim, draft.to_bytes())
    assert shown(store, claim).status == "queued"
    with store.writing() as session:
        again = session.jobs.claim("another")
    assert again is not None
    lose(store, again, "its process was ended by signal 9", 3)
    assert shown(store, claim).status == "finished"


def test_a_draft_of_an_older_world_is_kept_as_that(store: SqlStore) -> None:
    claim, draft = begun(store)
    give_back(store, claim, draft.to_bytes())
    with store.writing() as session:
        again = session.jobs.claim("another")
        assert again is not None
        lifecycle.started(session, again.id, None, draft.generation + 5)
    lose(store, again, "its process was ended by signal 9", 3, reported=(1, 1))
    plan = shown(store, claim)
    assert plan.generation == draft.generation
    assert plan.result is not None
    assert plan.result.bound == draft.result.bound


def test_progress_waits_for_no_store_and_the_newest_is_written_once_it_can_be(store: SqlStore, tmp_path: Path) -> None:
    claim, draft = begun(store)
    record = draft.to_bytes()
    with Recorder(store, claim, None, 1) as recorder:
        with locked(tmp_path):
            for cost in range(100, 0, -1):
                recorder.add(Progress(1.0, cost, 0, 0, "search"))
            recorder.put_by(b"older")
            recorder.put_by(record)
        until(lambda: stored(store, claim) == record)
        recorder.add(Progress(1.0, 0, 0, 0, "search"))
        until(lambda: plans.progress(store, claim.id, 9)[1][-1:] and plans.progress(store, claim.id, 9)[1][-1].cost == 0)


def stored(store: SqlStore, claim: Claim) -> bytes | None:
    with store.reading() as session:
        return session.plans.draft(claim.id)


def test_nothing_is_written_for_a_solve_that_has_ended(store: SqlStore) -> None:
    claim, draft = begun(store)
    with Recorder(store, claim, None, 1) as recorder:
        lose(store, claim, "it was killed", 3, record=draft.to_bytes())
        points = plans.progress(store, claim.id, 9)[1]
        recorder.put_by(draft.to_bytes())
        until(lambda: not recorder._thread.is_alive())
    assert stored(store, claim) is None
    assert plans.progress(store, claim.id, 9)[1] == points


def test_an_end_that_the_store_is_too_busy_for_is_stored_later(store: SqlStore, tmp_path: Path) -> None:
    claim, draft = begun(store)
    tried = threading.Event()

    def end() -> None:
        tried.set()
        lose(store, claim, "it was killed", 3, record=draft.to_bytes())

    with locked(tmp_path):
        ending = threading.Thread(target=insisted, args=(end,))
        ending.start()
        tried.wait()
    ending.join()
    assert shown(store, claim).status == "finished"


def test_a_plan_of_which_something_runs_is_not_forgotten(store: SqlStore) -> None:
    first = made(store, world.request(world.CAMERAS), near("cameras"))
    apply_plan(store, first.id, "refuse")
    second = made(store, world.request(LATE), far("late", card=1))
    apply_plan(store, second.id, "refuse")
    with pytest.raises(InUse):
        plans.delete(store, first.id)
    with pytest.raises(PlanInForce):
        plans.delete(store, second.id)
    with store.writing() as session:
        session.allocation.remove([row.key for row in session.allocation.rows() if row.plan_id == first.id])
    plans.delete(store, first.id)


def test_a_child_lives_on_without_the_server_that_started_it_and_the_next_one_is_started_all_the_same() -> None:
    from multiprocessing import forkserver

    first = Child(signal.pause, (), "first")
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    try:
        os.kill(server, signal.SIGKILL)
        second = Child(signal.pause, (), "second")
        assert first.alive
        assert second.alive
        assert forkserver._forkserver._forkserver_pid != server  # type: ignore[attr-defined]
        second.kill()
        assert second.wait(60)
        assert second.exitcode == -signal.SIGKILL
        second.close()
    finally:
        first.kill()
    assert first.wait(60)
    assert not first.alive
    assert first.exitcode is None
    first.close()
