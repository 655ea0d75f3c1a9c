"""What the commands of `edgeplan network` and `edgeplan node` do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.cli.answers import AllocationOut, Generations, NetworkMap, Node, Page, Replaced, UseOut
from app.cli.client import Service, in_path
from app.cli.documents import PARTS, Document, documents
from app.cli.failures import BadInput, Failure
from app.cli.output import Output
from app.cli.views import networks as views
from app.cli.views.words import many

#: Emptied in this order nothing is left that names what is gone.
_EMPTIED = ("workloads", "network", "catalogue", "policies")
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
    """Put documents in the place of what is stored."""
    given = documents(path, parts)
    if if_match is not None and len(given) != 1:
        raise BadInput(f"--if-match speaks of one document, and {path} has {', '.join(given)}.", "Name one with --part.")
    if fresh and (if_match is not None or parts):
        raise BadInput("--fresh empties everything: it does not go together with --if-match or --part.")
    stored = service.get("/v1/generation", Generations)
    if fresh:
        if stored["generation"] and not yes:
            out.confirm(
                f"Empty the store at {service.server}, and end all that runs?",
                f"edgeplan network import {path} --fresh --yes",
            )
        stored = _emptied(service, out, stored)
    done: list[dict[str, Any]] = []
    for name, document in given.items():
        # What was there when the command began, unless somebody says that it must be older.
        meant = if_match if if_match is not None else _generation(stored, name)
        made = _stored(service, out, name, document, meant, done)
        done.append(made)
        if not out.as_json:
            counts = ", ".join(many(count, _ONE.get(kind, kind[:-1]), kind) for kind, count in made["counts"].items())
            out.show(f"{name}: {counts}; generation {made['generation']}")
    if out.as_json:
        out.document({"imported": done})


def _stored(
    service: Service, out: Output, name: str, document: Document, meant: int, done: list[dict[str, Any]]
) -> dict[str, Any]:
    try:
        with out.waiting(f"Storing the {name}"):
            made = service.put(f"/v1/{name}", Replaced, document, if_match=f'"{meant}"')
    except Failure as failure:
        failure.sentence = f"The {name} could not be stored: {failure.sentence}"
        if done:
            stored = ", ".join(one["document"] for one in done)
            failure.details = (*failure.details, f"stored before that, and kept: {stored}")
        raise
    counts = {kind: len(document[kind]) for kind in PARTS[name] if isinstance(document.get(kind), list)}
    return {"document": name, "generation": made["generation"], "counts": counts}


def _emptied(service: Service, out: Output, stored: Generations) -> Generations:
    """Empty the store; the generations that this leaves."""
    with out.waiting("Emptying the store"):
        for name in _EMPTIED:
            body: Document = {"format": _FORMAT, **{kind: [] for kind in PARTS[name]}}
            service.put(f"/v1/{name}", Replaced, body, if_match=f'"{_generation(stored, name)}"')
    return service.get("/v1/generation", Generations)


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


def show(service: Service, out: Output) -> None:
    """Show what the network is made of."""
    drawn = service.get("/v1/map", NetworkMap)
    stored = service.get("/v1/generation", Generations)
    told = views.counted(drawn)
    if out.as_json:
        out.document({"generations": stored, **told})
    else:
        out.show(views.whole(stored, told))


def show_node(service: Service, out: Output, id: str) -> None:
    """Show one node, how full it is and what runs there."""
    node = service.get(f"/v1/nodes/{in_path(id)}", Node)
    keys = [id, *(f"{id}/{pool['accelerator']}" for pool in node["pools"])]
    uses = [use for key in keys for use in service.every("/v1/allocations/usage", UseOut, key=key)]
    shards = service.get("/v1/allocations", Page[AllocationOut], node=id, limit=_SHARDS + 1)["items"]
    if out.as_json:
        out.document({"node": node, "usage": uses, "shards": list(service.every("/v1/allocations", AllocationOut, node=id))})
    else:
        out.show(views.node(node, uses, shards[:_SHARDS], len(shards) > _SHARDS))


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
