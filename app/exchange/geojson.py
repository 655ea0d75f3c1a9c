"""GeoJSON (RFC 7946), for maps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.exchange.format import Format
from app.schemas.documents import NetworkDocument
from app.schemas.wire import Wire


class Point(Wire):
    """A place on a map: longitude, then latitude (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class Line(Wire):
    """A straight line between two places."""

    type: Literal["LineString"] = "LineString"
    coordinates: tuple[tuple[float, float], ...]


class Feature(Wire):
    """A node, a site, a link or an access on a map. Without known places its geometry is null."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Point | Line | None
    properties: dict[str, Any]


class FeatureCollection(Wire):
    """The network as a map layer (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[Feature, ...] = Field(description="Nodes, sites, links, accesses.")


def collection(network: NetworkDocument) -> FeatureCollection:
    """The network as a map layer: a feature for each node, site, link and access."""
    places: dict[str, tuple[float, float]] = {}
    features: list[Feature] = []
    for kind, entities in (("node", network.nodes), ("site", network.sites)):
        for entity in entities:
            point = None
            if entity.lat is not None and entity.lon is not None:
                places[f"{kind}:{entity.id}"] = entity.lon, entity.lat
                point = Point(coordinates=(entity.lon, entity.lat))
            features.append(_feature(kind, entity.id, point, entity.model_dump(mode="json")))
    for link in network.links:
        line = _line(places, f"node:{link.source}", f"node:{link.target}")
        features.append(_feature("link", link.id, line, link.model_dump(mode="json")))
    for access in network.accesses:
        line = _line(places, f"site:{access.site}", f"node:{access.node}")
        features.append(_feature("access", access.id, line, access.model_dump(mode="json")))
    return FeatureCollection(features=tuple(features))


def _feature(kind: str, id: str, geometry: Point | Line | None, body: dict[str, Any]) -> Feature:
    own = {name: value for name, value in body.items() if name not in ("lat", "lon", "provenance", "kind")}
    extra = {"site_kind": body["kind"]} if kind == "site" else {}
    return Feature(id=f"{kind}:{id}", geometry=geometry, properties={"kind": kind, **own, **extra})


def _line(places: dict[str, tuple[float, float]], one: str, other: str) -> Line | None:
    if one not in places or other not in places:
        return None
    return Line(coordinates=(places[one], places[other]))


def write(network: NetworkDocument) -> bytes:
    """The network as GeoJSON."""
    return collection(network).model_dump_json().encode()


FORMAT = Format(
    name="geojson",
    title="GeoJSON",
    media_type="application/json",
    suffix=".geojson",
    use="For maps. What has no known place has no geometry.",
    write=write,
    schema=FeatureCollection,
)
