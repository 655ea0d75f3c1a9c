"""The map: nodes by tier, and what runs where as arcs from sites to nodes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from app.cli.answers.maps import NetworkMap, PlacementMap
from app.cli.drawing.colours import AMOUNTS, BAD, IDLE, SPENT_ENDS, USE_ENDS, WARN, shade
from app.cli.drawing.land import ATTRIBUTION, KOREA, Frame, rings
from app.cli.drawing.page import BORDER, FAINT, INK, LAND, legible, page, save
from app.cli.views.words import many

Colour = Literal["utilisation", "margin", "sovereignty"]

#: Tier -> how large its nodes are drawn, all of them as discs, as on the dashboard; others are the smallest. The largest are
#: drawn first.
_SIZES = {"core": 70, "regional": 52, "metro": 34, "mec": 22, "onsite": 12}
_SIZE = 16
#: How large what is idle or not there yet is drawn, in parts of that; it is hollow, too.
_HOLLOW = 0.5
#: Whose a node is -> colours that also those who cannot tell red from green tell apart (Okabe and Ito).
_WHOSE = {
    "domestic": "#0072b2", "foreign_owned": "#d55e00", "foreign_operated": "#e69f00", "foreign_controlled": "#cc79a7",
    "unknown": "#7f7f7f",
}  # fmt: skip
#: Kind of a site -> its shape.
_SITES = {"factory": "s", "port": "^", "logistics": "D"}
#: How large the marks of trouble are: larger than any node, and above them.
_FAILED, _DRAINING, _DISTURBED, _REFUSED = 150, 110, 95, 60
#: Points of an arc, and how far it bends, in parts of its length.
_POINTS, _BEND = 14, 0.14
#: Above so many arcs an SVG keeps them as one picture, so that it can still be opened.
_ARCS = 4000
#: Degrees around what is drawn where no land is known.
_AROUND = 0.4


@dataclass(frozen=True, slots=True)
class Picture:
    """What a map is drawn from.

    Attributes
    ----------
    network, placement
        The network, and what runs on it, as the service tells them.
    colour
        What the colours say.
    title
        What it is a map of.
    notes
        What stands below it.
    """

    network: NetworkMap
    placement: PlacementMap
    colour: Colour
    title: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Arc:
    """All that one site has on one node: how many shards, and the least share of the deadline that is to spare."""

    site: int
    node: int
    shards: int
    spare: float


def draw(picture: Picture, path: Path) -> list[str]:
    """Write a map; what of the network it does not show, in words."""
    places = _places(picture)
    frame = _frame(places)
    arcs = _arcs(picture)
    with page(8.0, 8.6) as figure:
        axes: Axes = figure.add_subplot()
        axes.set_aspect(1 / math.cos(math.radians((frame.south + frame.north) / 2)))
        axes.set_xlim(frame.west, frame.east)
        axes.set_ylim(frame.south, frame.north)
        axes.set_axis_off()
        axes.set_title(legible(picture.title, "What runs where"), loc="left", fontsize=11)
        if frame == KOREA:
            axes.add_collection(PolyCollection(rings(), facecolors=LAND, edgecolors=BORDER, linewidths=0.6, zorder=0))
        _draw_links(axes, picture, places)
        colours = _colours(picture)
        _draw_arcs(axes, picture, places, arcs, colours)
        _draw_nodes(axes, picture, places, colours)
        _draw_unplaced(axes, picture, places)
        _draw_disturbed(axes, picture, places)
        _draw_states(axes, picture, places)
        _legend(figure, axes, picture)
        absent = _absent(picture, places, frame, arcs)
        notes = [*picture.notes, *absent, *([ATTRIBUTION] if frame == KOREA else [])]
        axes.text(0, -0.01, "\n".join(notes), transform=axes.transAxes, va="top", fontsize=7, color=FAINT)
        save(figure, path, picture.title)
    return absent


@dataclass(frozen=True, slots=True)
class _Places:
    """Longitude and latitude of nodes and sites, nan where not known."""

    nodes: Any
    sites: Any


def _places(picture: Picture) -> _Places:
    def both(lon: Sequence[float | None], lat: Sequence[float | None]) -> Any:
        return np.array([[math.nan if v is None else v for v in column] for column in (lon, lat)]).T.reshape(-1, 2)

    nodes, sites = picture.network["nodes"], picture.network["sites"]
    return _Places(both(nodes["lon"], nodes["lat"]), both(sites["lon"], sites["lat"]))


def _frame(places: _Places) -> Frame:
    """Korea, if anything is there, or else what holds everything."""
    known = np.concatenate([places.nodes, places.sites])
    known = known[~np.isnan(known).any(axis=1)]
    if not len(known) or any(KOREA.has(lon, lat) for lon, lat in known):
        return KOREA
    west, south = known.min(axis=0) - _AROUND
    east, north = known.max(axis=0) + _AROUND
    return Frame(float(west), float(south), float(east), float(north))


def _arcs(picture: Picture) -> list[_Arc]:
    """What runs where, site by site and node by node, in the places of the network's columns."""
    placement = picture.placement
    node_at = {id: place for place, id in enumerate(picture.network["nodes"]["id"])}
    site_at = {id: place for place, id in enumerate(picture.network["sites"]["id"])}
    node_of = [node_at.get(id, -1) for id in placement["nodes"]]
    site_of = [site_at.get(id, -1) for id in placement["sites"]]
    shards = placement["shards"]
    count: Counter[tuple[int, int]] = Counter()
    spare: dict[tuple[int, int], float] = defaultdict(lambda: 1.0)
    for site, node, margin, deadline in zip(
        shards["site"], shards["node"], shards["margin_us"], shards["deadline_us"], strict=True
    ):
        if site < 0 or node < 0 or site_of[site] < 0 or node_of[node] < 0:
            continue
        pair = site_of[site], node_of[node]
        count[pair] += 1
        if margin is not None:
            spare[pair] = min(spare[pair], margin / max(1, deadline))
    return [_Arc(site, node, n, spare[site, node]) for (site, node), n in sorted(count.items(), key=lambda item: -item[1])]


