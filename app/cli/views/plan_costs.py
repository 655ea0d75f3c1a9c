"""What a plan costs by site, and where one more card pays, for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.text import Text

from app.cli.answers import CardSavings, SiteCosts
from app.cli.views.parts.tables import Column, Grid, heading, number, pairs
from app.cli.views.parts.words import a_month, currency, money, named, share


def sites(told: SiteCosts, names: Mapping[str, str], limit: int) -> Group:
    """What a plan costs by site, the dearest first, and how that adds up; 0 lists all."""
    columns = (
        Column("site"), number(f"{currency()} a month"), number("unplaced, at its value", 60), number("workloads", 90),
        number("placed", 70), number("unplaced", 80),
    )  # fmt: skip
    shown = told["items"][: limit or None]
    rows = [
        (named(one["site"], names.get(one["site"])), money(one["placed_month"]), money(one["unplaced_month"]),
         f"{one['workloads']:,}", f"{one['placed_shards']:,}", f"{one['unplaced_shards']:,}")
        for one in shown
    ]  # fmt: skip
    return Group(
        heading("Cost by site"),
        Grid(columns, rows),
        *_more(len(told["items"]) - len(shown)),
        pairs((
            ("what the sites' placed shards cost", a_month(told["placed_month"])),
            ("what is unplaced, at its value", a_month(told["unplaced_month"])),
            ("common to all sites", a_month(told["common_month"])),
            ("cost of the plan", a_month(told["cost"])),
        )),
    )  # fmt: skip


def cards(told: CardSavings, names: Mapping[str, str], limit: int) -> Group:
    """Where one more card pays, the highest net saving first; 0 lists all."""
    if not told["bounded"]:
        return Group(Text("The plan has no useful lower bound, so its dual prices say nothing. Solve it for longer."))
    if not told["items"]:
        return Group(Text("By this plan's dual prices one more card pays nowhere."))
    columns = (
        Column("node"), Column("card", from_width=60),
        number(f"saves after its price, {currency()}"),
        number(f"its price a month, {currency()}", 100), number("cards", 80), number("full", 70),
        Column("owner", from_width=110),
    )  # fmt: skip
    shown = told["items"][: limit or None]
    rows = [
        (named(one["node"], names.get(one["node"])), one["accelerator"], money(one["net_month"]),
         money(one["card_month"]), f"{one['cards']:,}", share(one["used_permille"]), one["owner"])
        for one in shown
    ]  # fmt: skip
    return Group(
        heading("Where one more card pays"),
        Grid(columns, rows),
        *_more(len(told["items"]) - len(shown)),
        Text(
            "An estimate for the next card, by the dual prices of the plan's lower bound; the plan is within "
            f"{a_month(told['gap_month'])} of it. How many pay is found by what-if plans with more.",
            style="dim",
        ),
    )


def _more(left: int) -> list[Text]:
    return [Text(f"and {left:,} more; --limit 0 lists all", style="dim")] if left > 0 else []
