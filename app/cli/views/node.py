"""Nodes, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import AllocationOut, Node, UseOut
from app.cli.views.allocation import shards as shards_listed
from app.cli.views.parts.capacity import uses as uses_listed
from app.cli.views.parts.tables import Column, Grid, heading, number, pairs
from app.cli.views.parts.words import many, plain

_STATES = {"active": "green", "draining": "yellow", "failed": "bold red"}
#: States in trouble, the gravest first.
_GRAVITY = {"failed": 0, "draining": 1}


def listing(found: Sequence[Node], disturbed: Mapping[str, int] | None = None) -> Grid:
    """Nodes, one a line, what is in trouble first: failed, then draining, then with something `disturbed`, by node."""
    held = disturbed or {}
    ordered = sorted(found, key=lambda one: (_GRAVITY.get(one["state"], len(_GRAVITY)), -held.get(one["id"], 0)))
    columns = (
        Column("name", from_width=140), Column("node"), Column("tier", whole=True), Column("state", whole=True),
        *((number("disturbed", 50),) if held else ()), Column("cards", from_width=60),
        Column("province", from_width=70, whole=True), Column("owner", from_width=90),
        Column("commitment", from_width=110, whole=True),
    )  # fmt: skip
    rows = [
        (one["name"], one["id"], one["tier"], Text(one["state"], style=_STATES.get(one["state"], "")),
         *((_disturbed(held.get(one["id"], 0)),) if held else ()), _cards(one), one["province"],
         one["owner"], plain(one["commitment"]))
        for one in ordered
    ]  # fmt: skip
    return Grid(columns, rows)


def _disturbed(shards: int) -> Text:
    return Text(many(shards, "shard") if shards else "", style="bold red")


def whole(one: Node, uses: Sequence[UseOut], shards: Sequence[AllocationOut], more: bool, sites: Mapping[str, str]) -> Group:
    """One node, how full it is, and what runs there; `more` says that more runs there than is given, `sites` what those it
    runs for are called."""
    since = f", from {one['available_from']}" if one["available_from"] else ""
    parts: list[RenderableType] = [
        pairs((
            ("node", Text(one["id"], style="bold")),
            ("name", one["name"]),
            ("state", Text(one["state"], style=_STATES.get(one["state"], ""))),
            ("tier", f"{one['tier']}, {one['province'] or 'no province'}, {one['country']}"),
            ("commitment", f"{plain(one['commitment'])}{since}"),
            ("owner", f"{one['owner']} ({one['owner_country']})"),
            ("operator", f"{one['operator'] or 'not said'} ({one['operator_country'] or 'country not said'})"),
            ("control", ", ".join(one["control_jurisdictions"] or ()) or "not said"),
            ("certificates", ", ".join(c["name"] for c in one["certifications"]) or "none"),
            ("cards", _cards(one) or "none"),
            ("host", f"{one['vcpu']:,} vCPU, {one['memory_mib'] // 1024:,} GiB, {one['power_w']:,} W"),
        ))
    ]  # fmt: skip
    parts += uses_listed(uses)
    if shards:
        parts += [heading("What runs there"), shards_listed(shards, sites)]
    if more:
        parts.append(Text(f"All of it: edgeplan allocation list --node {one['id']} --limit 0", style="dim"))
    return Group(*parts)


def changed(one: Node, disturbed: int) -> Text:
    """A node whose state has been changed."""
    text = Text.assemble("Node ", (one["id"], "bold"), " is ", (one["state"], _STATES.get(one["state"], "")), ".")
    if disturbed:
        text.append(f" {many(disturbed, 'shard')} there {'is' if disturbed == 1 else 'are'} disturbed.")
    return text


def _cards(one: Node) -> str:
    return ", ".join(f"{pool['count']:,} x {pool['accelerator']}" for pool in one["pools"])
