"""What fits nowhere, and why, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from app.cli.answers import Unplaced
from app.cli.views.parts.tables import FOR, Column, Grid, heading, number
from app.cli.views.parts.words import many, nth, plain, short, whose

#: Rules that are named of those that refuse a shard.
_RULES = 4


def refusals(
    unplaced: Sequence[Unplaced], total: int, more_of: str | None = None, sites: Mapping[str, str] | None = None
) -> list[RenderableType]:
    """What fits nowhere, and why; `more_of` is the plan that has more than is given, `sites` what sites are called."""
    if not unplaced:
        return []
    rows = [(*whose(one, sites or {}), one["workload"], nth(one["shard"]), _why(one)) for one in unplaced]
    parts: list[RenderableType] = [
        heading(f"Unplaced: {many(total, 'shard')}"),
        Grid((*FOR, Column("workload"), number("shard", 60), Column("why")), rows),
        Text(f"One in full: edgeplan explain {unplaced[0]['workload']}", style="dim"),
    ]
    if more_of is not None:
        parts.append(Text(f"All of them: edgeplan plan show {short(more_of)} --refusals 0", style="dim"))
    return parts


def _why(one: Unplaced) -> str:
    refusal = one["refusal"]
    if refusal is None:
        return "not computed; edgeplan explain does"
    if not refusal["reasons"] or any(repair["scope"] for repair in refusal["repairs"]):
        return " ".join((refusal["sentence"], *(repair["sentence"] for repair in refusal["repairs"] if repair["scope"])))
    no = ", ".join(f"{plain(reason['rule'])} {reason['nodes']:,}" for reason in refusal["reasons"][:_RULES])
    said = f"nodes excluded by {no}{' ...' if len(refusal['reasons']) > _RULES else ''}"
    repairs = " or ".join(f"{plain(one['rule'])} ({many(one['nodes'], 'node')})" for one in refusal["repairs"])
    return f"{said}; would fit after a change of {repairs}" if repairs else refusal["sentence"]
