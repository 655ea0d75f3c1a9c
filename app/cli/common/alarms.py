"""What is in trouble now, by name as far as a line has room for names."""

from __future__ import annotations

from app.cli.answers import Alarms, AllocationOut, Node
from app.cli.common.client import Page, Service
from app.cli.views.alarms import NAMED, Raised


def raised(service: Service) -> Raised:
    """What is in trouble now. Where nothing is, one small question is all that is asked."""
    alarms = service.get("/v1/alarms", Alarms)
    refused = ""
    if alarms["refused_shards"]:
        first = service.get("/v1/allocations", Page[AllocationOut], status="unplaced", limit=1)["items"]
        refused = first[0]["workload"] if first else ""
    return Raised(
        alarms,
        _nodes(service, "failed") if alarms["failed_nodes"] else (),
        _nodes(service, "draining") if alarms["draining_nodes"] else (),
        refused,
    )


def _nodes(service: Service, state: str) -> tuple[tuple[str, str | None], ...]:
    found = service.get("/v1/nodes", Page[Node], state=state, limit=NAMED)["items"]
    return tuple((node["id"], node["name"]) for node in found)
