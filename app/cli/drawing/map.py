"""The map: nodes by tier, and what runs where as arcs from sites to nodes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from app.cli.answers import NetworkMap, PlacementMap
from app.cli.drawing.colours import LIGHT, SPENT_ENDS, USE_ENDS, Colours
from app.cli.drawing.land import ATTRIBUTION, KOREA, Frame, rings
from app.cli.drawing.page import legible, page, save
from app.cli.drawing.places import Places, frame_of, narrowed, places_of
from app.cli.views.parts.words import many

Colour = Literal["utilisation", "margin", "sovereignty"]

#: Tier -> how large its nodes are drawn, all of them as discs, as on the dashboard; others are the smallest. The largest are
#: drawn first.
_SIZES = {"core": 70, "regional": 52, "metro": 34, "mec": 22, "onsite": 12}
_SIZE = 16
#: How large what is idle or not there yet is drawn, in parts of that; it is hollow, too.
_HOLLOW = 0.5
#: Kind of a site -> its shape.
_SITES = {"factory": "s", "port": "^", "logistics": "D"}
#: How large the marks of trouble are: larger than any node, and above them.
_FAILED, _DRAINING, _DISTURBED, _REFUSED = 150, 110, 95, 60
#: Points of an arc, and how far it bends, in parts of its length.
_POINTS, _BEND = 14, 0.14
#: Above so many arcs an SVG keeps them as one picture, so that it can still be opened.
_ARCS = 4000
#: Points from one twin to the next.
_PITCH = 11.0
#: How wide a link is that carries nothing, and how much wider one that is full.
_LINK, _FULL = 0.4, 3.6
#: A page in inches, and the parts of it that the map has.
_PAGE, _MAP = (8.0, 8.6), (0.92, 0.80)


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
    links
        Link -> how full it is in the fuller direction, in thousandths.
    colours
        Those of the page.
    """

    network: NetworkMap
    placement: PlacementMap
    colour: Colour
    title: str
    notes: tuple[str, ...] = ()
    links: Mapping[str, int] = field(default_factory=dict)
    colours: Colours = LIGHT


@dataclass(frozen=True, slots=True)
class _Arc:
    """All that one site has on one node: how many shards, and the least share of the deadline that is to spare."""

    site: int
    node: int
    shards: int
    spare: float


def draw(picture: Picture, path: Path) -> list[str]:
    """Write a map; what of the network it does not show, in words."""
    places = places_of(picture.network)
    frame = frame_of(places)
    absent = _absent(picture, places, frame, arcs := _arcs(picture))
    places = _apart(picture, places, frame)
    with page(*_PAGE, picture.colours) as figure:
        axes: Axes = figure.add_subplot()
        axes.set_aspect(1 / narrowed(frame))
        axes.set_xlim(frame.west, frame.east)
        axes.set_ylim(frame.south, frame.north)
        axes.set_axis_off()
        axes.set_title(legible(picture.title, "What runs where"), loc="left", fontsize=11)
        if frame == KOREA:
            axes.add_collection(PolyCollection(rings(), facecolors=picture.colours.land, edgecolors=picture.colours.border,
                                               linewidths=0.6, zorder=0))  # fmt: skip
        _draw_links(axes, picture, places)
        colours = _colours(picture)
        _draw_arcs(axes, picture, places, arcs, colours)
        _draw_nodes(axes, picture, places, colours)
        _draw_unplaced(axes, picture, places)
        _draw_disturbed(axes, picture, places)
        _draw_states(axes, picture, places)
        _legend(figure, axes, picture)
        notes = [*picture.notes, *absent, *([ATTRIBUTION] if frame == KOREA else [])]
        axes.text(0, -0.01, "\n".join(notes), transform=axes.transAxes, va="top", fontsize=7, color=picture.colours.faint)
        save(figure, path, picture.title)
    return absent


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
        words, whose = picture.network["sovereignties"], picture.colours.whose
        return [whose.get(words[place] if place >= 0 else "unknown", whose["unknown"]) for place in nodes["sovereignty"]]
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
    return [picture.colours.shade(used[id], ends) if id in used else picture.colours.idle for id in nodes["id"]]


