"""The project's own format: documents in JSON (`edgeplan/1`), which hold everything and can be imported again."""

from __future__ import annotations

from app.errors import Fault, Unreadable
from app.exchange.format import Format, Reading
from app.schemas.documents import DOCUMENTS, MODELS, NetworkDocument
from app.schemas.expecting import WHOLE
from app.schemas.reading import parsed
from app.schemas.wire import Wire


def write(document: Wire) -> bytes:
    """A document of any kind, in the form in which it is imported."""
    return document.model_dump_json().encode()


def read(data: bytes) -> Reading:
    """The documents in a file. One file may hold several; what belongs to none of them (a request's terms) is left out."""
    try:
        value = parsed(data)
    except Unreadable as error:
        return Reading({}, faults=error.faults or (Fault(WHOLE, str(error), "JSON in UTF-8"),))
    if not isinstance(value, dict):
        return Reading({}, faults=(Fault(WHOLE, "this is no JSON object", "an object with lists of entities"),))
    found = {}
    for name, kinds in DOCUMENTS.items():
        lists = {kind: value[kind] for kind in kinds if kind in value}
        if lists:
            heads = MODELS[name].model_fields.keys() - set(kinds)
            found[name] = {head: value[head] for head in heads if head in value} | lists
    return Reading(found)


FORMAT = Format(
    name="json",
    title="JSON",
    media_type="application/json",
    suffix=".json",
    use="Everything at once, in the form that `PUT /v1/network` takes.",
    write=write,
    read=read,
    schema=NetworkDocument,
)
