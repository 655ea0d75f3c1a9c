"""Where things are: distances, provinces, the nearest city, and what distance costs in time."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from data.korea.sources import SOURCES, table

Ring = list[tuple[float, float]]
T = TypeVar("T")

EARTH_RADIUS_KM = 6371.0088

#: Fibre kilometres for each kilometre of great circle; range 1.3 to 2.0, an estimate of the domain facts (C.2).
ROUTE_FACTOR = 1.5

#: Light in fibre at 1550 nm, microseconds a kilometre (published; domain facts C.1).
FIBRE_US_PER_KM = 4.897

#: One router at low load, one way; an estimate of the domain facts (C.2).
HOP_US = 50


@dataclass(frozen=True)
class Point:
    """A place on the map, in degrees (WGS 84)."""

    lat: float
    lon: float


def great_circle_km(a: Point, b: Point) -> float:
    """Length of the shortest way over a spherical earth (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def route_km(a: Point, b: Point) -> float:
    """Kilometres of fibre between two places."""
    return great_circle_km(a, b) * ROUTE_FACTOR


def latency_us(fibre_km: float) -> int:
    """One way over a link of `fibre_km`, one router included, rounded to a microsecond."""
    return round(fibre_km * FIBRE_US_PER_KM) + HOP_US


def nearest(place: Point, candidates: Iterable[T], where: Callable[[T], Point], count: int = 1) -> list[T]:
    """The `count` candidates closest to `place`, closest first."""
    return sorted(candidates, key=lambda item: great_circle_km(place, where(item)))[:count]


@dataclass(frozen=True)
class City:
    """A city centroid (GeoNames), the synthetic anchor of a central office and the name of a metro area."""

    id: str
    name: str
    at: Point
    population: int
    geonameid: str


@cache
def cities() -> tuple[City, ...]:
    """The cities at which central offices are assumed."""
    return tuple(
        City(row["id"], row["name"], Point(float(row["lat"]), float(row["lon"])), int(row["population"]), row["geonameid"])
        for row in table("telecom_cities")
    )


def nearest_city(place: Point) -> City:
    """The city whose metro area `place` is taken to belong to."""
    return nearest(place, cities(), lambda city: city.at)[0]


@dataclass(frozen=True)
class Province:
    """A province with its outline: a list of polygons, each an outer ring followed by its holes."""

    iso: str
    name: str
    polygons: list[list[Ring]]

    def contains(self, place: Point) -> bool:
        """Whether `place` lies inside, by counting crossings of the outline (even-odd)."""
        return any(sum(_inside(place, ring) for ring in polygon) % 2 for polygon in self.polygons)

    def distance_km(self, place: Point) -> float:
        """Distance to the nearest corner of the outline."""
        return min(
            great_circle_km(place, Point(lat, lon))
            for polygon in self.polygons
            for ring in polygon
            for lon, lat in ring
            if abs(lat - place.lat) < 1 and abs(lon - place.lon) < 1
        )


@cache
def provinces() -> tuple[Province, ...]:
    """The 17 provinces and metropolitan cities (NGII outlines of 2023, simplified)."""
    with (SOURCES / "provinces_2023_ngii_simplified.geojson").open(encoding="utf-8") as file:
        features = json.load(file)["features"]
    found = []
    for feature in features:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = [[[(lon, lat) for lon, lat in ring] for ring in polygon] for polygon in polygons]
        found.append(Province(feature["properties"]["iso_3166_2"], feature["properties"]["name_en"], rings))
    return tuple(found)


def province_of(place: Point) -> tuple[str, bool]:
    """ISO 3166-2 code of the province of `place`, and whether it lies inside the outline.

    A port on the water side of a simplified coast lies in none; it belongs to the nearest.
    """
    for province in provinces():
        if province.contains(place):
            return province.iso, True
    near = [p for p in provinces() if any(_close(place, ring) for polygon in p.polygons for ring in polygon)]
    return min(near, key=lambda p: p.distance_km(place)).iso, False


def outside(place: Point) -> str | None:
    """A remark on a place that no province's outline holds, with its distance to the nearest one; None inside."""
    if province_of(place)[1]:
        return None
    near = [ring for p in provinces() for polygon in p.polygons for ring in polygon if _close(place, ring)]
    far = min(_edge_km(place, a, b) for ring in near for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    about = f"{far:.1f}" if far >= 0.1 else "Less than 0.1"
    return f"{about} km outside the simplified outline of the provinces: on reclaimed land, at the water, or not exact."


def power_domain(place: Point) -> str:
    """Synthetic power feed: the cell of a 0.2 degree grid, since substations and feeds are not published."""
    return f"grid-{math.floor(place.lat / 0.2) * 2:03d}-{math.floor(place.lon / 0.2) * 2:04d}"


def _inside(place: Point, ring: Ring) -> bool:
    inside = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > place.lat) != (y1 > place.lat) and place.lon < (x1 - x0) * (place.lat - y0) / (y1 - y0) + x0:
            inside = not inside
        x0, y0 = x1, y1
    return inside


def _edge_km(place: Point, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of `place` to the edge from `a` to `b` (longitude, latitude), on a plane that touches the earth there."""
    degree = math.radians(1) * EARTH_RADIUS_KM
    east = degree * math.cos(math.radians(place.lat))
    (ax, ay), (bx, by) = (((lon - place.lon) * east, (lat - place.lat) * degree) for lon, lat in (a, b))
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    part = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length else 0.0
    return math.hypot(ax + part * dx, ay + part * dy)


def _close(place: Point, ring: Ring) -> bool:
    return any(abs(lat - place.lat) < 1 and abs(lon - place.lon) < 1 for lon, lat in ring)
