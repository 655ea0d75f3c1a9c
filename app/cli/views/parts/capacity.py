"""How full everything is, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from app.cli.answers import CapacityGroup, PricedUse, UseOut
from app.cli.views.parts.accounts import resource, subject, unit
from app.cli.views.parts.tables import Column, Grid, Share, heading, number
from app.cli.views.parts.words import currency, money, share

#: Limits that are listed.
_LISTED = 8


def tightest(uses: Sequence[PricedUse]) -> list[RenderableType]:
    """What limits the plan most: first what costs most by its scarcity, then the fullest."""
    # That a node holds one shard of a group at most is no news while nothing would be saved by a second.
    told = [use for use in uses if use["price"] or use["capacity"] > 1]
    told.sort(key=lambda use: (-(use["price"] or 0.0) * use["capacity"], -use["used_permille"]))
    if not told:
        return []
    columns = (
        Column("what"), Column("resource", from_width=60), number("used", 60), number("full"), Column("", from_width=60),
        number(f"one more saves, {currency()}", 90),
    )  # fmt: skip
    rows = [
        (subject(use["subject"]), resource(use["resource"]), of.part(use["used"], use["capacity"]),
         share(use["used_permille"]), Share(use["used_permille"]), money(of.price(use["price"])))
        for use, of in ((use, unit(use["unit"])) for use in told[:_LISTED])
    ]  # fmt: skip
    return [heading("Tightest limits"), Grid(columns, rows)]


def groups(given: Sequence[CapacityGroup]) -> list[RenderableType]:
    """How full groups of nodes are."""
    held = [group for group in given if group["capacity"] or group["used"]]
    if not held:
        return []
    columns = (
        Column(held[0]["by"]), Column("resource", from_width=40), number("nodes", 70), number("used", 60), number("full"),
        Column("", from_width=50),
    )  # fmt: skip
    rows = [
        (g["group"] or "(none)", resource(g["resource"]), f"{g['nodes']:,}", of.part(g["used"], g["capacity"]),
         share(g["used_permille"]), Share(g["used_permille"]))
        for g, of in ((g, unit(g["unit"])) for g in held)
    ]  # fmt: skip
    return [heading(f"Use by {held[0]['by']}"), Grid(columns, rows)]


def uses(given: Sequence[UseOut]) -> list[RenderableType]:
    """How full single things are."""
    if not given:
        return []
    columns = (
        Column("resource"), Column("of", from_width=60), number("used", 50), number("full"), Column("", from_width=60),
    )  # fmt: skip
    rows = [
        (resource(use["resource"]), subject(use["subject"]), of.part(use["used"], use["capacity"]),
         share(use["used_permille"]), Share(use["used_permille"]))
        for use, of in ((use, unit(use["unit"])) for use in given)
    ]  # fmt: skip
    return [heading("How full it is"), Grid(columns, rows)]
