"""The outline of Korea's provinces, simplified from open public data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: Said on every map that shows it, as its terms ask.
ATTRIBUTION = "Provinces: National Geographic Information Institute (NGII)"
_FILE = "sources/provinces_2023_ngii_simplified.geojson"

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What lies between two longitudes and two latitudes."""

    west: float
    south: float
    east: float
    north: float

    def has(self, lon: float, lat: float) -> bool:
        """Whether a place lies within."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


#: Korea with its islands, and a little sea.
KOREA = Frame(124.4, 32.9, 132.1, 38.8)


@cache
def rings() -> list[Ring]:
    """The outer borders of all parts of all provinces, as (longitude, latitude)."""
    with (files("data") / _FILE).open(encoding="utf-8") as file:
        features = json.load(file)["features"]
    found: list[Ring] = []
    for feature in features:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        found += [[(lon, lat) for lon, lat in part[0]] for part in parts]
    return found
