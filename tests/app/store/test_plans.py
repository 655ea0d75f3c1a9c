"""What every store promises of plans and what is kept for them."""

from __future__ import annotations

from typing import Any

from app.identity.caller import LOCAL
from app.store.port import Store
from app.store.records import (
    AllocationRow,
    PageQuery,
    ProgressRow,
    UsageRow,
)
from solver.rules.account import Account
from tests.app.store.rows import decision, plan


def test_plans_are_kept_followed_and_forgotten(store: Store) -> None:
    with store.writing(LOCAL) as session:
        for at, id in enumerate(("a", "b", "c")):
            session.plans.add(plan(id, at), {})
            session.jobs.add(id, at)
        newest = PageQuery(2, sort="submitted_ms", numeric=True, descending=True)
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


def test_a_plan_is_stamped_named_and_told_in_columns(store: Store) -> None:
    figures: dict[str, Any] = {"cost": 4, "list": [{"a": 1}]}
    with store.writing(LOCAL) as session:
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
