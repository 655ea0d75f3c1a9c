"""A format that no product needs: how many there are of each kind. One file, and one entry in the tuple."""

from __future__ import annotations

from app.exchange import Format
from app.schemas.documents import NetworkDocument


def write(network: NetworkDocument) -> bytes:
    """A line for each kind."""
    kinds = {"nodes": network.nodes, "links": network.links, "sites": network.sites, "accesses": network.accesses}
    return "".join(f"{kind} {len(entities)}\n" for kind, entities in kinds.items()).encode()


FORMAT = Format(
    name="counts",
    title="Counts",
    media_type="text/plain",
    suffix=".txt",
    use="For tests: how many there are of each kind.",
    write=write,
)
