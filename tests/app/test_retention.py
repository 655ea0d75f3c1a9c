"""What nothing needs is forgotten in small steps, what something needs never; and the file shrinks."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.clock import now_ms
from app.errors import InUse, PlanInForce
from app.identity.caller import LOCAL
from app.jobs.housekeeping import Housekeeping
from app.main import create_app
from app.service.applying import apply_plan
from app.service.cache import Cache
from app.service.plans import delete
from app.service.retention import RetentionLimits, sweep
from app.settings import Settings
from app.store.opening import open_own
from app.store.port import Store
from app.store.records import ChangeRow, PlanRow, ProgressRow, UsageRow
from app.store.sql import open_store
from solver.rules.account import Account
from tests.app import world
from tests.app.conftest import refused
from tests.app.making import far, load, made, near
from tests.app.serving import until

DAY = 24 * 3600 * 1000
ALL = RetentionLimits(plans=1000, plan_days=1000.0, changes=10**6, history_days=1000.0, points=1000)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with closing(open_store(store_url)) as opened:
        yield opened


def plan(store: Store, id: str, days_ago: float = 0.0, points: int = 0) -> None:
    """An ended plan, with something of everything that is kept for one."""
    at = now_ms() - int(days_ago * DAY)
    row = PlanRow(
        id=id, status="finished", what_if=False, submitted_ms=at, started_ms=at, finished_ms=at, revision=1, generation=at,
        applied_generation=None, applied=None, brief={"name": id}, result={"cost": 1}, failure=None,
    )  # fmt: skip
    with store.writing(LOCAL) as session:
        session.plans.add(row, {"name": id})
        session.jobs.add(id, at)
        session.jobs.end(id)
        session.plans.keep_snapshot(at, b"picture")
        session.plans.put_usage(
            id, [UsageRow(Account("rule", "cards", "card", (("node", f"key{k}"),)), 1, 2) for k in range(5000)]
        )
        for k in range(points):
            session.plans.add_progress(id, ProgressRow(1 + (k >= points // 2), k, k / 4, 9, 3, 0, "search"))


def plans(store: Store) -> set[str]:
    with store.reading() as session:
        return {id for id in ("a", "b", "c", "d") if session.plans.get(id) is not None}


def test_ended_plans_beyond_a_number_or_an_age_are_forgotten_with_all_that_was_kept(store: Store, tmp_path: Path) -> None:
    for id, days in (("a", 50.0), ("b", 3.0), ("c", 2.0), ("d", 1.0)):
        plan(store, id, days)
    assert sweep(store, ALL) == Counter()
    assert plans(store) == {"a", "b", "c", "d"}
    removed = sweep(store, RetentionLimits(1000, 30.0, 10**6, 1000.0, 1000))
    assert plans(store) == {"b", "c", "d"}
    assert removed["rows of plans"] == 5000
    sweep(store, RetentionLimits(2, 30.0, 10**6, 1000.0, 1000))
    assert plans(store) == {"c", "d"}
    with closing(sqlite3.connect(tmp_path / "edgeplan.db")) as db:
        for table, column in (("usage", "plan_id"), ("request", "plan_id"), ("job", "id")):
            assert {id for (id,) in db.execute(f"SELECT {column} FROM {table}")} == {"c", "d"}
        assert db.execute("SELECT count(*) FROM snapshot").fetchone() == (2,)
    with store.reading() as session:
        assert [row.plan for row in session.events.newest(("plan.deleted",), None, 9)] == ["a", "b"]


def test_a_plan_that_something_in_force_or_the_next_solve_needs_is_kept(store: Store) -> None:
    load(store)
    first = made(store, world.request(world.CAMERAS), far("cameras"))
    apply_plan(Cache.of(store), LOCAL, first.id, "refuse")
    second = made(store, world.request(world.NIGHT_CAMERAS), near("night-cameras"))
    apply_plan(Cache.of(store), LOCAL, second.id, "refuse")
    plan(store, "a")
    plan(store, "b")
    with store.writing(LOCAL) as session:
        session.plans.keep_memory("b", b"what b leaves")
    sweep(store, RetentionLimits(0, 1000.0, 10**6, 1000.0, 1000))
    assert plans(store) == {"b"}
    with store.reading() as session:
        assert session.plans.get(first.id) is not None
        assert session.plans.get(second.id) is not None
        assert session.plans.memory() == ("b", b"what b leaves")
    # Nor can anybody delete it: what it decided still runs.
    with pytest.raises(InUse, match="1 shard runs as plan"):
        delete(store, LOCAL, first.id)
    with pytest.raises(PlanInForce):
        delete(store, LOCAL, second.id)


def test_history_and_progress_are_thinned(store: Store) -> None:
    plan(store, "a", points=60)
    with store.writing(LOCAL) as session:
        for generation in range(1, 41):
            at = now_ms() - (40 - generation) * DAY
            session.changes.note([ChangeRow(generation, 0, at, "nodes", "n", "changed", None, None, None)])
            session.generations.advance(["network"])

    def kept() -> list[int]:
        with store.reading() as session:
            return [row.generation for row in session.changes.page(0, None, None, None, 100)]

    sweep(store, RetentionLimits(1000, 1000.0, 10**6, 9.5, 1000))
    assert kept() == list(range(31, 41))
    sweep(store, RetentionLimits(1000, 1000.0, 4, 1000.0, 10))
    assert kept() == list(range(36, 41))
    with store.reading() as session:
        points = [row.ordinal for row in session.plans.progress("a", 100)]
    assert len(points) <= 11
    assert points[-1] == 59
    assert points == sorted(points)


def test_steps_are_small_and_the_file_shrinks(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.retention.PAGES", 20)
    for id in ("a", "b"):
        plan(store, id)
    with closing(sqlite3.connect(tmp_path / "edgeplan.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = (tmp_path / "edgeplan.db").stat().st_size
        steps = []
        assert (
            sweep(store, RetentionLimits(0, 1000.0, 10**6, 1000.0, 1000), lambda: bool(steps.append(1)))["rows of plans"]
            == 10_000
        )
        assert len(steps) > 8
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (tmp_path / "edgeplan.db").stat().st_size < before / 2


def test_a_sweep_that_is_stopped_is_taken_up_later(store: Store) -> None:
    for id in ("a", "b"):
        plan(store, id)
    none = RetentionLimits(0, 1000.0, 10**6, 1000.0, 1000)
    assert sweep(store, none, lambda: True)["plans"] == 1
    assert sweep(store, none) == {"plans": 1, "rows of plans": 10_000}


def test_a_file_of_before_is_rewritten_once_so_that_it_can_shrink(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    file = tmp_path / "edgeplan.db"
    with closing(open_own(settings)) as store, store.writing(LOCAL) as session:
        session.generations.advance(["network"])
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA auto_vacuum=NONE")
        db.execute("VACUUM")
        assert db.execute("PRAGMA auto_vacuum").fetchone() == (0,)
        # While somebody else uses it, it stays as it is.
        db.execute("BEGIN")
        db.execute("SELECT * FROM generation").fetchall()
        with closing(open_own(settings)) as store, store.reading() as session:
            assert session.generations.now() == 1
        db.execute("ROLLBACK")
    with closing(open_own(settings)) as store, store.reading() as session:
        assert session.generations.now() == 1
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_the_service_sweeps_by_itself(settings: Settings) -> None:
    keeping_one = {"run_jobs": False, "upkeep_seconds": 0.05, "plans_kept": 1, "log_level": "error"}
    with TestClient(create_app(settings.model_copy(update=keeping_one))) as client:
        store = client.app.state.context.store  # type: ignore[attr-defined]
        plan(store, "a", 1.0)
        plan(store, "b")
        until(lambda: plans(store) == {"b"})
        load(store)
        kept = made(store, world.request(world.CAMERAS), far("cameras"))
        apply_plan(Cache.of(store), LOCAL, kept.id, "refuse")
        refused(client.delete(f"/v1/plans/{kept.id}"), 409, "plan.in_force")


def test_a_sweep_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path, upkeep_seconds=0.02)
    calls: list[int] = []

    def broken(*_: object) -> Counter[str]:
        calls.append(1)
        raise OSError("no")

    monkeypatch.setattr("app.jobs.housekeeping.sweep", broken)
    with closing(open_own(settings)) as store:
        keeper = Housekeeping(store, settings)
        keeper.start()
        until(lambda: len(calls) > 2)
        keeper.stop()
