"""Where in a value an error is, and what belongs there, in words.

It is told from the JSON schema of what is validated, so that the sentence, the documentation and the check never differ:
a range, the words of an enumeration, the fields of an object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from app.schemas.naming import LISTED, SHOWN, all_of, count, either, figure, printable
from app.schemas.wire import PATTERNS

#: The path of a value as a whole.
WHOLE = "body"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an error is: its path in words, the schema of what belongs there, and of the object that it stands in.

    `unions` are the beginnings of the location at which one of several kinds of values was taken.
    """

    path: str
    schema: Schema | None
    around: Schema | None
    definitions: Schema
    unions: tuple[tuple[Any, ...], ...] = ()

    def resolved(self, schema: Schema | None) -> Schema:
        return _resolved(schema or {}, self.definitions)


@lru_cache(maxsize=256)
def _schema_of(kind: Any) -> Schema:
    schema: Schema = TypeAdapter(kind).json_schema()
    return schema


def place_of(loc: tuple[Any, ...], kind: Any) -> Place:
    """Follow a location of pydantic's through the schema of what was validated."""
    whole: Schema = _schema_of(kind) if kind is not None else {}
    definitions = whole.get("$defs", {})
    schema: Schema | None = whole or None
    around: Schema | None = None
    said = ""
    unions: list[tuple[Any, ...]] = []
    for at, part in enumerate(loc):
        if part == "[key]":
            schema = {"type": "string", **_names_of(around or {})}
            continue
        here = _resolved(schema or {}, definitions)
        branches = [_resolved(one, definitions) for one in here.get("anyOf", ())]
        if len([one for one in branches if one.get("type") != "null"]) > 1:
            label = next((one for one in branches if _is_label(part, one)), None)
            if label is not None:
                unions.append(loc[:at])
                schema = label
                continue
        around = _container(here, branches, part)
        schema = _within(around, part)
        said = _joined(said, part)
    return Place(said or WHOLE, schema, around, definitions, tuple(unions))


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """A schema itself, where it only refers to one; of one or null the one."""
    while "$ref" in schema:
        schema = {
            **definitions.get(schema["$ref"].rpartition("/")[2], {}),
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    others = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(others) == 1:
        return {**_resolved(others[0], definitions), "nullable": True}
    return schema


def _is_label(part: Any, branch: Schema) -> bool:
    """Whether a part of a location only says which of several kinds of values was tried."""
    if not isinstance(part, str):
        return False
    if part == branch.get("title"):
        return branch.get("type") == "object"
    if part.startswith("literal["):
        return "const" in branch or "enum" in branch
    return part in _LABELS.get(str(branch.get("type")), ()) and "const" not in branch


#: Type of a schema -> how pydantic calls it in a location.
_LABELS = {
    "string": ("str", "constrained-str"),
    "integer": ("int", "constrained-int"),
    "number": ("float", "constrained-float"),
    "boolean": ("bool",),
}


def _container(here: Schema, branches: Sequence[Schema], part: Any) -> Schema:
    """What holds a part: the schema itself, or the one of several that can."""
    wanted = "array" if isinstance(part, int) else "object"
    return next((one for one in branches if one.get("type") == wanted), here)


def _within(around: Schema, part: Any) -> Schema | None:
    if isinstance(part, int):
        items = around.get("prefixItems", ())
        found = items[part] if part < len(items) else around.get("items")
    else:
        more = around.get("additionalProperties") or next(iter(around.get("patternProperties", {}).values()), None)
        found = around.get("properties", {}).get(part, more if isinstance(more, Mapping) else None)
    return found if isinstance(found, Mapping) else None


def _names_of(around: Schema) -> Schema:
    """What the names in an object may be, where any are taken that look so."""
    pattern = next(iter(around.get("patternProperties", ())), None)
    return {**(around.get("propertyNames") or {}), **({} if pattern is None else {"pattern": pattern})}


def _joined(path: str, part: Any) -> str:
    """A path and one more part of it."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    name = printable(str(part)[:SHOWN])
    return f"{path}.{name}" if path else name


def path(parts: Iterable[Any]) -> str:
    """The path that some names and places make: `workloads`, 3 and `devices` are `workloads[3].devices`."""
    said = ""
    for part in parts:
        said = _joined(said, part)
    return said


def words_of(schema: Schema) -> list[str]:
    """The words of an enumeration of words; none of anything else."""
    words = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return [word for word in words if isinstance(word, str)] if all(isinstance(word, str) for word in words) else []


def expected_at(schema: Schema, place: Place, deep: int = 0) -> str | None:
    """What belongs where a schema stands, in words; None where nothing is known of it."""
    schema = place.resolved(schema)
    said = _plainly(schema, place, deep)
    if said is None:
        return None
    return f"{said}, or null" if schema.get("nullable") else said


def _plainly(schema: Schema, place: Place, deep: int) -> str | None:
    if "anyOf" in schema:
        parts = [expected_at(one, place, deep + 1) for one in schema["anyOf"]]
        return "; or ".join(dict.fromkeys(part for part in parts if part)) or None
    words = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if words is not None:
        said = [json.dumps(word) if not isinstance(word, str) else repr(word) for word in words]
        return said[0] if len(said) == 1 else f"one of {either(said)}"
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "string":
        return _text(schema)
    if kind == "array":
        return _list(schema, place, deep)
    if kind == "object":
        return _object(schema, place, deep)
    return {"boolean": "true or false", "null": "null"}.get(str(kind))


def _number(schema: Schema) -> str:
    what = "a whole number" if schema["type"] == "integer" else "a number"
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    parts = [
        f"from {figure(low)}" if low is not None and high is not None else "",
        f"to {figure(high)}" if low is not None and high is not None else "",
        f"of at least {figure(low)}" if low is not None and high is None else "",
        f"above {figure(above)}" if above is not None else "",
        f"{'and ' if above is not None else 'of '}at most {figure(high)}" if high is not None and low is None else "",
    ]
    return " ".join((what, *(part for part in parts if part)))


def _text(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "a day written as '2026-12-01'"
    if schema.get("format") == "date-time":
        return "a moment written as '2026-12-01T09:00:00Z'"
    known = PATTERNS.get(str(schema.get("pattern")))
    most = schema.get("maxLength")
    return ("text" if known is None else known.words) + ("" if most is None else f", at most {most:,} characters")


def _list(schema: Schema, place: Place, deep: int) -> str:
    parts = schema.get("prefixItems")
    if parts:
        inner = [expected_at(part, place, deep + 1) or "a value" for part in parts]
        return f"a list of {len(inner)}: " + ", then ".join(inner)
    inside = expected_at(schema.get("items", {}), place, deep + 1) if deep < 1 else None
    least, most = schema.get("minItems"), schema.get("maxItems")
    size = f" of at least {count(least, 'entry', 'entries')}" if least else f" of at most {most:,} entries" if most else ""
    return f"a list{size}" + (f", each {inside}" if inside else "")


def _object(schema: Schema, place: Place, deep: int) -> str:
    needed = schema.get("required", [])
    if needed and deep < 2:
        return f"an object with {all_of([str(name) for name in needed])}"
    names = list(schema.get("properties", {}))
    if names and deep < 1:
        return f"an object with any of {all_of(names[:LISTED])}"
    inside = _within(schema, "")
    if inside is not None and deep < 1:
        kind_of_name = _text({"type": "string", **_names_of(schema)})
        return f"an object: each name {kind_of_name}, each value {expected_at(inside, place, deep + 1)}"
    return "an object"