def _spent(spare: float) -> int:
    """Thousandths of a deadline that are used up."""
    return max(0, round(1000 * (1 - spare)))


def _apart(picture: Picture, places: Places, frame: Frame) -> Places:
    """The places with twins apart, by as much as their marks need."""
    narrow = narrowed(frame)
    width, height = (72 * inches * part for inches, part in zip(_PAGE, _MAP, strict=True))
    point = max((frame.east - frame.west) * narrow / width, (frame.north - frame.south) / height)
    sizes = [_SIZES.get(word, _SIZE) for word in picture.network["tiers"]]
    importance = [sizes[tier] if tier >= 0 else 0 for tier in picture.network["nodes"]["tier"]]
    return places.spread(importance, _refused(picture), _PITCH * point, narrow)


def _draw_links(axes: Axes, picture: Picture, places: Places) -> None:
    """Draw the links, the wider the fuller."""
    links = picture.network["links"]
    if links["id"]:
        ends = np.stack([places.nodes[links["source"]], places.nodes[links["target"]]], axis=1)
        widths = np.array([_width(picture.links.get(id, 0)) for id in links["id"]])
        known = ~np.isnan(ends).any(axis=(1, 2))
        axes.add_collection(LineCollection(
            ends[known], colors=picture.colours.faint, linewidths=widths[known], alpha=0.4, zorder=1,
            rasterized=len(ends) > _ARCS,
        ))  # fmt: skip


def _width(permille: int) -> float:
    """How wide a link is drawn that is so full."""
    return _LINK + _FULL * min(1000, permille) / 1000


def _draw_arcs(axes: Axes, picture: Picture, places: Places, arcs: Sequence[_Arc], colours: Sequence[str]) -> None:
    lines, shades, widths = [], [], []
    for arc in arcs:
        start, end = places.sites[arc.site], places.nodes[arc.node]
        if np.isnan(start).any() or np.isnan(end).any():
            continue
        lines.append(_bent(start, end))
        shades.append(
            picture.colours.shade(_spent(arc.spare), SPENT_ENDS) if picture.colour == "margin" else colours[arc.node]
        )
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


