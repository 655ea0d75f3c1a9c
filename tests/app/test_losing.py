"""No solve is lost: what it had verified is kept, and it waits for no store while it searches."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import InUse, PlanInForce
from app.identity.caller import LOCAL
from app.jobs.leases import Leases
from app.jobs.processes import context
from app.schemas.accounts import account_in
from app.schemas.plans import PlanOut, PlanResult, warnings_of
from app.schemas.requests import PlanRequest
from app.service import lifecycle, plans
from app.service.applying import apply_plan
from app.service.cache import Cache
from app.service.drafts import Draft, draft_of, read_draft
from app.service.ending import give_back, insisted, lose
from app.service.recording import Recorder
from app.service.worlds import Worlds, pack
from app.settings import Settings
from app.store.records import Claim, ProgressRow, UsageRow
from app.store.sql import SqlStore, open_store
from app.world.question import question
from solver import Progress, Result, verify
from solver.facts.plan import Plan
from solver.rules.limits import node_capacity
from solver.running.child import Caller, Child
from tests.app import world
from tests.app.making import far, load, made, near
from tests.app.serving import until

LATE = world.workload("late")


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url, busy_ms=50)
    load(opened)
    yield opened
    opened.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another writer holds the store."""
    with closing(sqlite3.connect(folder / "edgeplan.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def begun(store: SqlStore) -> tuple[Claim, Draft]:
    """A plan that is being solved, and a draft of it: everything unplaced."""
    request = PlanRequest.model_validate(world.request(LATE))
    plans.submit(store, LOCAL, request, 1.0)
    now = Worlds(store).newest()
    posed = question(now, request)
    plan = Plan.empty()
    verdict = verify(posed.problem, plan)
    assert verdict.ok, verdict.violations
    result = Result(plan, verdict, "feasible", verdict.cost, 0, 0.1, 0.1, 0.1, (), None, bounded=False)
    with store.writing(LOCAL) as session:
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


def test_a_draft_of_the_version_before_is_read(store: SqlStore) -> None:
    """It named accounts by keys."""
    _, draft = begun(store)
    record = draft.to_bytes()
    body = json.loads(zlib.decompress(record[12:]))
    key = {"rule": "node_capacity", "key": "hub/card", "resource": "accelerators", "unit": "thousandths of a card"}
    former = {
        "decisions": body["decisions"],
        "uses": [[*key, "used", "capacity"], [[*key.values(), 1000, 2000]]],
        "result": {**body["result"], "prices": [{**key, "price": 1.5}]},
    }
    again = Draft.from_bytes(b"EPd1" + record[4:12] + zlib.compress(json.dumps(former).encode()))
    cards = node_capacity.cards_of("hub", "card")
    assert again.uses == [UsageRow(cards, 1000, 2000)]
    assert [account_in(price.model_dump()) for price in again.result.prices] == [cards]
    assert again.decisions == list(draft.decisions)


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
    with store.writing(LOCAL) as session:
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
    plans.cancel(store, LOCAL, claim.id)
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
    with store.writing(LOCAL) as session:
        again = session.jobs.claim("another")
    assert again is not None
    lose(store, again, "its process was ended by signal 9", 3)
    assert shown(store, claim).status == "finished"


def test_a_draft_of_an_older_world_is_kept_as_that(store: SqlStore) -> None:
    claim, draft = begun(store)
    give_back(store, claim, draft.to_bytes())
    with store.writing(LOCAL) as session:
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
            for bound in range(100):
                recorder.add(Progress(1.0, draft.result.cost, bound, 0, "search"))
            recorder.put_by(b"older", cheaper(draft, 9))
            recorder.put_by(record, draft)
        until(lambda: stored(store, claim) == record)
        recorder.add(Progress(1.0, 0, 100, 0, "search"))
        until(lambda: [point.bound for point in points(store, claim)][-1:] == [100])


def test_no_cost_is_shown_but_that_of_a_plan_that_is_put_by(store: SqlStore) -> None:
    claim, draft = begun(store)
    cost = draft.result.cost
    with Recorder(store, claim, None, 1) as recorder:
        # Found, and not put by: killed now, the solve would leave nothing.
        recorder.add(Progress(0.1, 7, 3, 0, "search"))
        until(lambda: recorder._reached is not None)
        assert points(store, claim) == []
        recorder.put_by(draft.to_bytes(), draft)
        until(lambda: len(points(store, claim)) == 1)
        recorder.add(Progress(0.2, 5, 4, 0, "search"))
        until(lambda: len(points(store, claim)) == 2)
        assert [(point.cost, point.bound) for point in points(store, claim)] == [(cost, 3), (cost, 4)]
        # What is no news is no event.
        recorder.add(Progress(0.3, 4, 2, 0, "search"))
        until(lambda: recorder._reached is not None and recorder._reached.seconds == 0.3)
        assert len(points(store, claim)) == 2
        better = cheaper(draft, 9)
        recorder.put_by(better.to_bytes(), better)
        until(lambda: [point.cost for point in points(store, claim)][-1] == 9)
    lose(store, claim, "its machine is gone", 3)
    ended = shown(store, claim)
    assert ended.result is not None
    assert ended.result.cost == 9


def test_what_an_earlier_attempt_has_put_by_is_shown_on(store: SqlStore) -> None:
    claim, draft = begun(store)
    with Recorder(store, claim, None, 1, draft) as recorder:
        recorder.add(Progress(0.1, 7, 3, 0, "search"))
        until(lambda: [(point.cost, point.bound) for point in points(store, claim)] == [(draft.result.cost, 3)])


def cheaper(draft: Draft, cost: int) -> Draft:
    return replace(draft, result=draft.result.model_copy(update={"cost": cost}))


def points(store: SqlStore, claim: Claim) -> list[ProgressRow]:
    return list(plans.progress(store, claim.id, 9)[1])


def stored(store: SqlStore, claim: Claim) -> bytes | None:
    with store.reading() as session:
        return session.plans.draft(claim.id)


def test_nothing_is_written_for_a_solve_that_has_ended(store: SqlStore) -> None:
    claim, draft = begun(store)
    with Recorder(store, claim, None, 1) as recorder:
        lose(store, claim, "it was killed", 3, record=draft.to_bytes())
        before = points(store, claim)
        recorder.put_by(draft.to_bytes(), draft)
        until(lambda: not recorder._follower._thread.is_alive())
    assert stored(store, claim) is None
    assert points(store, claim) == before


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
    apply_plan(Cache.of(store), LOCAL, first.id, "refuse")
    second = made(store, world.request(LATE), far("late", card=1))
    apply_plan(Cache.of(store), LOCAL, second.id, "refuse")
    with pytest.raises(InUse):
        plans.delete(store, LOCAL, first.id)
    with pytest.raises(PlanInForce):
        plans.delete(store, LOCAL, second.id)
    with store.writing(LOCAL) as session:
        session.allocation.remove([row.key for row in session.allocation.rows() if row.plan_id == first.id])
    plans.delete(store, LOCAL, first.id)


def waits(_caller: Caller) -> None:
    """A child that does nothing."""
    signal.pause()


def test_a_child_lives_on_without_the_server_that_started_it_and_the_next_one_is_started_all_the_same() -> None:
    from multiprocessing import forkserver

    first = Child(context(), waits, (), "first")
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    try:
        os.kill(server, signal.SIGKILL)
        second = Child(context(), waits, (), "second")
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
