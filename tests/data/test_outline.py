"""The outline that the dashboard draws is what the script makes of the source, and fits the reference network."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

from data.outline import LEAST_ISLAND, OUTLINE, outline, write


def test_the_committed_outline_is_a_fresh_one(tmp_path: Path) -> None:
    write(tmp_path / "outline.json")
    fresh = (tmp_path / "outline.json").read_bytes()
    assert fresh == OUTLINE.read_bytes(), "outline.json is stale: run python -m data.outline"
    assert len(gzip.compress(fresh)) < 40_000


def test_every_province_of_the_reference_network_is_drawn(network: dict[str, Any]) -> None:
    drawn = {province["code"] for province in outline()["provinces"]}
    named = {one["province"] for one in [*network["nodes"], *network["sites"]] if one.get("province", "").startswith("KR-")}
    assert named == drawn


def test_neighbours_share_their_borders_once_and_no_ring_is_flat() -> None:
    told = outline()
    used = Counter(n if n >= 0 else ~n for rings in _rings(told).values() for ring in rings for n in ring)
    assert set(used) == set(range(len(told["arcs"])))
    assert set(used.values()) == {1, 2}
    inside = _rings(told)
    seoul, gyeonggi = ({n if n >= 0 else ~n for ring in inside[code] for n in ring} for code in ("KR-11", "KR-41"))
    assert seoul & gyeonggi
    for rings in inside.values():
        for ring in rings:
            assert _area(_points(told, ring)) > LEAST_ISLAND / 10


def test_jeju_and_the_islands_far_out_are_there() -> None:
    told = outline()
    points = [point for rings in _rings(told).values() for ring in rings for point in _points(told, ring)]
    west, east, south = (min(x for x, _ in points), max(x for x, _ in points), min(y for _, y in points))
    assert west / told["scale"] < 124.75, "Baengnyeongdo"
    assert east / told["scale"] > 130.8, "Ulleungdo"
    assert south / told["scale"] < 33.3, "Jeju"


def _rings(told: dict[str, Any]) -> dict[str, list[list[int]]]:
    return {one["code"]: [ring for polygon in one["polygons"] for ring in polygon] for one in told["provinces"]}


def _points(told: dict[str, Any], ring: list[int]) -> list[tuple[int, int]]:
    """The points of a ring, joined from its arcs, which must meet."""
    joined: list[tuple[int, int]] = []
    for n in ring:
        steps = told["arcs"][n if n >= 0 else ~n]
        x, y = steps[:2]
        arc = [(x, y)]
        for dx, dy in zip(steps[2::2], steps[3::2], strict=True):
            x, y = x + dx, y + dy
            arc.append((x, y))
        arc = arc if n >= 0 else arc[::-1]
        assert not joined or joined[-1] == arc[0]
        joined += arc if not joined else arc[1:]
    assert joined[0] == joined[-1]
    return joined


def _area(ring: list[tuple[int, int]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False))) / 2
