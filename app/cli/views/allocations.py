"""What is in force, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import AllocationOut, AllocationSummary, CapacityGroup, PricedUse
from app.cli.views.tables import Column, Grid, Share, heading, number, pairs
from app.cli.views.words import many, millis, share, short, won

#: Limits that are listed.
_TIGHTEST = 10
_COLOURS = {"placed": "green", "unplaced": "yellow", "disturbed": "bold red"}


def summary(told: AllocationSummary, groups: Sequence[CapacityGroup], tightest: Sequence[PricedUse]) -> Group:
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
            ("now", now),
            ("cost", None if figures is None else f"{won(figures['cost_krw_month'])} won a month, as it was applied"),
        ))
    ]  # fmt: skip
    if groups:
        parts += [heading(f"Use by {groups[0]['by']}"), _groups(groups)]
    if tightest:
        parts += [heading("Tightest limits"), _tightest(tightest[:_TIGHTEST])]
    return Group(*parts)


def _groups(groups: Sequence[CapacityGroup]) -> Grid:
    columns = (
        Column(groups[0]["by"]), Column("resource", from_width=40), number("nodes", 70), number("used", 60),
        number("capacity", 60), Column("unit", from_width=90), number("full"), Column("", from_width=50),
    )  # fmt: skip
    rows = [
        (g["group"] or "(none)", g["resource"], f"{g['nodes']:,}", won(g["used"]), won(g["capacity"]), g["unit"],
         share(g["used_permille"]), Share(g["used_permille"]))
        for g in groups
        if g["capacity"]
    ]  # fmt: skip
    return Grid(columns, rows)


def _tightest(uses: Sequence[PricedUse]) -> Grid:
    columns = (
        Column("what"), Column("resource", from_width=60), number("used", 70), number("capacity", 70),
        Column("unit", from_width=110), number("full"), Column("", from_width=60), number("one more saves, won", 90),
    )  # fmt: skip
    rows = [
        (use["key"], use["resource"], won(use["used"]), won(use["capacity"]), use["unit"], share(use["used_permille"]),
         Share(use["used_permille"]), won(use["price_krw"]))
        for use in uses
    ]  # fmt: skip
    return Grid(columns, rows)


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
