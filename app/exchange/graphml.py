"""GraphML, for graph tools."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from app.exchange.format import Format
from app.schemas.documents import NetworkDocument

if TYPE_CHECKING:
    import networkx as nx


def write(network: NetworkDocument) -> bytes:
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


FORMAT = Format(
    name="graphml",
    title="GraphML",
    media_type="application/graphml+xml",
    suffix=".graphml",
    use="For graph tools. Sites are nodes `site:<id>`; accesses are edges to them.",
    write=write,
)
