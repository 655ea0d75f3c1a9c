"""What the commands of `edgeplan network` do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.cli.answers import DocumentImported, FormatOut, Generations, Imported, NetworkMap
from app.cli.common.alarms import raised as all_raised
from app.cli.common.client import Service
from app.cli.common.documents import PARTS, Document, documents
from app.cli.common.output import Output
from app.cli.failures import BadInput, Failure
from app.cli.views import alarms, sheets
from app.cli.views import network as views
from app.cli.views.parts.words import many

#: Where whole documents are read, if they are.
_WHOLE = {"network": "/v1/network", "catalogue": "/v1/catalogue"}
_FORMAT = "edgeplan/1"
#: The format that every document comes in.
_JSON = "json"
#: What one is called of a kind whose name does not merely end in s.
_ONE = {"accesses": "access", "policies": "policy"}


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
            f"Replace all that is stored at {service.server} by these documents, and end all that runs?",
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
    out.answer(lambda: made, lambda: (*map(_document_line, made["documents"]), made["sentence"]))


def _document_line(one: DocumentImported) -> str:
    counts = ", ".join(many(count, _ONE.get(kind, kind[:-1]), kind) for kind, count in one["counts"].items())
    same = not (one["added"] or one["changed"] or one["removed"])
    return f"{one['document']}: {counts}; generation {one['generation']}{', as it was' if same else ''}"


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


def show_formats(service: Service, out: Output) -> None:
    """List the formats in which the network is exported."""
    found = _formats(service)
    out.answer(lambda: {"items": found}, lambda: (views.formats(found),), lambda: sheets.formats(found))


def export(service: Service, out: Output, format: str, part: str, path: Path | None) -> None:
    """Write what is stored to standard output, a file or a folder."""
    if part != "network" and format != _JSON:
        raise BadInput(f"Only the network comes as {format}; the {part} comes as json.")
    if path is not None and path.is_dir():
        if format != _JSON:
            raise BadInput(f"{path} is a folder; into one everything goes as json.", "Name a file to write to.")
        _report(out, [_written(service, name, None, path / f"{name}.json") for name in PARTS])
        return
    other = None if format == _JSON else _format(service, format)
    is_json = other is None or other["media_type"].endswith("json")
    if path is not None:
        _report(out, [_written(service, part, other, path)])
    elif out.as_json and other is not None and not is_json:
        raise BadInput(f"{other['title']} is not JSON.", "Write it to a file: -o FILE")
    else:
        with out.waiting("Reading"):
            content, generation = _content(service, part, other)
        out.file(content, is_json)
        out.note(f"Generation {generation}. To import it over nothing newer: --if-match {generation}")


def _formats(service: Service) -> list[FormatOut]:
    return [one for one in service.get("/v1/formats", list[FormatOut]) if one["export"] is not None]


def _format(service: Service, name: str) -> FormatOut:
    """The format of a name, as the service has it."""
    found = {one["name"]: one for one in _formats(service)}
    if name not in found:
        raise BadInput(f"There is no format {name!r}; the service exports {', '.join(found)}.")
    return found[name]


def _written(service: Service, part: str, other: FormatOut | None, path: Path) -> dict[str, Any]:
    content, generation = _content(service, part, other)
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    return {"document": part, "file": str(path), "generation": generation, "bytes": len(content.encode())}


def _report(out: Output, written: list[dict[str, Any]]) -> None:
    lines = (f"{one['document']}: {one['file']}, {one['bytes']:,} bytes, generation {one['generation']}" for one in written)
    out.answer(lambda: {"exported": written}, lambda: (*lines,))


def _content(service: Service, part: str, other: FormatOut | None) -> tuple[str, int]:
    """A document as text, in JSON or the network in another format, and the generation that last changed it."""
    whole = _WHOLE.get(part) if other is None else other["export"]
    if whole is not None:
        answer = service.ask("GET", whole)
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
    raised = all_raised(service)
    drawn = service.get("/v1/map", NetworkMap)
    stored = service.get("/v1/generation", Generations)
    told = views.counted(drawn)
    out.answer(
        lambda: {"generations": stored, **told, "alarms": raised.alarms},
        lambda: (*alarms.shown(raised), views.whole(stored, told)),
        lambda: sheets.network(told),
    )