def _colours(picture: Picture) -> list[str]:
    """The colour of each node; grey where nothing runs that could give it one."""
    nodes = picture.network["nodes"]
    if picture.colour == "sovereignty":
        words = picture.network["sovereignties"]
        return [_WHOSE.get(words[place] if place >= 0 else "unknown", _WHOSE["unknown"]) for place in nodes["sovereignty"]]
    used: dict[str, int] = {}
    placement = picture.placement
    if picture.colour == "utilisation":
        ends = USE_ENDS
        for node, permille in zip(placement["load"]["node"], placement["load"]["cards_permille"], strict=True):
            if permille:
                used[placement["nodes"][node]] = permille
    else:
        ends = SPENT_ENDS
        shards = placement["shards"]
        for node, margin, deadline in zip(shards["node"], shards["margin_us"], shards["deadline_us"], strict=True):
            if node >= 0 and margin is not None:
                id = placement["nodes"][node]
                used[id] = max(used.get(id, 0), _spent(margin / max(1, deadline)))
    return [shade(used[id], ends) if id in used else IDLE for id in nodes["id"]]


def _spent(spare: float) -> int:
    """Thousandths of a deadline that are used up."""
    return max(0, round(1000 * (1 - spare)))


def _draw_links(axes: Axes, picture: Picture, places: _Places) -> None:
    links = picture.network["links"]
    if links["id"]:
        ends = np.stack([places.nodes[links["source"]], places.nodes[links["target"]]], axis=1)
        ends = ends[~np.isnan(ends).any(axis=(1, 2))]
        axes.add_collection(LineCollection(ends, colors="#c9ced4", linewidths=0.4, zorder=1, rasterized=len(ends) > _ARCS))


def _draw_arcs(axes: Axes, picture: Picture, places: _Places, arcs: Sequence[_Arc], colours: Sequence[str]) -> None:
    lines, shades, widths = [], [], []
    for arc in arcs:
        start, end = places.sites[arc.site], places.nodes[arc.node]
        if np.isnan(start).any() or np.isnan(end).any():
            continue
        lines.append(_bent(start, end))
        shades.append(shade(_spent(arc.spare), SPENT_ENDS) if picture.colour == "margin" else colours[arc.node])
        widths.append(min(2.5, 0.4 + 0.2 * math.sqrt(arc.shards)))
    if lines:
        axes.add_collection(
            LineCollection(lines, colors=shades, linewidths=widths, alpha=0.45, zorder=2, rasterized=len(lines) > _ARCS)
        )


