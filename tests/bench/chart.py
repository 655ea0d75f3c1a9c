"""Cost and bound over time as one SVG, written by hand: Edgeplan's in full lines, the peers' dotted (bounds sparser); a peer
that tells no course is a dashed line at its cost.

Time is on a logarithmic axis. The other axis is the distance to Edgeplan's last cost in per cent, drawn by its inverse
hyperbolic sine, so that tenths of a per cent near the end and the long way at the start are both visible.
"""

from __future__ import annotations

import itertools
import math
from html import escape
from typing import Any

_WIDTH, _HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 190, 40, 50
_BEND = 0.1
_COLOURS = ("#8a6d3b", "#6b7f3a", "#8e4a8e", "#3a7f7a", "#5a5a5a", "#a33d3d")
_TICKS = (-100.0, -10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0, 100.0, 1000.0)


def draw(name: str, rows: list[dict[str, Any]]) -> str | None:
    """The chart of one instance; None without a row of Edgeplan's."""
    run = [row for row in rows if row.get("legal")]
    mine = next((row for row in run if row["who"] == "edgeplan"), None)
    if mine is None or not any(step[1] is not None for step in mine["series"]):
        return None
    final = max(1, mine["cost"])

    def off(value: float) -> float:
        return 100 * (value - final) / final

    def line_of(row: dict[str, Any], column: int) -> list[tuple[float, float]]:
        return [(step[0], off(step[column])) for step in row["series"] if step[column] is not None]

    cost, bound = line_of(mine, 1), [point for point in line_of(mine, 2) if point[1] > -100.0]
    peers = [(row, off(row["cost"]), line_of(row, 1), line_of(row, 2)) for row in run if row is not mine]
    seconds = [at for at, _ in cost] + [at for *_, costs, bounds in peers for at, _ in costs + bounds]
    early, late = math.log10(max(0.01, min(seconds))), math.log10(max(0.1, *seconds))
    heights = [_bent(y) for _, y in cost + bound] + [_bent(y) for _, y, *_ in peers] + [_bent(0.2), _bent(-0.2)]
    heights += [_bent(y) for *_, costs, _ in peers for _, y in costs]
    heights += [_bent(bounds[-1][1]) for *_, bounds in peers if bounds]
    low, high = min(heights), min(max(heights), _bent(1000.0))

    def x(at: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(max(0.01, at)) - early) / max(1e-9, late - early)

    def y(percent: float) -> float:
        inside = min(high, max(low, _bent(percent)))
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - inside) / (high - low)

    def steps(points: list[tuple[float, float]]) -> str:
        corners = [(x(points[0][0]), y(points[0][1]))]
        for at, percent in points[1:]:
            corners += [(x(at), corners[-1][1]), (x(at), y(percent))]
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)

    title = f"{name}: cost and proven bound over time, off Edgeplan's last cost of {mine['cost']:,}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    right = _WIDTH - _RIGHT
    for tick in _TICKS:
        if low <= _bent(tick) <= high:
            parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e3e3e3"/>')
            parts.append(f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:+g} %</text>')
    for exponent in range(math.ceil(early), math.floor(late) + 1):
        at = x(10.0**exponent)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#e3e3e3"/>')
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{10.0**exponent:g} s</text>')
    labels = [(y(0.0), "#1f5fa8", "Edgeplan's cost")]
    for colour, (row, percent, costs, bounds) in zip(itertools.cycle(_COLOURS), peers, strict=False):
        if costs:
            line = steps([*costs, (costs[-1][0], percent)])
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-dasharray="2 3"/>')
        else:
            h = f"{y(percent):.1f}"
            parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{h}" y2="{h}" stroke="{colour}" stroke-dasharray="6 4"/>')
        if bounds:
            parts.append(f'<polyline points="{steps(bounds)}" fill="none" stroke="{colour}" stroke-dasharray="1 4"/>')
        labels.append((y(percent), colour, f"{row['who']} {percent:+.2f} %"))
    if bound:
        labels.append((y(bound[-1][1]), "#d2691e", "Edgeplan's bound"))
        parts.append(f'<polyline points="{steps(bound)}" fill="none" stroke="#d2691e" stroke-width="2"/>')
    parts.append(f'<polyline points="{steps(cost)}" fill="none" stroke="#1f5fa8" stroke-width="2"/>')
    parts.extend(
        f'<text x="{right + 8}" y="{at + 4:.1f}" fill="{colour}">{escape(text)}</text>'
        for at, colour, text in _apart(labels)
    )
    return "\n".join((*parts, "</svg>")) + "\n"


def _bent(percent: float) -> float:
    return math.asinh(percent / _BEND)


def _apart(labels: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Move labels down until none covers the one above it, then the whole row up if it would leave the picture."""
    placed: list[tuple[float, str, str]] = []
    for at, colour, text in sorted(labels):
        placed.append((max(at, placed[-1][0] + 15) if placed else at, colour, text))
    excess = max(0.0, placed[-1][0] - (_HEIGHT - 12))
    return [(at - excess, colour, text) for at, colour, text in placed]
