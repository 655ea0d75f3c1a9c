"""What the commands of `edgeplan network` and `edgeplan node` do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from app.cli.answers import AllocationOut, Generations, Imported, NetworkMap, Node, Site, UseOut
from app.cli.common.alarms import raised as all_raised
from app.cli.common.client import Page, Service, in_path
from app.cli.common.documents import PARTS, Document, documents
from app.cli.common.output import Output
from app.cli.failures import BadInput, Failure, Refused
from app.cli.views import alarms, sheets
from app.cli.views import network as views
from app.cli.views.parts.words import many

#: Where whole documents are read, if they are.
_WHOLE = {"network": "/v1/network", "catalogue": "/v1/catalogue"}
_FORMAT = "edgeplan/1"
#: What one is called of a kind whose name does not merely end in s.
_ONE = {"accesses": "access", "policies": "policy"}
#: Shards that are listed of a node.
_SHARDS = 20


def import_documents(
    service: Service, out: Output, path: Path, parts: list[str], if_match: int | None, fresh: bool, yes: bool
) -> None:
    """Put documents in the place of what is stored: all of them, or none."""
    given = documents(path, parts)
    if if_match is not None and len(given) != 1:
        raise BadInput(f"--if-match speaks of one document, and {path} has {', '.join(given)}.", "Name one with --part.")
    if fresh and (if_match is not None or parts):
        raise BadInput("--fresh puts everything aside: it does not go together with --if-match or --part.")
    stored = service.get("/v1/generation", Generations)
    if fresh and stored["generation"] and not yes:
        out.confirm(
            f"Put these documents in the place of all that is stored at {service.server}, and end all that runs?",
            f"edgeplan network import {path} --fresh --yes",
        )
    # What was there when the command began, unless somebody says that it must be older.
    names = PARTS if fresh else given
    expected = {name: _generation(stored, name) if if_match is None else if_match for name in names}
    body: Document = {"format": _FORMAT, **given, "expected": expected, "fresh": fresh}
    try:
        made = _imported(service, out, path, body, yes)
    except Failure as failure:
        failure.sentence = f"Nothing was imported: {failure.sentence}"
        raise
    if out.as_json:
        out.document(made)
        return
    for one in made["documents"]:
        counts = ", ".join(many(count, _ONE.get(kind, kind[:-1]), kind) for kind, count in one["counts"].items())
        same = not (one["added"] or one["changed"] or one["removed"])
        out.show(f"{one['document']}: {counts}; generation {one['generation']}{', as it was' if same else ''}")
    out.show(made["sentence"])


def _imported(service: Service, out: Output, path: Path, body: Document, yes: bool) -> Imported:
    """What an import has done; asks first where it would end what runs, unless `yes`."""
    try:
        with out.waiting("Storing"):
            return service.post("/v1/import", Imported, body | {"may_end": yes})
    except Failure as failure:
        if failure.code != "import.would_end":
            raise
        for detail in failure.details:
            out.note(detail)
        out.confirm(f"{failure.sentence} Import all the same?", f"edgeplan network import {path} --yes")
    with out.waiting("Storing"):
        return service.post("/v1/import", Imported, body | {"may_end": True})


def _generation(stored: Generations, name: str) -> int:
    generation: int = stored[name]  # type: ignore[literal-required]
    return generation


def export(service: Service, out: Output, format: str, part: str, path: Path | None) -> None:
    """Write what is stored to standard output, a file or a folder."""
    if part != "network" and format != "json":
        raise BadInput(f"Only the network comes as {format}; the {part} comes as json.")
    if path is not None and path.is_dir():
        if format != "json":
            raise BadInput(f"{path} is a folder; into one everything goes as json.", "Name a file to write to.")
        _report(out, [_written(service, name, "json", path / f"{name}.json") for name in PARTS])
    elif path is not None:
        _report(out, [_written(service, part, format, path)])
    elif out.as_json and format == "graphml":
        raise BadInput("GraphML is not JSON.", "Write it to a file: -o FILE")
    else:
        with out.waiting("Reading"):
            content, generation = _content(service, part, format)
        out.file(content, is_json=format != "graphml")
        out.note(f"Generation {generation}. To import it over nothing newer: --if-match {generation}")


def _written(service: Service, part: str, format: str, path: Path) -> dict[str, Any]:
    content, generation = _content(service, part, format)
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    return {"document": part, "file": str(path), "generation": generation, "bytes": len(content.encode())}


def _report(out: Output, written: list[dict[str, Any]]) -> None:
    if out.as_json:
        out.document({"exported": written})
        return
    for one in written:
        out.show(f"{one['document']}: {one['file']}, {one['bytes']:,} bytes, generation {one['generation']}")


def _content(service: Service, part: str, format: str) -> tuple[str, int]:
    """A document as text, and the generation that last changed it."""
    if part in _WHOLE:
        path = _WHOLE[part] if format == "json" else f"{_WHOLE[part]}/{format}"
        answer = service.ask("GET", path)
        return answer.text.rstrip("\n") + "\n", int(answer.headers["ETag"].strip('W/"'))
    # Read by pages: it is one document only if nobody has changed it meanwhile.
    while True:
        before = _generation(service.get("/v1/generation", Generations), part)
        body: dict[str, Any] = {"format": _FORMAT}
        body |= {kind: list(service.every(f"/v1/{kind}", dict)) for kind in PARTS[part]}
        if _generation(service.get("/v1/generation", Generations), part) == before:
            return json.dumps(body, ensure_ascii=False) + "\n", before


def site_names(service: Service) -> dict[str, str]:
    """What sites are called: site -> name."""
    sites = service.get("/v1/map", NetworkMap)["sites"]
    return {id: name or id for id, name in zip(sites["id"], sites["name"], strict=True)}


def node_names(service: Service) -> dict[str, str]:
    """What nodes are called: node -> name."""
    nodes = service.get("/v1/map", NetworkMap)["nodes"]
    return {id: name or id for id, name in zip(nodes["id"], nodes["name"], strict=True)}


def site_of(service: Service, id: str) -> Site | None:
    """A site; None if it is stored no more."""
    try:
        return service.get(f"/v1/sites/{in_path(id)}", Site)
    except Refused:
        return None


def show(service: Service, out: Output) -> None:
    """Show what the network is made of."""
    raised = all_raised(service)
    drawn = service.get("/v1/map", NetworkMap)
    stored = service.get("/v1/generation", Generations)
    told = views.counted(drawn)
    if out.as_json:
        out.document({"generations": stored, **told, "alarms": raised.alarms})
    elif out.as_csv:
        out.sheet(sheets.network(told))
    else:
        out.show(*alarms.shown(raised), views.whole(stored, told))


def list_nodes(service: Service, out: Output, tier: str | None, state: str | None, province: str | None) -> None:
    """List nodes, what is in trouble first; of the whole network also what else is in trouble."""
    found = list(service.every("/v1/nodes", Node, tier=tier, state=state, province=province))
    raised = all_raised(service)
    if out.as_json:
        out.document({"items": found, "alarms": raised.alarms})
        return
    if not found and not out.as_csv:
        out.note("There is no such node.")
        return
    held = service.every("/v1/allocations", AllocationOut, status="disturbed") if raised.alarms["disturbed_shards"] else ()
    disturbed = Counter(one["node"] or "" for one in held)
    if out.as_csv:
        out.sheet(sheets.nodes(found, disturbed))
        return
    about_all = tier is None and state is None and province is None
    out.show(*(alarms.shown(raised) if about_all else ()), views.nodes(found, disturbed))


def show_node(service: Service, out: Output, id: str) -> None:
    """Show one node, how full it is and what runs there."""
    node = service.get(f"/v1/nodes/{in_path(id)}", Node)
    if out.as_csv:
        out.sheet(sheets.decisions(service.every("/v1/allocations", AllocationOut, node=id), in_force=True))
        return
    keys = [id, *(f"{id}/{pool['accelerator']}" for pool in node["pools"])]
    uses = [use for key in keys for use in service.every("/v1/allocations/usage", UseOut, key=key)]
    shards = service.get("/v1/allocations", Page[AllocationOut], node=id, limit=_SHARDS + 1)["items"]
    if out.as_json:
        out.document({"node": node, "usage": uses, "shards": list(service.every("/v1/allocations", AllocationOut, node=id))})
    else:
        out.show(views.node(node, uses, shards[:_SHARDS], len(shards) > _SHARDS, site_names(service) if shards else {}))


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
