"""What every store promises. Another database joins by adding its URL to the fixture."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, delete, text

from app.errors import StoreBusy
from app.schemas.requests import PlanRequest
from app.service.worlds import newest_world
from app.store.migrations import configuration, migrate
from app.store.port import Session, Store
from app.store.records import (
    AllocationRow,
    ChangeRow,
    Cut,
    DecisionRow,
    EntityRow,
    EventRow,
    PlanRow,
    ProgressRow,
    RecordRow,
    RunningRow,
    StatusRow,
    SummaryRow,
    UsageRow,
)
from app.store.sql import open_store
from app.store.tables import metadata
from app.world.question import question
from solver.facts.placement import Placement, Slot
from solver.rules.account import Account
from tests.app import world


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    urls = {"sqlite": f"sqlite:///{tmp_path / 'contract.db'}"}
    opened = open_store(urls[request.param])
    yield opened
    opened.close()


def node(id: str, **body: Any) -> EntityRow:
    return EntityRow("nodes", id, 1, {"id": id, **body})


def plan(id: str, at: int, **more: Any) -> PlanRow:
    given: dict[str, Any] = {
        "status": "queued", "what_if": False, "submitted_ms": at, "started_ms": None, "finished_ms": None,
        "revision": 0, "generation": None, "applied_generation": None, "applied": None, "brief": {"name": None},
        "result": None, "failure": None,
    }  # fmt: skip
    return PlanRow(id=id, **(given | more))


def decision(workload: str, **more: Any) -> DecisionRow:
    given: dict[str, Any] = {
        "shard": 0, "status": "placed", "site": "s", "access": "a", "policy": "p", "model": "m", "devices": 3,
        "in_request": True, "previous_node": None, "deadline_us": 9, "node": "n", "route": ["x", "y"], "margin_us": 4,
    }  # fmt: skip
    return DecisionRow(workload=workload, **(given | more))


def test_a_store_speaks_the_port(store: Store) -> None:
    with store.reading() as session:
        spoken: Session = session
        assert spoken.generations.now() == 0


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    def break_off() -> None:
        with store.writing() as session:
            session.generations.advance(["network"])
            session.entities.put_all([node("a")], [])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with store.reading() as session:
        assert session.generations.now() == 0
        assert session.entities.get("nodes", "a") is None


def test_generations_count_everything_and_each_part(store: Store) -> None:
    with store.writing() as session:
        assert session.generations.advance(["network"]) == 1
        assert session.generations.advance(["policies", "workloads"]) == 2
    with store.reading() as session:
        assert session.generations.now() == 2
        parts = [session.generations.of(part) for part in ("network", "policies", "workloads", "allocation")]
        assert parts == [1, 2, 2, 0]


def test_a_reader_sees_one_picture(store: Store) -> None:
    with store.writing() as session:
        session.entities.put_all([node("a")], [])
    with store.reading() as reader:
        assert reader.entities.count("nodes") == 1
        with store.writing() as writer:
            writer.entities.put_all([node("b")], [])
            writer.generations.advance(["network"])
        assert reader.entities.count("nodes") == 1
        assert reader.generations.now() == 0
    with store.reading() as reader:
        assert reader.entities.count("nodes") == 2


def test_a_new_connection_waits_for_no_writer(store: Store) -> None:
    """A change of the world reads the world before it from another connection, while it is the writer."""
    with store.writing() as writer:
        writer.generations.advance(["network"])
        sessions = [store.reading() for _ in range(3)]
        for session in sessions:
            assert session.__enter__().generations.now() == 0
        for session in sessions:
            session.__exit__(None, None, None)


def test_writers_take_turns(store: Store) -> None:
    """Eight writers count to 25 each: no step is lost."""

    def count() -> None:
        for _ in range(25):
            with store.writing() as session:
                session.generations.advance(["network"])

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.generations.now() == 200


def test_claims_are_never_shared(store: Store) -> None:
    with store.writing() as session:
        for number in range(40):
            session.jobs.add(f"job-{number:02}", number)
    claimed: list[str] = []

    def claim() -> None:
        while True:
            with store.writing() as session:
                found = session.jobs.claim("me")
            if found is None:
                return
            claimed.append(found.id)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [f"job-{number:02}" for number in range(40)]


def test_entities_are_kept_with_what_they_name(store: Store) -> None:
    with store.writing() as session:
        session.entities.put_all(
            [EntityRow("links", "l", 1, {"id": "l"})], [("links", "l", "nodes", "a"), ("links", "l", "nodes", "b")]
        )
        session.entities.put_all([node("a", vcpu=1)], [])
        session.entities.discard("nodes", ["a"])
        session.entities.put_all([node("a", vcpu=2)], [])
        assert session.entities.dangling(10) == [("links", "l", "nodes", "b")]
        assert session.entities.named_by("nodes", "a", 10) == [("links", "l")]
        assert session.entities.existing("nodes", ["a", "b"]) == {"a"}
        session.entities.put_all([node("b")], [])
        assert session.entities.dangling(10) == []
        session.entities.delete("links", "l")
        assert session.entities.named_by("nodes", "a", 10) == []
        assert session.entities.bodies("nodes") == [{"id": "a", "vcpu": 2}, {"id": "b"}]
        assert session.entities.bodies("nodes", ["b", "z"]) == [{"id": "b"}]
        session.entities.discard("nodes", ["a", "b", "z"])
        assert session.entities.count("nodes") == 0


def test_models_are_what_profiles_run(store: Store) -> None:
    with store.writing() as session:
        session.entities.put_all([EntityRow("workloads", "w", 1, {})], [("workloads", "w", "models", "seen")])
        assert session.entities.dangling(10) == [("workloads", "w", "models", "seen")]
        session.entities.put_all([EntityRow("profiles", "p", 1, {})], [("profiles", "p", "models", "seen")])
        assert session.entities.dangling(10) == []
        assert session.entities.existing("models", ["seen", "unseen"]) == {"seen"}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("sort", "numeric"), [("id", False), ("vcpu", True), ("name", False)])
def test_pages_join_into_the_whole(store: Store, sort: str, numeric: bool, descending: bool) -> None:
    rows = [node(f"n{k}", vcpu=[3, None, 10, 3, 2][k % 5], name=[None, "b", "a"][k % 3]) for k in range(17)]
    with store.writing() as session:
        session.entities.put_all(rows, [])
    blank: str | int = 0 if numeric else ""
    seen: list[EntityRow] = []
    after: tuple[str | int, str] | None = None
    with store.reading() as session:
        while True:
            cut = Cut(4, sort=sort, numeric=numeric, descending=descending, after=after)
            page = session.entities.page("nodes", cut)
            if not page:
                break
            seen += page
            after = (page[-1].body[sort] or blank, page[-1].id)
    wanted = sorted(rows, key=lambda row: (row.body[sort] or blank, row.id), reverse=descending)
    assert [row.id for row in seen] == [row.id for row in wanted]


def test_filters_compare_words_numbers_and_truths(store: Store) -> None:
    with store.writing() as session:
        session.entities.put_all(
            [node("a", tier="mec", vcpu=1, on=True), node("b", tier="mec", vcpu=2, on=False), node("c")], []
        )
        for equal, found in (
            ((("tier", "mec"),), ["a", "b"]),
            ((("vcpu", 2),), ["b"]),
            ((("on", True),), ["a"]),
            ((("tier", "mec"), ("vcpu", 1)), ["a"]),
            ((("tier", "' OR 1=1"),), []),
        ):
            page = session.entities.page("nodes", Cut(9, equal=equal))  # type: ignore[arg-type]
            assert [row.id for row in page] == found


def test_history_is_kept_in_order(store: Store) -> None:
    rows = [
        ChangeRow(generation, 0, 5, "nodes", f"n{generation}", "changed", {"a": 1}, None, "why") for generation in (1, 2, 3)
    ]
    with store.writing() as session:
        for row in rows:
            session.changes.note([row])
        assert session.changes.page(1, None, None, None, 9) == rows[1:]
        assert session.changes.page(0, "nodes", "n2", None, 9) == [rows[1]]
        assert session.changes.page(0, None, None, (1, 0), 1) == [rows[1]]


def test_plans_are_kept_followed_and_forgotten(store: Store) -> None:
    with store.writing() as session:
        for at, id in enumerate(("a", "b", "c")):
            session.plans.add(plan(id, at), {})
            session.jobs.add(id, at)
        newest = Cut(2, sort="submitted_ms", numeric=True, descending=True)
        assert [row.id for row in session.plans.page(newest)] == ["c", "b"]
        session.plans.started("b", 7, 4)
        session.plans.keep_snapshot(4, b"picture")
        session.plans.keep_snapshot(4, b"another")
        session.plans.add_progress("b", ProgressRow(1, 0, 0.5, 9, 3, 1, "first"))
        session.plans.add_progress("b", ProgressRow(2, 0, 0.5, 8, 3, 1, "first"))
        session.plans.add_progress("b", ProgressRow(2, 1, 0.9, 7, 3, 0, "search"))
        assert [point.cost for point in session.plans.progress("b", 9)] == [8, 7]
        session.plans.put_decisions("b", [decision("w"), decision("v", node=None, status="unplaced")])
        found = session.plans.decisions("b", (("status", "unplaced"),), -1, 9)
        assert [(row.position, row.decision.workload) for row in found] == [(1, "v")]
        assert session.plans.decisions("b", (), 0, None)[0].decision.route == ["x", "y"]
        uses = [
            UsageRow(Account("r", what, "u", (("group", "k"), ("node", id))), 1, 2) for id in ("m", "n") for what in "xy"
        ]
        session.plans.put_usage("b", uses)
        assert session.plans.usage("b", "r", {}, None, 9) == uses
        assert session.plans.usage("b", "r", {"group": "k", "node": "n"}, uses[2].place, 9) == [uses[3]]
        assert session.plans.usage("b", "r", {"link": "n"}, None, 9) == []
        session.plans.ended("b", "finished", 9, result={"cost": 7})
        row = session.plans.get("b")
        assert row is not None
        assert (row.status, row.generation, row.result, row.failure) == ("finished", 4, {"cost": 7}, None)
        assert session.plans.snapshot(4) == b"picture"
        assert session.plans.memory() is None
        session.plans.keep_memory("a", b"old")
        session.plans.keep_memory("b", b"new")
        assert session.plans.memory() == ("b", b"new")
        assert session.plans.counts() == {"queued": 2, "finished": 1}
        session.plans.delete("b")
        assert session.plans.get("b") is None
        assert session.plans.snapshot(4) is None
        assert session.plans.memory() is None
        assert session.plans.decisions("b", (), -1, None) == []


def test_the_allocation_is_kept(store: Store) -> None:
    whole: dict[str, Any] = {"profile": "p", "servers": 2, "cards": [[0, 0], [3, 4]], "batch_limit": 8}
    rows = [
        AllocationRow(f"w{k}/0", "plan", 3, decision(f"w{k}", node="n" if k else None, **whole), disturbed_since=k or None)
        for k in range(3)
    ]
    with store.writing() as session:
        session.allocation.put(rows)
        assert session.allocation.rows() == rows
        assert session.allocation.rows("w1") == [rows[1]]
        cards = [[0, 0], [3, 4]]
        assert session.allocation.running() == [
            RunningRow(name, 0, "primary", "n", "p", 2, cards, ["x", "y"], 8) for name in ("w1", "w2")
        ]
        assert session.allocation.displaced() == [("w0", 0)]
        assert (session.allocation.runs_on("n"), session.allocation.nodes()) == (2, {"n"})
        why = {"rules": ["transit"], "sentence": "no", "unlawful": True}
        session.allocation.put_statuses([StatusRow(f"w{k}/0", "disturbed", why, 4) for k in (1, 2)])
        assert session.allocation.counts() == {"placed": (1, 3), "disturbed": (2, 6)}
        assert session.allocation.unlawful() == 2
        session.allocation.put_statuses([StatusRow("w2/0", "disturbed", {**why, "unlawful": False}, 4)])
        assert session.allocation.unlawful() == 1
        found = session.allocation.page(Cut(9, equal=(("status", "disturbed"), ("in_request", True))))
        assert [row.key for row in found] == ["w1/0", "w2/0"]
        session.allocation.put_statuses([StatusRow("w2/0", "placed", None, None), StatusRow("w1/0", "disturbed", why, 9)])
        session.allocation.put_cards([("w1/0", [[7, 2]])])
        [stays] = session.allocation.rows("w1")
        assert (stays.decision.disturbed, stays.disturbed_since, stays.decision.cards) == (why, 9, [[7, 2]])
        [stays] = session.allocation.rows("w2")
        assert stays == replace(rows[2], disturbed_since=None)
        session.allocation.remove(["w0/0", "w1/0"])
        assert [row.key for row in session.allocation.rows()] == ["w2/0"]
        session.allocation.put_summary(SummaryRow(3, "plan", {"a": 1}))
        session.allocation.put_summary(SummaryRow(4, "plan", {"a": 2}, {"horizon": "2026-12-01"}))
        assert session.allocation.summary() == SummaryRow(4, "plan", {"a": 2}, {"horizon": "2026-12-01"})


def event(type: str = "node.failed", **more: Any) -> EventRow:
    given: dict[str, Any] = {"at_ms": 7, "generation": None, "plan": None, "node": None, "detail": {}}
    return EventRow(id=0, type=type, **(given | more))


def test_events_are_numbered_in_the_order_of_the_commits(store: Store) -> None:
    """Four writers; whoever reads up to an id never finds a smaller one later."""

    def write() -> None:
        for _ in range(20):
            with store.writing() as session:
                session.events.add(event())
                session.events.add(event())

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < 160:
        with store.reading() as session:
            seen += [row.id for row in session.events.page(seen[-1] if seen else 0, (), None, 7)]
    for thread in threads:
        thread.join()
    assert seen == list(range(1, 161))


def test_events_are_found_by_type_and_plan(store: Store) -> None:
    with store.reading() as session:
        assert session.events.span() == (1, 0)
        assert session.events.page(0, (), None, 10) == []
    rows = [
        event("plan.queued", plan="a"), event("plan.queued", plan="b", generation=3), event("node.failed", node="n"),
        event("plan.failed", plan="a", detail={"code": "x", "list": [1]}),
    ]  # fmt: skip
    with store.writing() as session:
        for row in rows:
            session.events.add(row)
    with store.reading() as session:
        numbered = [replace(row, id=number) for number, row in enumerate(rows, 1)]
        assert session.events.page(0, (), None, 10) == numbered
        assert session.events.page(1, (), None, 2) == numbered[1:3]
        assert session.events.page(0, ("plan.queued", "plan.failed"), "a", 10) == [numbered[0], numbered[3]]
        assert session.events.newest((), None, 2) == numbered[2:]
        assert session.events.newest(("plan.queued",), None, 1) == [numbered[1]]
        assert session.events.span() == (1, 4)


def test_only_so_many_events_are_kept_and_no_id_is_given_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    few = open_store(url, events_kept=3)
    for count in range(1, 8):
        with few.writing() as session:
            session.events.add(event())
        with few.reading() as session:
            assert session.events.span() == (max(1, count - 2), count)
    few.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(delete(metadata.tables["event"]))
    engine.dispose()
    again = open_store(url)
    with again.writing() as session:
        session.events.add(event())
    with again.reading() as session:
        assert session.events.span() == (8, 8)
    again.close()


def test_a_peek_shows_the_last_commit_and_nothing_else(store: Store) -> None:
    def newest() -> tuple[dict[str, int], int]:
        marks = store.peek()
        assert marks is not None
        return dict(marks.generations), marks.event

    assert newest() == ({"all": 0}, 0)
    with store.writing() as session:
        session.generations.advance(["network"])
        session.events.add(event())
        assert newest() == ({"all": 0}, 0)
    assert newest() == ({"all": 1, "network": 1}, 1)
    with store.writing() as session:
        session.generations.advance(["allocation"])
    assert newest() == ({"all": 2, "network": 1, "allocation": 2}, 1)


def test_a_plan_is_stamped_named_and_told_in_columns(store: Store) -> None:
    figures: dict[str, Any] = {"cost": 4, "list": [{"a": 1}]}
    with store.writing() as session:
        assert session.plans.stamp("a") is None
        assert session.plans.name("a") is None
        assert session.plans.last_result() is None
        session.plans.add(plan("a", 1, brief={"name": "first"}), {"name": "first", "workloads": []})
        session.plans.add(plan("b", 2), {})
        stamp = session.plans.stamp("a")
        assert stamp is not None
        assert (stamp.status, stamp.decided, stamp.generation) == ("queued", False, None)
        assert session.plans.request("a") == {"name": "first", "workloads": []}
        assert (session.plans.name("a"), session.plans.name("b")) == ("first", None)
        session.plans.note_terms("a", {"horizon": "2026-12-01"})
        noted = session.plans.get("a")
        assert noted is not None
        assert noted.brief == {"name": "first", "terms": {"horizon": "2026-12-01"}}
        session.plans.started("a", 5, 7)
        session.plans.ended("a", "finished", 9, result=figures)
        later = session.plans.stamp("a")
        assert later is not None
        assert (later.status, later.decided, later.generation) == ("finished", True, 7)
        assert later.version != stamp.version
        assert session.plans.result("a") == session.plans.last_result() == figures
        session.plans.ended("b", "failed", 10, failure={"code": "x"})
        assert session.plans.last_result() == figures
        rows = [decision("w2", node=None, margin_us=None), decision("w1", shard=1), decision("w1", node="m")]
        session.plans.put_decisions("a", rows)
        assert session.plans.columns("a", ("workload", "shard", "node", "margin_us")) == [
            ("w1", 0, "m", 4), ("w1", 1, "n", 4), ("w2", 0, None, None)
        ]  # fmt: skip
        assert session.plans.columns("b", ("workload",)) == []
        session.allocation.put([AllocationRow(f"{row.workload}/{row.shard}", "a", 1, row) for row in rows])
        assert session.allocation.columns(("workload", "shard")) == [("w1", 0), ("w1", 1), ("w2", 0)]


def test_words_are_tallied(store: Store) -> None:
    with store.writing() as session:
        session.entities.put_all([node("a", state="active"), node("b", state="failed"), node("c", state="active")], [])
        assert session.entities.tally("nodes", "state") == {"active": 2, "failed": 1}
        assert session.entities.tally("links", "state") == {}


def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.sql.BUSY_MS", 100)
    url = f"sqlite:///{tmp_path / 'busy.db'}"
    one, other = open_store(url), open_store(url)
    with one.writing() as session:
        session.generations.advance([])
        with pytest.raises(StoreBusy), other.writing():
            pass
        with other.reading() as reader:
            assert reader.generations.now() == 0
    one.close()
    other.close()


def test_the_migrations_make_the_tables_and_undo_them(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    engine.dispose()


def test_an_allocation_of_the_version_before_is_carried_over(tmp_path: Path) -> None:
    """Its placements say no cards, its summary no terms, its workloads where they run by nodes. Questions are asked."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)

    def go(which: Any, revision: str) -> None:
        with engine.begin() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            which(config, revision)

    go(command.upgrade, "0004")
    stored = {**world.workload("w", devices=20, shard_devices=10), "current": ["hub"], "movable": True, "move_cost_krw": 0}
    bodies = {**world.NETWORK, **world.CATALOGUE, "policies": world.POLICIES, "workloads": [stored]}
    columns = (
        "workload, shard, status, site, access, policy, model, devices, in_request, node, tier, province, profile, servers, "
        "route, deadline_us"
    )
    with engine.begin() as connection:
        connection.execute(text("UPDATE generation SET generation = 4 WHERE part = 'all'"))
        for kind, entities in bodies.items():
            for body in entities:
                connection.execute(
                    text("INSERT INTO entity (kind, id, generation, body) VALUES (:kind, :id, 1, :body)"),
                    {"kind": kind, "id": body["id"], "body": json.dumps(body)},
                )
        for table, first, values in (
            ("allocation", "key, plan_id, since_generation", "'w/00000000', 'p', 4"),
            ("decision", "plan_id, position", "'p', 0"),
        ):
            connection.execute(
                text(
                    f"INSERT INTO {table} ({first}, {columns}) VALUES ({values}, 'w', 0, 'placed', 'plant', 'plant-wired', "
                    "'open', 'detector', 10, 1, 'centre', 'regional', '', 'detector-card', 1, '[\"hub-centre\"]', 60000)"
                )
            )
        connection.execute(text("INSERT INTO summary (id, generation, plan_id, body) VALUES (1, 4, 'p', '{}')"))
    opened = open_store(url)
    with opened.reading() as session:
        [row] = session.allocation.rows()
        assert (row.decision.role, row.decision.cards, row.decision.batch_limit) == ("primary", [], 0)
        assert (row.decision.disturbed, row.disturbed_since) == (None, None)
        assert session.plans.decisions("p", (), -1, None)[0].decision == row.decision
        assert session.allocation.summary() == SummaryRow(4, "p", {}, None)
    now = newest_world(opened)
    assert now.terms_in_force is None
    here = Placement("w", 0, "centre", "detector-card", 1, (Slot(0, 0),), ("hub-centre",))
    asked = {"workloads": [world.workload("new")], "terms": world.TERMS, "limits": {"seconds": 1.0}}
    runs = {w.id: w for w in question(now, PlanRequest.model_validate(asked)).problem.workloads}
    assert runs["w"].current == (here, None)
    assert runs["w"].free == frozenset()
    opened.close()
    go(command.downgrade, "0004")
    with engine.connect() as connection:
        names = set(connection.execute(text("SELECT * FROM allocation")).mappings().one())
    assert "since_generation" in names
    assert not names & {"cards", "role", "batch_limit", "disturbed", "disturbed_since"}
    engine.dispose()


