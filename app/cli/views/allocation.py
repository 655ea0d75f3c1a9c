"""What is in force, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import AllocationOut, AllocationRecord, AllocationSummary, CapacityGroup, PricedUse, StandingFigures
from app.cli.views.parts.capacity import groups, tightest
from app.cli.views.parts.tables import FOR, Column, Grid, heading, number, pairs
from app.cli.views.parts.words import a_month, amount, many, millis, nth, plain, short, since, whose

#: Disturbed shards that a summary lists.
_LISTED = 10
_COLOURS = {"placed": "green", "unplaced": "yellow", "disturbed": "bold red"}


def summary(
    told: AllocationSummary,
    given: Sequence[CapacityGroup],
    uses: Sequence[PricedUse],
    held: Sequence[AllocationOut] = (),
    sites: Mapping[str, str] | None = None,
) -> Group:
    """The allocation in figures, as it stands now; `held` is what of it is disturbed, `sites` what sites are called."""
    now = Text(", ").join(
        Text.assemble((one["status"], _COLOURS.get(one["status"], "")), f" {many(one['shards'], 'shard')} "
                      f"({many(one['devices'], 'device')})")
        for one in told["now"]
    )  # fmt: skip
    figures = told["standing"]
    parts: list[RenderableType] = [
        pairs((
            ("violations", None if figures is None else _broken(figures)),
            ("plan", f"{short(told['plan'])}, in force since generation {told['applied_generation']}"),
            ("now", now if told["now"] else "nothing runs"),
            ("cost", None if figures is None
                     else f"{a_month(figures['cost_month'])}, on {figures['day']} and the terms in force"),
        ))
    ]  # fmt: skip
    return Group(*parts, *disturbed(held, sites or {}), *groups(given), *tightest(uses))


def _broken(figures: StandingFigures) -> Text | None:
    """Which rules are broken now, by how many shards."""
    if not figures["broken"]:
        return None
    said = ", ".join(f"{plain(one['rule'])} by {many(one['shards'], 'shard')}" for one in figures["broken"])
    if figures["unlawful_shards"]:
        said += f"; {many(figures['unlawful_shards'], 'shard')} unlawful"
    return Text(said, style="bold red")


def disturbed(held: Sequence[AllocationOut], sites: Mapping[str, str]) -> list[RenderableType]:
    """What runs and is disturbed: by which rule, and since when; the unlawful first."""
    if not held:
        return []
    ordered = sorted(held, key=lambda one: not (one["disturbed"] and one["disturbed"]["unlawful"]))
    columns = (
        *FOR, Column("workload"), number("shard", 60), Column("node"), Column("violates"), number("since generation", 60),
        Column("why", from_width=100),
    )  # fmt: skip
    rows = [
        (*whose(one, sites), one["workload"], nth(one["shard"]), one["node"], _rules(one), amount(one["disturbed_since"]),
         one["disturbed"]["sentence"] if one["disturbed"] else "")
        for one in ordered[:_LISTED]
    ]  # fmt: skip
    parts: list[RenderableType] = [heading(f"Disturbed: {many(len(held), 'shard')}"), Grid(columns, rows)]
    if len(held) > _LISTED:
        parts.append(Text("All of it: edgeplan allocation list --status disturbed --limit 0", style="dim"))
    return parts


def _rules(one: AllocationOut) -> Text:
    why = one["disturbed"]
    if why is None:
        return Text("")
    named = ", ".join(plain(rule) for rule in why["rules"])
    return Text(f"{named} (unlawful)" if why["unlawful"] else named, style="bold red")


def shards(found: Sequence[AllocationOut], sites: Mapping[str, str]) -> Grid:
    """Shards in force, one a line; `sites` is what sites are called."""
    troubled = any(one["disturbed"] for one in found)
    columns = (
        *FOR, Column("workload"), number("shard", 60), Column("status", whole=True), Column("node"),
        Column("tier", from_width=90), Column("on", from_width=110), number("servers", 100),
        number("devices", 80), number("margin", 70),
        *((Column("violates"), number("since generation", 60)) if troubled else ()),
    )  # fmt: skip
    rows = [
        (*whose(one, sites), one["workload"], nth(one["shard"]),
         Text(one["status"], style=_COLOURS.get(one["status"], "")), one["node"], one["tier"],
         one["profile"], amount(one["servers"]), amount(one["devices"]),
         "" if one["latency"] is None else millis(one["latency"]["margin_us"]),
         *((_rules(one), amount(one["disturbed_since"])) if troubled else ()))
        for one in found
    ]  # fmt: skip
    return Grid(columns, rows)


#: What a record counts, in the words of its columns.
_COUNTED = ("placed", "moved", "resized", "ended", "unplaced")
_WHY_NOT = {"history.as_now": "as it is now", "history.not_kept": "not kept"}


def history(records: Sequence[AllocationRecord]) -> Grid:
    """What changed what runs, one generation a line."""
    columns = (
        number("generation"), Column("when", whole=True), Column("what", from_width=70), Column("plan", whole=True),
        *(number(word, 90) for word in _COUNTED), Column("by", from_width=110), Column("tenant", from_width=120),
        Column("back to this", whole=True),
    )  # fmt: skip
    return Grid(columns, [_record(one) for one in records])


def _record(one: AllocationRecord) -> list[RenderableType | str | None]:
    counts = (one["placed"], one["moved"], one["resized"], one["ended"], one["unplaced"])
    at = "" if one["at"] is None else f"{since(one['at'])} ago"
    back = "yes" if one["can_restore"] else _WHY_NOT.get(one["why_not"] or "", "no")
    return [
        str(one["generation"]), at, _what(one), short(one["plan"] or ""), *(amount(n) if n else "" for n in counts),
        one["actor"], one["tenant"], back,
    ]  # fmt: skip


def _what(one: AllocationRecord) -> Text:
    """What a record is of."""
    said = Text("what is stored was changed", style="dim") if one["plan"] is None else Text(one["name"] or "a plan")
    return said.append(" in force", style="bold green") if one["in_force"] else said
