"""Forms of files in which the network goes out and comes in: a file each, named once, here.

By this tuple follow the endpoints that export, their documentation, `/v1/formats` and the command line's `--format`.
"""

from __future__ import annotations

from app.exchange import geojson, graphml, json_documents
from app.exchange.format import Format, Reading

__all__ = ["FORMATS", "Format", "Reading"]

#: All formats; the project's own first.
FORMATS: tuple[Format, ...] = (json_documents.FORMAT, graphml.FORMAT, geojson.FORMAT)