def _draw_nodes(axes: Axes, picture: Picture, places: Places, colours: Sequence[str]) -> None:
    nodes, tiers = picture.network["nodes"], picture.network["tiers"]
    hollow, blank = _hollow(picture), picture.colours.page
    for tier, word in sorted(enumerate(tiers), key=lambda item: -_SIZES.get(item[1], _SIZE)):
        there = [n for n, place in enumerate(nodes["tier"]) if place == tier and not np.isnan(places.nodes[n]).any()]
        size = _SIZES.get(word, _SIZE)
        for empty in (True, False):
            rows = [n for n in there if (n in hollow) is empty]
            if rows:
                own = [colours[n] for n in rows]
                axes.scatter(
                    places.nodes[rows, 0], places.nodes[rows, 1], s=size * _HOLLOW if empty else size,
                    c=blank if empty else own, edgecolors=own if empty else blank, linewidths=0.9 if empty else 0.6,
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


def _draw_disturbed(axes: Axes, picture: Picture, places: Places) -> None:
    """Put a bullseye on the nodes on which something runs that breaks a rule there."""
    where, of = _known(places.nodes, _disturbed(picture)), picture.colours
    axes.scatter(where[:, 0], where[:, 1], s=_DISTURBED, c=of.page, edgecolors=of.bad, linewidths=1.8, zorder=5)
    axes.scatter(where[:, 0], where[:, 1], s=_DISTURBED / 5, c=of.bad, linewidths=0, zorder=5)


def _draw_states(axes: Axes, picture: Picture, places: Places) -> None:
    """Put a ring with an arrow down on nodes that drain, and a disc with a cross on those that have failed."""
    where, of = _known(places.nodes, _in_state(picture, "draining")), picture.colours
    axes.scatter(where[:, 0], where[:, 1], s=_DRAINING, c=of.page, edgecolors=of.warn, linewidths=2, zorder=6)
    axes.scatter(where[:, 0], where[:, 1], s=_DRAINING / 4, marker="v", c=of.warn, linewidths=0, zorder=6)
    where = _known(places.nodes, _in_state(picture, "failed"))
    axes.scatter(where[:, 0], where[:, 1], s=_FAILED, c=of.bad, edgecolors=of.page, linewidths=1, zorder=7)
    axes.scatter(where[:, 0], where[:, 1], s=_FAILED / 4, marker="x", c=of.page, linewidths=1.6, zorder=7)


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


def _refused(picture: Picture) -> set[int]:
    """Sites of which something runs nowhere, as places in the network's columns."""
    placement = picture.placement
    at = {id: place for place, id in enumerate(picture.network["sites"]["id"])}
    words = placement["statuses"]
    shards = placement["shards"]
    return {
        at[placement["sites"][site]]
        for site, status in zip(shards["site"], shards["status"], strict=True)
        if site >= 0 and words[status] == "unplaced" and placement["sites"][site] in at
    }


def _draw_unplaced(axes: Axes, picture: Picture, places: Places) -> None:
    """Mark the sites of which something runs nowhere."""
    without, of = _refused(picture), picture.colours
    kinds, column = picture.network["kinds"], picture.network["sites"]["kind"]
    for kind in sorted({column[site] for site in without}):
        where = _known(places.sites, {site for site in without if column[site] == kind})
        shape = _SITES.get(kinds[kind] if kind >= 0 else "", "s")
        axes.scatter(
            where[:, 0], where[:, 1], s=_REFUSED, marker=shape, c=of.page, edgecolors=of.bad, linewidths=1.6, zorder=4
        )


def _legend(figure: Figure, axes: Axes, picture: Picture) -> None:
    network, of = picture.network, picture.colours
    present = {network["tiers"][place] for place in network["nodes"]["tier"] if place >= 0}

    def mark(shape: str, size: float, label: str, colour: str = of.idle, edge: str = of.page, width: float = 0.6) -> Line2D:
        return Line2D(
            [], [], ls="", marker=shape, ms=math.sqrt(size), mfc=colour, mec=edge, mew=width, label=label
        )  # fmt: skip

    marks = [mark("o", _SIZES.get(t, _SIZE), t) for t in network["tiers"] if t in present]
    marks.append(mark("o", _SIZE, "idle, or not there yet", of.page, of.idle, 0.9))
    if _in_state(picture, "failed"):
        marks.append(mark("X", _FAILED / 2, "failed node", of.bad))
    if _in_state(picture, "draining"):
        marks.append(mark("v", _DRAINING / 2, "draining node", of.page, of.warn, 1.8))
    if _disturbed(picture):
        marks.append(mark("o", _DISTURBED / 2, "node with something disturbed", of.page, of.bad, 1.8))
    if _refused(picture):
        marks.append(mark("s", _REFUSED, "site with something refused", of.page, of.bad, 1.6))
    if any(picture.links.values()):
        marks += [
            Line2D([], [], color=of.faint, alpha=0.4, lw=_width(permille), label=said)
            for permille, said in ((0, "link with nothing on it"), (1000, "link that is full"))
        ]
    if picture.colour == "sovereignty":
        found = {network["sovereignties"][place] for place in network["nodes"]["sovereignty"] if place >= 0}
        marks += [mark("s", 60, word.replace("_", " "), colour) for word, colour in of.whose.items() if word in found]
    axes.legend(handles=marks, loc="upper left", fontsize=7.5, frameon=False, labelcolor=of.ink)
    if picture.colour != "sovereignty":
        said = {"utilisation": "cards used on the node", "margin": "share of the deadline that is used up"}
        ends = USE_ENDS if picture.colour == "utilisation" else SPENT_ENDS
        steps = BoundaryNorm([0, *(end / 10 for end in ends), 100], len(of.amounts))
        shades = ScalarMappable(steps, ListedColormap(of.amounts))
        bar = figure.colorbar(shades, ax=axes, orientation="horizontal", shrink=0.5, aspect=40, pad=0.04, spacing="uniform")
        bar.set_label(f"{said[picture.colour]}, %", fontsize=8)
        bar.outline.set_visible(False)


def _absent(picture: Picture, places: Places, frame: Frame, arcs: Sequence[_Arc]) -> list[str]:
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
