"""The table judges no one who did not run: failed, killed and illegal rows are shown, and never beaten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bench.chart import draw
from tests.bench.table import page, result, sound, verdict


def ran(who: str, cost: int, legal: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "who": who, "status": "feasible", "cost": cost, "placed": 3, "unplaced": 0, "legal": legal, "bound": None,
        "gap": None, "first_seconds": 0.1,
        "seconds": 1.0, "peak_mib": 100, "series": [(0.1, cost + 9, 0), (1.0, cost, cost - 1)],
    } | more  # fmt: skip


def record_of(*rows: dict[str, Any], best_known: int | None = None) -> dict[str, Any]:
    facts = {"items_per_node": 1.5, "rows": 4, "options": 5, "load": 0.7, "every_legal_option": True}
    instance = {
        "name": "tiny", "family": "plane", "seed": 1, "seconds": 1.0, "best_known": best_known, "facts": facts,
        "rows": list(rows),
    }  # fmt: skip
    return {"workers": 1, "seed": 1, "absent": [], "instances": [instance]}


@pytest.mark.parametrize(
    "status", ["not run: 400,001 options", "killed: no answer 30 s after its limit", "no plan: unknown"]
)
def test_a_peer_without_a_plan_is_shown_and_never_beaten(status: str) -> None:
    record = record_of(ran("edgeplan", 100), {"who": "cp-sat", "status": status})
    assert f"| cp-sat | {status} |" in page(record)
    assert verdict(record) == f"**Nothing was compared.** Not compared: cp-sat on tiny ({status})."
    assert sound(record)


def test_a_cheaper_peer_is_named() -> None:
    record = record_of(ran("edgeplan", 100), ran("first-fit", 98), ran("cheapest", 120))
    assert verdict(record) == "**Cheaper than Edgeplan: first-fit on tiny by 2.0000 %** (2 comparisons)."
    assert [result(row, record["instances"][0]) for row in record["instances"][0]["rows"]] == ["dearer", "best", "dearer"]
    assert "| 1.20000 |" in page(record)
    level = record_of(ran("edgeplan", 100), ran("cheapest", 100))
    assert verdict(level) == "**Nobody was cheaper than Edgeplan** in 1 comparisons."
    assert result(level["instances"][0]["rows"][0], level["instances"][0]) == "same cost"


def test_an_illegal_plan_counts_for_nobody() -> None:
    record = record_of(ran("edgeplan", 100), ran("first-fit", 50, legal=False))
    assert "Nothing was compared" in verdict(record)
    assert result(record["instances"][0]["rows"][0], record["instances"][0]) == "best"
    assert "| first-fit | not legal |" in page(record)
    assert not sound(record)


def test_edgeplan_that_fails_beats_nobody() -> None:
    record = record_of({"who": "edgeplan", "status": "failed (exit code 1): oops"}, ran("first-fit", 50))
    assert "Edgeplan has no legal plan" in verdict(record)
    assert not sound(record)


def test_a_bound_above_a_legal_cost_is_a_contradiction() -> None:
    wrong = record_of(ran("edgeplan", 100), ran("highs", 110, bound=101, gap=0.08))
    assert "highs on tiny: its bound of 101 is above a legal cost of 100" in verdict(wrong)
    assert not sound(wrong)
    assert not sound(record_of(ran("edgeplan", 100, bound=95, gap=0.05), best_known=94))
    assert sound(record_of(ran("edgeplan", 100, bound=100, gap=0.0), ran("highs", 110, bound=100, gap=0.09), best_known=100))


def test_an_instance_that_could_not_be_made_is_a_failure() -> None:
    record = record_of()
    record["instances"][0]["facts"] = {"status": "failed: no such file"}
    assert "failed: no such file" in page(record)
    assert not sound(record)


def test_every_line_of_the_table_has_every_column() -> None:
    record = record_of(ran("edgeplan", 100), {"who": "scip", "status": "no plan: a|b"}, ran("highs", 110), best_known=90)
    lines = [line for line in page(record).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    assert len(lines) == 5


def test_the_chart_shows_every_contestant_with_a_legal_plan(tmp_path: Path) -> None:
    rows = [
        ran("edgeplan", 100),
        ran("cheapest", 120, series=[]),
        ran("highs", 105, series=[(0.5, None, 90), (1.0, 105, 95)]),
    ]
    file = tmp_path / "tiny.svg"
    assert draw("tiny <1>", [*rows, ran("first-fit", 50, legal=False), {"who": "scip", "status": "failed"}], file)
    drawing = file.read_text()
    assert "tiny &lt;1&gt;" in drawing
    for label in ("Edgeplan: cost", "Edgeplan: bound", "cheapest +20.00 %", "highs +5.00 %"):
        assert label in drawing
    assert "first-fit" not in drawing
    file.unlink()
    assert not draw("none", [{"who": "edgeplan", "status": "failed"}], file)
    assert not file.exists()
