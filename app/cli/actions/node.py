"""What the commands of `edgeplan node` do."""

from __future__ import annotations

from collections import Counter

from rich.console import RenderableType

from app.cli.answers import AllocationOut, Node, UseOut
from app.cli.common.alarms import raised as all_raised
from app.cli.common.client import Page, Service, in_path
from app.cli.common.naming import names_of
from app.cli.common.output import Output
from app.cli.views import alarms, sheets
from app.cli.views import node as views
from app.cli.views.parts.words import many

#: Shards that are listed of a node.
_SHARDS = 20


def show_list(service: Service, out: Output, tier: str | None, state: str | None, province: str | None) -> None:
    """List nodes, what is in trouble first; of the whole network also what else is in trouble."""
    found = list(service.every("/v1/nodes", Node, tier=tier, state=state, province=province))
    raised = all_raised(service)

    def disturbed() -> Counter[str]:
        if not found or not raised.alarms["disturbed_shards"]:
            return Counter()
        return Counter(one["node"] or "" for one in service.every("/v1/allocations", AllocationOut, status="disturbed"))

    about_all = tier is None and state is None and province is None
    out.answer(
        lambda: {"items": found, "alarms": raised.alarms},
        lambda: (*(alarms.shown(raised) if about_all else ()), views.listing(found, disturbed())) if found else (),
        lambda: sheets.nodes(found, disturbed()),
        note=None if found else "There is no such node.",
    )


def show(service: Service, out: Output, id: str) -> None:
    """Show one node, how full it is and what runs there."""
    node = service.get(f"/v1/nodes/{in_path(id)}", Node)

    def uses() -> list[UseOut]:
        return list(service.every("/v1/allocations/usage", UseOut, rule="node_capacity", node=id))

    def people() -> RenderableType:
        used = uses()
        shards = service.get("/v1/allocations", Page[AllocationOut], node=id, limit=_SHARDS + 1)["items"]
        sites = names_of(service, "sites") if shards else {}
        return views.whole(node, used, shards[:_SHARDS], len(shards) > _SHARDS, sites)

    out.answer(
        lambda: {"node": node, "usage": uses(), "shards": list(service.every("/v1/allocations", AllocationOut, node=id))},
        people,
        lambda: sheets.decisions(service.every("/v1/allocations", AllocationOut, node=id), in_force=True),
    )


def change_state(service: Service, out: Output, id: str, action: str, reason: str | None, yes: bool) -> None:
    """Drain, fail or activate a node; asks first where that disturbs something, unless `yes`."""
    if not yes:
        shards = sum(1 for _ in service.every("/v1/allocations", AllocationOut, node=id, status="placed"))
        if shards:
            runs = f"{many(shards, 'shard')} {'runs' if shards == 1 else 'run'} on {id}"
            out.confirm(f"{runs} and would be disturbed. {action.capitalize()} it?", f"edgeplan node {action} {id} --yes")
    body = {} if reason is None else {"reason": reason}
    node = service.post(f"/v1/nodes/{in_path(id)}/{action}", Node, body)
    if out.as_json:
        out.document(node)
        return
    disturbed = sum(1 for _ in service.every("/v1/allocations", AllocationOut, node=id, status="disturbed"))
    out.show(views.changed(node, disturbed))
    if disturbed:
        out.note(
            "To find it another place: edgeplan plan submit --scope repair --apply. A repair moves what is disturbed and "
            f"has somewhere to go, and nothing else; it ends nothing. What runs there: edgeplan node show {id}"
        )
