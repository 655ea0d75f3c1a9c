"""Draw the provinces for the dashboard: ``python -m data.outline`` writes ``app/web/src/outline.json``.

The same source always gives the same bytes. Borders that two provinces share are cut into *arcs*, and each arc is
simplified once, so that neighbours still meet. An arc is a list of whole numbers: its first point and then steps, in
ten-thousandths of a degree, longitude before latitude. A province is a list of polygons, a polygon a list of rings (the
first around it, the others around its holes), a ring a list of arcs in order; ``~n`` is arc ``n`` backwards.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.korea.sources import SOURCES

SOURCE = "provinces_2023_ngii_simplified.geojson"
OUTLINE = Path(__file__).parent.parent / "app" / "web" / "src" / "outline.json"

#: What must stand beside the map.
ATTRIBUTION = {
    "en": "Boundaries: National Geographic Information Institute of Korea, open public data as of 2023-09-15, simplified",
    "ko": "경계: 국토지리정보원 공공데이터(2023-09-15 기준)를 단순화함",
}

#: Units of a coordinate in a degree.
SCALE = 10_000

#: A point goes where the triangle with its neighbours is smaller than this, in square units: some 0.35 square kilometres.
LEAST_TRIANGLE = 3_600

#: An island, or a hole, goes where it covers less than this, in square units: some 0.3 square kilometres.
LEAST_ISLAND = 3_000

#: Names that changed after the day of the source (2023-09-15).
RENAMED = {"전라북도": "전북특별자치도"}

Point = tuple[int, int]
Ring = list[Point]


def outline() -> dict[str, Any]:
    """What is written: attribution, scale, arcs and provinces."""
    features = json.loads((SOURCES / SOURCE).read_text(encoding="utf-8"))["features"]
    shapes = [list(_polygons(one["geometry"])) for one in features]
    joints = _joints([ring for polygons in shapes for polygon in polygons for ring in polygon])
    arcs: list[list[int]] = []
    known: dict[tuple[Point, ...], int] = {}
    provinces = []
    for feature, polygons in zip(features, shapes, strict=True):
        told = feature["properties"]
        provinces.append(
            {
                "code": told["iso_3166_2"],
                "name": told["name_en"],
                "name_ko": RENAMED.get(told["sido"], told["sido"]),
                "label": [told["label_lon"], told["label_lat"]],
                "polygons": [
                    [[_arc(part, arcs, known) for part in _cut(ring, joints)] for ring in polygon] for polygon in polygons
                ],
            }
        )
    return {
        "attribution": ATTRIBUTION,
        "scale": SCALE,
        "arcs": arcs,
        "provinces": provinces,
    }


def write(path: Path = OUTLINE) -> None:
    """Write the outline, an arc or a province a line."""
    told = outline()
    lines = {key: ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in told[key])
             for key in ("arcs", "provinces")}  # fmt: skip
    head = f'"attribution":{json.dumps(told["attribution"], ensure_ascii=False)},"scale":{told["scale"]}'
    path.write_text(f'{{{head},\n"arcs":[\n{lines["arcs"]}],\n"provinces":[\n{lines["provinces"]}]}}\n', encoding="utf-8")


def _polygons(geometry: dict[str, Any]) -> Iterator[list[Ring]]:
    """The polygons of a geometry as rings in whole units, without the repeated last point, islets and tiny holes."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        rings = [[(round(lon * SCALE), round(lat * SCALE)) for lon, lat in ring[:-1]] for ring in polygon]
        if _area(rings[0]) >= LEAST_ISLAND:
            yield [ring for ring in rings if _area(ring) >= LEAST_ISLAND]


def _area(ring: Ring) -> float:
    """Square units inside a ring."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def _joints(rings: list[Ring]) -> set[Point]:
    """The points at which borders part: those with more than two neighbours."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings:
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            beside[a].add(b)
            beside[b].add(a)
    return {point for point, others in beside.items() if len(others) > 2}


def _cut(ring: Ring, joints: set[Point]) -> Iterator[tuple[Point, ...]]:
    """A ring as the ways between its joints; one without joints is cut at its least point."""
    at = [i for i, point in enumerate(ring) if point in joints] or [ring.index(min(ring))]
    for first, last in zip(at, [*at[1:], at[0] + len(ring)], strict=True):
        yield tuple(ring[i % len(ring)] for i in range(first, last + 1))


def _arc(part: tuple[Point, ...], arcs: list[list[int]], known: dict[tuple[Point, ...], int]) -> int:
    """The number of an arc, of which a neighbour may have the reverse already."""
    if part in known:
        return known[part]
    if part[::-1] in known:
        return ~known[part[::-1]]
    known[part] = len(arcs)
    arcs.append(_steps(_simplified(part)))
    return known[part]


def _simplified(part: tuple[Point, ...]) -> list[Point]:
    """Without the points that matter least (Visvalingam and Whyatt); a closed way keeps
    five points, and any other one between its ends, so that no ring falls flat."""
    last = len(part) - 1
    before, after = list(range(-1, last)), list(range(1, last + 2))
    alive = [True] * (last + 1)

    def weight(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = part[before[i]], part[i], part[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    heap = [(weight(i), i) for i in range(1, last)]
    heapq.heapify(heap)
    left = last + 1
    fewest = 6 if part[0] == part[-1] else 3
    while heap and left > fewest:
        size, i = heapq.heappop(heap)
        if size >= LEAST_TRIANGLE:
            break
        if not alive[i] or size != weight(i):
            continue
        alive[i] = False
        left -= 1
        before[after[i]], after[before[i]] = before[i], after[i]
        for j in (before[i], after[i]):
            if 0 < j < last:
                heapq.heappush(heap, (weight(j), j))
    return [point for point, stays in zip(part, alive, strict=True) if stays]


def _steps(points: list[Point]) -> list[int]:
    """The first point, then the steps from point to point, flat."""
    steps = [*points[0]]
    for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
        steps += (bx - ax, by - ay)
    return steps


if __name__ == "__main__":
    write()
