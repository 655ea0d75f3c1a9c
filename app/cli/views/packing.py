"""Solves of packing files, for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from app.cli.answers import ProgressPoint
from app.cli.views.parts.tables import pairs
from app.cli.views.parts.words import many, percent, seconds
from app.cli.views.plan import proven
from app.cli.views.plan_progress import bar, point

#: Violations that are listed.
_LISTED = 20
_ENDED = {
    "finished": "the engines were done", "time": "its time was up", "memory": "it held too much memory",
    "stopped": "it was stopped", "lost": "the engines were lost",
}  # fmt: skip


def step(reached: ProgressPoint) -> str:
    """One step of a solve in one line."""
    return point(reached)


def live(reached: ProgressPoint | None, spent: float, limit: float) -> Group:
    """A running solve, as a picture that is drawn anew again and again."""
    said = Text("no plan yet") if reached is None else _figures(reached)
    return Group(said, bar(spent, limit))


def _figures(reached: ProgressPoint) -> Any:
    return pairs((
        ("cost", Text(f"{reached['cost']:,}", style="bold")),
        ("lower bound", f"{reached['bound']:,}"),
        ("gap", percent(reached["gap"])),
        ("unplaced", f"{reached['unplaced']:,}"),
        ("phase", reached["phase"]),
    ))  # fmt: skip


def outcome(answer: dict[str, Any], out: Path | None) -> Any:
    """What a solve came to."""
    return pairs((
        ("cost", Text.assemble((f"{answer['cost']:,}", "bold"), f", {proven(answer['status'], answer['gap'])}")),
        ("lower bound", f"{answer['bound']:,}, proven after {seconds(answer['bound_seconds'])}"),
        ("unplaced", f"{answer['unplaced']:,}"),
        ("ended", f"after {seconds(answer['seconds'])}: {_ENDED[answer['ended']]}"),
        ("written to", None if out is None else str(out)),
    ))  # fmt: skip


def judgement(cost: int, violations: list[str]) -> Group:
    """What the checker says."""
    if not violations:
        return Group(Text.assemble(("legal", "bold green"), f", cost {cost:,}"))
    more = len(violations) - _LISTED
    return Group(
        Text.assemble(("not legal", "bold red"), f": {many(len(violations), 'violation')}; cost {cost:,}"),
        *(Text(f"  {violation}") for violation in violations[:_LISTED]),
        *([Text(f"  and {more:,} more: --json lists them all", style="dim")] if more > 0 else []),
    )