def _bent(start: Any, end: Any) -> Any:
    """An arc from one place to another, bent to its left, so that one there and one back do not cover each other."""
    along = end - start
    middle = (start + end) / 2 + _BEND * np.array([-along[1], along[0]])
    t = np.linspace(0.0, 1.0, _POINTS)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end


def _draw_nodes(axes: Axes, picture: Picture, places: _Places, colours: Sequence[str]) -> None:
    nodes, tiers = picture.network["nodes"], picture.network["tiers"]
    hollow = _hollow(picture)
    for tier, word in sorted(enumerate(tiers), key=lambda item: -_SIZES.get(item[1], _SIZE)):
        there = [n for n, place in enumerate(nodes["tier"]) if place == tier and not np.isnan(places.nodes[n]).any()]
        size = _SIZES.get(word, _SIZE)
        for empty in (True, False):
            rows = [n for n in there if (n in hollow) is empty]
            if rows:
                own = [colours[n] for n in rows]
                axes.scatter(
                    places.nodes[rows, 0], places.nodes[rows, 1], s=size * _HOLLOW if empty else size,
                    c="white" if empty else own, edgecolors=own if empty else "white", linewidths=0.9 if empty else 0.6,
                    zorder=3, rasterized=len(rows) > _ARCS,
                )  # fmt: skip


def _hollow(picture: Picture) -> set[int]:
    """Nodes that are not there yet, as far as their commitment says, or on which nothing runs."""
    placement, network = picture.placement, picture.network
    busy = {placement["nodes"][node] for node in placement["shards"]["node"] if node >= 0}
    nodes, words = network["nodes"], network["commitments"]
    return {
        n
        for n, (id, commitment) in enumerate(zip(nodes["id"], nodes["commitment"], strict=True))
        if id not in busy or words[commitment] != "operational"
    }


def _draw_disturbed(axes: Axes, picture: Picture, places: _Places) -> None:
    """Put a bullseye on the nodes on which something runs that breaks a rule there."""
    where = _known(places.nodes, _disturbed(picture))
    axes.scatter(where[:, 0], where[:, 1], s=_DISTURBED, c="white", edgecolors=BAD, linewidths=1.8, zorder=5)
    axes.scatter(where[:, 0], where[:, 1], s=_DISTURBED / 5, c=BAD, linewidths=0, zorder=5)


def _draw_states(axes: Axes, picture: Picture, places: _Places) -> None:
    """Put a ring with an arrow down on nodes that drain, and a disc with a cross on those that have failed."""
    where = _known(places.nodes, _in_state(picture, "draining"))
    axes.scatter(where[:, 0], where[:, 1], s=_DRAINING, c="white", edgecolors=WARN, linewidths=2, zorder=6)
    axes.scatter(where[:, 0], where[:, 1], s=_DRAINING / 4, marker="v", c=WARN, linewidths=0, zorder=6)
    where = _known(places.nodes, _in_state(picture, "failed"))
    axes.scatter(where[:, 0], where[:, 1], s=_FAILED, c=BAD, edgecolors="white", linewidths=1, zorder=7)
    axes.scatter(where[:, 0], where[:, 1], s=_FAILED / 4, marker="x", c="white", linewidths=1.6, zorder=7)


def _known(places: Any, rows: set[int]) -> Any:
    """The places of these rows, as far as they are known."""
    where = places[sorted(rows)]
    return where[~np.isnan(where).any(axis=1)]


def _in_state(picture: Picture, state: str) -> set[int]:
    """Nodes in a state, as places in the network's columns."""
    words = picture.network["states"]
    return {n for n, place in enumerate(picture.network["nodes"]["state"]) if place >= 0 and words[place] == state}


def _disturbed(picture: Picture) -> set[int]:
    """Nodes with something disturbed, as places in the network's columns."""
    at = {id: place for place, id in enumerate(picture.network["nodes"]["id"])}
    placement, words = picture.placement, picture.placement["statuses"]
    shards = placement["shards"]
    return {
        at[placement["nodes"][node]]
        for node, status in zip(shards["node"], shards["status"], strict=True)
        if node >= 0 and words[status] == "disturbed" and placement["nodes"][node] in at
    }


