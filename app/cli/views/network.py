"""The network, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType

from app.cli.answers import FormatOut, Generations, NetworkMap
from app.cli.views.parts.tables import Column, Grid, number, pairs
from app.cli.views.parts.words import many, plain

#: Column of nodes -> the list of words that it speaks in.
_COUNTED = {
    "tier": "tiers", "state": "states", "commitment": "commitments", "sovereignty": "sovereignties", "province": "provinces",
}  # fmt: skip

#: What the network is made of: counts, and counts by word.
Counts = dict[str, Any]


def counted(drawn: NetworkMap) -> Counts:
    """What the network is made of."""
    nodes: Any = drawn["nodes"]
    words: Any = drawn
    cards: Counter[str] = Counter()
    for held in nodes["cards"]:
        for kind, count in held:
            cards[drawn["accelerators"][kind]] += count
    by = {}
    for column, listed in _COUNTED.items():
        tally = Counter(words[listed][place] if place >= 0 else "" for place in nodes[column])
        # In the order of the words, which for tiers and commitments means something.
        by[column] = {word: tally[word] for word in (*words[listed], "") if tally[word]}
    return {
        "nodes": len(nodes["id"]), "sites": len(drawn["sites"]["id"]), "links": len(drawn["links"]["id"]),
        "nodes_by": by, "cards": dict(cards.most_common()),
    }  # fmt: skip


def whole(stored: Generations, told: Counts) -> Group:
    """The network in figures."""
    changed = ", ".join(f"{part} {number}" for part, number in stored.items() if part != "generation" and number)
    head = pairs((
        ("network", f"{many(told['nodes'], 'node')}, {many(told['links'], 'link')}, {many(told['sites'], 'site')}"),
        ("generation", f"{stored['generation']} (last changed: {changed or 'nothing yet'})"),
    ))  # fmt: skip
    grids: list[RenderableType] = [
        Grid((Column(plain(column)), number("nodes")), [(plain(word) or "(none)", f"{n:,}") for word, n in tally.items()])
        for column, tally in told["nodes_by"].items()
        if tally
    ]
    if told["cards"]:
        rows = [(kind, f"{count:,}") for kind, count in told["cards"].items()]
        grids.append(Grid((Column("accelerator"), number("cards")), rows))
    return Group(head, Columns(grids, padding=(0, 4)))


def formats(found: Sequence[FormatOut]) -> Grid:
    """The formats in which the network is exported."""
    columns = (Column("format", whole=True), Column("files", whole=True), Column("use"))
    return Grid(columns, [(one["name"], f"*{one['suffix']}", one["use"]) for one in found])
