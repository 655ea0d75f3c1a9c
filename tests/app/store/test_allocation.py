"""What every store promises of what is in force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.identity.caller import LOCAL
from app.store.port import Store
from app.store.records import (
    AllocationRow,
    PageQuery,
    RunningRow,
    StatusRow,
    SummaryRow,
)
from tests.app.store.rows import decision


def test_the_allocation_is_kept(store: Store) -> None:
    whole: dict[str, Any] = {"profile": "p", "servers": 2, "cards": [[0, 0], [3, 4]], "batch_limit": 8}
    rows = [
        AllocationRow(f"w{k}/0", "plan", 3, decision(f"w{k}", node="n" if k else None, **whole), disturbed_since=k or None)
        for k in range(3)
    ]
    with store.writing(LOCAL) as session:
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
        found = session.allocation.page(PageQuery(9, equal=(("status", "disturbed"), ("in_request", True))))
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
