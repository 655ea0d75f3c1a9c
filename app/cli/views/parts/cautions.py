"""What a person has to know before believing or applying a plan."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from app.cli.answers import Decision, Disturbed, PlanResult, TermDifference
from app.cli.views.parts.tables import Column, Grid, heading, number
from app.cli.views.parts.words import many, nth, plain

#: Nodes that are named of many, and disturbed shards that are listed.
_NODES, _LISTED = 8, 10
#: What is said of a term that is not set.
_NOTHING: tuple[object, ...] = (None, [], {})


def warned(result: PlanResult | None) -> list[RenderableType]:
    """What has to be known before a plan is believed."""
    return [Text(one["message"], style="bold red") for one in (result["warnings"] if result is not None else ())]


def disturbed(held: Sequence[Decision]) -> list[RenderableType]:
    """What stays where it breaks a rule, the unlawful first."""
    if not held:
        return []
    rows = [(one, one["disturbed"]) for one in held]
    rows.sort(key=lambda row: not (row[1] and row[1]["unlawful"]))
    unlawful = sum(1 for _, why in rows if why and why["unlawful"])
    title = f"Stays disturbed: {many(len(rows), 'shard')}"
    if unlawful:
        title += f", {unlawful:,} of them unlawful where {'it runs' if unlawful == 1 else 'they run'}"
    columns = (
        Column("workload"), number("shard", 70), Column("node"), Column("violates"), Column("why", from_width=60),
    )  # fmt: skip
    listed = [
        (one["workload"], nth(one["shard"]), one["node"],
         _rules(why), why["sentence"] if why else "")
        for one, why in rows[:_LISTED]
    ]  # fmt: skip
    parts: list[RenderableType] = [heading(title), Grid(columns, listed)]
    if len(rows) > _LISTED:
        parts.append(Text(f"and {len(rows) - _LISTED:,} more: --json lists them all", style="dim"))
    if unlawful:
        parts.append(Text("What is unlawful moves once it can; ending it is for people to decide.", style="bold red"))
    return parts


def _rules(why: Disturbed | None) -> Text:
    """Which rules are broken, and whether one of them is law."""
    if why is None:
        return Text("")
    named = ", ".join(plain(rule) for rule in why["rules"])
    return Text(f"{named} (unlawful)" if why["unlawful"] else named, style="bold red")


def not_operating(nodes: Sequence[str]) -> list[RenderableType]:
    """Nodes that would be used and do not operate today."""
    if not nodes:
        return []
    named = ", ".join(nodes[:_NODES]) + (f" and {len(nodes) - _NODES:,} more" if len(nodes) > _NODES else "")
    does = "does" if len(nodes) == 1 else "do"
    return [
        heading(f"Not operating today: {many(len(nodes), 'node')}"),
        Text(f"{named} {does} not operate today, and what changes would use {'it' if len(nodes) == 1 else 'them'}: "
             "applied only with --allow-not-operating."),
    ]  # fmt: skip


def terms_differ(found: Sequence[TermDifference], other: str) -> list[RenderableType]:
    """Terms on which two do not agree; `other` says whose those before are."""
    if not found:
        return []
    rows = [(_term(one["field"]), _said(one["other"]), _said(one["this"])) for one in found]
    return [
        heading(f"Other terms than {other}: {many(len(found), 'difference')}"),
        Grid((Column("term"), Column("before"), Column("after")), rows),
        Text("Costs under other terms are not comparable.", style="dim"),
    ]


def _term(field: str) -> str:
    return plain(field).replace(".", " of ", 1) if not field.startswith("weights.") else f"weight of {plain(field[8:])}"


def _said(value: object) -> str:
    """The value of a term: a cap as the command line takes it, nothing as `none`."""
    if value in _NOTHING:
        return "none"
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    if isinstance(value, dict):
        if "of" in value and "permille" in value:
            return f"{value['of']}{':' + str(value['name']) if value.get('name') else ''}={value['permille']}"
        return ", ".join(f"{plain(str(name))} {_said(one)}" for name, one in value.items())
    return str(value)
