"""Stores of versions before are carried over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.identity.caller import LOCAL
from app.schemas.requests import PlanRequest
from app.service.worlds import Worlds
from app.store.migrations import configuration, migrate, newest
from app.store.records import (
    RecordRow,
    SummaryRow,
)
from app.store.sql import open_store
from app.store.tables import metadata
from app.world.question import question
from solver.facts.placement import Placement, Slot
from tests.app import world
from tests.app.store.rows import plan, signed


def test_the_name_of_the_last_file_says_where_the_migrations_lead() -> None:
    """Alembic is not asked at each start."""
    assert newest() == ScriptDirectory.from_config(configuration()).get_current_head()


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
    stored = {**world.workload("w", devices=20, shard_devices=10), "current": ["hub"], "movable": True, "move_cost": 0}
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
    now = Worlds(opened).newest()
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
            signed(RecordRow(6, 77, "q", "old", counts, kept=False)),
            signed(RecordRow(4, None, "p", "old", counts, kept=False)),
        ]
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
    with opened.writing(LOCAL) as session:
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