def test_plans_that_the_version_before_applied_are_on_record_without_what_they_replaced(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
    applied = json.dumps({"plan": "p", "placed": 3, "moved": 0, "kept": 2, "ended": 1})
    with engine.begin() as connection:
        for id, generation in (("p", 4), ("q", 6), ("r", None)):
            connection.execute(
                text(
                    "INSERT INTO plan (id, status, what_if, submitted_ms, revision, brief, applied_generation, applied) "
                    "VALUES (:id, 'finished', 0, 1, 1, '{\"name\": \"old\"}', :generation, :applied)"
                ),
                {"id": id, "generation": generation, "applied": applied},
            )
        connection.execute(text("INSERT INTO event (at_ms, type, generation, detail) VALUES (77, 'plan.applied', 6, '{}')"))
    opened = open_store(url)
    counts = {"placed": 3, "ended": 1}
    with opened.reading() as session:
        assert session.allocation.records(None, 9) == [
            RecordRow(6, 77, "q", "old", counts, kept=False), RecordRow(4, None, "p", "old", counts, kept=False)
        ]  # fmt: skip
        assert session.allocation.replaced(5) == [(6, None)]
    opened.close()


def test_what_was_stored_before_is_carried_over(tmp_path: Path) -> None:
    """A store of the first version, with a plan: its request moves, and what lists show of it is worked out."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    asked = {"name": "old", "workload_ids": ["a", "b"], "terms": {"horizon": "2026-12-01"}, "limits": {"seconds": 3.0}}

    def go(which: Any) -> None:
        with engine.begin() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            which(config, "0001")

    engine = create_engine(url)
    go(command.upgrade)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO plan (id, status, what_if, submitted_ms, revision, request) "
                "VALUES ('p', 'queued', 0, 5, 0, :asked)"
            ),
            {"asked": json.dumps(asked)},
        )
        connection.execute(text("INSERT INTO generation (part, generation) VALUES ('all', 4)"))
    opened = open_store(url)
    with opened.writing() as session:
        row = session.plans.get("p")
        assert row is not None
        assert row.brief == {"name": "old", "note": None, "workloads": 2, "terms": asked["terms"], "limits": asked["limits"]}
        assert session.plans.request("p") == asked
        assert session.generations.now() == 4
        session.plans.add(plan("q", 6), {"name": "new"})
    opened.close()
    go(command.downgrade)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT id, request FROM plan ORDER BY id")).all()
    assert [(id, json.loads(request)) for id, request in kept] == [("p", asked), ("q", {"name": "new"})]
    engine.dispose()
