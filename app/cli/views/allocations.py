"""What is in force, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import AllocationOut, AllocationSummary, CapacityGroup, PricedUse
from app.cli.views.capacity import groups, tightest
from app.cli.views.tables import Column, Grid, number, pairs
from app.cli.views.words import many, millis, short, won

_COLOURS = {"placed": "green", "unplaced": "yellow", "disturbed": "bold red"}


def summary(told: AllocationSummary, given: Sequence[CapacityGroup], uses: Sequence[PricedUse]) -> Group:
    """The allocation in figures."""
    now = Text(", ").join(
        Text.assemble((one["status"], _COLOURS.get(one["status"], "")), f" {many(one['shards'], 'shard')} "
                      f"({many(one['devices'], 'device')})")
        for one in told["now"]
    )  # fmt: skip
    figures = told["as_applied"]
    parts: list[RenderableType] = [
        pairs((
            ("plan", f"{short(told['plan'])}, in force since generation {told['applied_generation']}"),
            ("now", now if told["now"] else "nothing runs"),
            ("cost", None if figures is None else f"{won(figures['cost_krw_month'])} won a month, as it was applied"),
        ))
    ]  # fmt: skip
    return Group(*parts, *groups(given), *tightest(uses))


def shards(found: Sequence[AllocationOut]) -> Grid:
    """Shards in force, one a line."""
    columns = (
        Column("workload"), number("shard", 60), Column("status", whole=True), Column("node"), Column("tier", from_width=90),
        Column("on", from_width=110), number("servers", 100), number("devices", 80), number("to spare", 70),
    )  # fmt: skip
    rows = [
        (one["workload"], str(one["shard"]), Text(one["status"], style=_COLOURS.get(one["status"], "")), one["node"],
         one["tier"], one["profile"], won(one["servers"]), won(one["devices"]),
         "" if one["latency"] is None else millis(one["latency"]["margin_us"]))
        for one in found
    ]  # fmt: skip
    return Grid(columns, rows)