def _draw_unplaced(axes: Axes, picture: Picture, places: _Places) -> None:
    """Mark the sites of which something runs nowhere."""
    placement = picture.placement
    at = {id: place for place, id in enumerate(picture.network["sites"]["id"])}
    words = placement["statuses"]
    shards = placement["shards"]
    without = {
        at[placement["sites"][site]]
        for site, status in zip(shards["site"], shards["status"], strict=True)
        if site >= 0 and words[status] == "unplaced" and placement["sites"][site] in at
    }
    kinds, column = picture.network["kinds"], picture.network["sites"]["kind"]
    for kind in sorted({column[site] for site in without}):
        where = _known(places.sites, {site for site in without if column[site] == kind})
        shape = _SITES.get(kinds[kind] if kind >= 0 else "", "s")
        axes.scatter(where[:, 0], where[:, 1], s=_REFUSED, marker=shape, c="white", edgecolors=BAD, linewidths=1.6, zorder=4)


def _legend(figure: Figure, axes: Axes, picture: Picture) -> None:
    network = picture.network
    present = {network["tiers"][place] for place in network["nodes"]["tier"] if place >= 0}

    def mark(shape: str, size: float, label: str, colour: str = IDLE, edge: str = "white", width: float = 0.6) -> Line2D:
        return Line2D(
            [], [], ls="", marker=shape, ms=math.sqrt(size), mfc=colour, mec=edge, mew=width, label=label
        )  # fmt: skip

    marks = [mark("o", _SIZES.get(t, _SIZE), t) for t in network["tiers"] if t in present]
    marks.append(mark("o", _SIZE, "idle, or not there yet", "white", IDLE, 0.9))
    if _in_state(picture, "failed"):
        marks.append(mark("X", _FAILED / 2, "failed node", BAD))
    if _in_state(picture, "draining"):
        marks.append(mark("v", _DRAINING / 2, "draining node", "white", WARN, 1.8))
    if _disturbed(picture):
        marks.append(mark("o", _DISTURBED / 2, "node with something disturbed", "white", BAD, 1.8))
    marks.append(mark("s", _REFUSED, "site with something refused", "white", BAD, 1.6))
    if picture.colour == "sovereignty":
        found = {network["sovereignties"][place] for place in network["nodes"]["sovereignty"] if place >= 0}
        marks += [mark("s", 60, word.replace("_", " "), _WHOSE[word]) for word in _WHOSE if word in found]
    axes.legend(handles=marks, loc="upper left", fontsize=7.5, frameon=False, labelcolor=INK)
    if picture.colour != "sovereignty":
        said = {"utilisation": "cards used on the node", "margin": "share of the deadline that is used up"}
        ends = USE_ENDS if picture.colour == "utilisation" else SPENT_ENDS
        steps = BoundaryNorm([0, *(end / 10 for end in ends), 100], len(AMOUNTS))
        shades = ScalarMappable(steps, ListedColormap(AMOUNTS))
        bar = figure.colorbar(shades, ax=axes, orientation="horizontal", shrink=0.5, aspect=40, pad=0.04, spacing="uniform")
        bar.set_label(f"{said[picture.colour]}, %", fontsize=8)
        bar.outline.set_visible(False)


def _absent(picture: Picture, places: _Places, frame: Frame, arcs: Sequence[_Arc]) -> list[str]:
    """What is not on the map, in words."""
    runs = Counter[int]()
    for arc in arcs:
        runs[arc.node] += arc.shards
    ids = picture.network["nodes"]["id"]
    unknown = [n for n, (lon, _) in enumerate(places.nodes) if math.isnan(lon)]
    beyond = [n for n, (lon, lat) in enumerate(places.nodes) if not math.isnan(lon) and not frame.has(lon, lat)]
    said = []
    for nodes, why in ((unknown, "Place not known"), (beyond, "Outside the picture")):
        if nodes:
            named = ", ".join(f"{ids[n]} ({many(runs[n], 'shard')})" if runs[n] else ids[n] for n in nodes[:6])
            said.append(f"{why}: {named}" + (f" and {len(nodes) - 6} more" if len(nodes) > 6 else ""))
    return said
