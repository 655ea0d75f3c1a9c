"""The network in forms that other tools read: GraphML for graph tools, GeoJSON for maps."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from app.schemas.documents import CatalogueDocument, NetworkDocument
from app.schemas.wire import Wire
from app.service.entities import document
from app.store.port import Store

if TYPE_CHECKING:
    import networkx as nx


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


def network_json(store: Store) -> tuple[int, bytes]:
    """The generation that last changed the network, and the network in the form in which it is imported."""
    generation, network = _network(store)
    return generation, network.model_dump_json().encode()


def catalogue_json(store: Store) -> tuple[int, bytes]:
    """The generation that last changed the catalogue, and the catalogue in the form in which it is imported."""
    generation, bodies = document(store, "catalogue")
    return generation, CatalogueDocument.model_validate(bodies).model_dump_json().encode()


def network_graphml(store: Store) -> tuple[int, bytes]:
    """The generation that last changed the network, and the network as GraphML."""
    generation, network = _network(store)
    return generation, graphml(network)


def network_geojson(store: Store) -> tuple[int, bytes]:
    """The generation that last changed the network, and the network as GeoJSON."""
    generation, network = _network(store)
    return generation, geojson(network).model_dump_json().encode()


def _network(store: Store) -> tuple[int, NetworkDocument]:
    generation, bodies = document(store, "network")
    return generation, NetworkDocument.model_validate(bodies)


def graphml(network: NetworkDocument) -> bytes:
    """The network as GraphML: nodes, sites as further nodes `site:<id>`, links and accesses as edges."""
    # Only who exports waits for it to be imported.
    import networkx as nx

    graph: nx.MultiGraph[str] = nx.MultiGraph()
    # An id may begin like a site's: then the sites of this document begin otherwise.
    begins = "site:"
    while any(node.id.startswith(begins) for node in network.nodes):
        begins += ":"
    for node in network.nodes:
        graph.add_node(node.id, kind="node", **_flat(node.model_dump(mode="json")))
    for site in network.sites:
        graph.add_node(f"{begins}{site.id}", **{**_flat(site.model_dump(mode="json")), "kind": "site"})
    for link in network.links:
        graph.add_edge(link.source, link.target, key=link.id, kind="link", **_flat(link.model_dump(mode="json")))
    for access in network.accesses:
        graph.add_edge(
            f"{begins}{access.site}",
            access.node,
            key=f"access:{access.id}",
            kind="access",
            **_flat(access.model_dump(mode="json")),
        )
    written = io.BytesIO()
    nx.write_graphml_xml(graph, written)
    return written.getvalue()


def geojson(network: NetworkDocument) -> FeatureCollection:
    """The network as GeoJSON."""
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


def _flat(body: dict[str, Any]) -> dict[str, str | int | float | bool]:
    """The fields of a document that GraphML can hold: scalars as they are, lists of words joined."""
    flat: dict[str, str | int | float | bool] = {}
    for name, value in body.items():
        if isinstance(value, str | int | float | bool):
            flat["entity_id" if name == "id" else name] = value
        elif isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            flat[name] = ",".join(value)
        elif name == "pools":
            flat[name] = ",".join(f"{pool['count']}x{pool['accelerator']}" for pool in value)
    return flat
