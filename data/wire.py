"""How entities are written to files: the fields of the dataclasses in :mod:`solver.facts`, one entity a line.

Fields at their default are left out, sets become sorted lists, dates ISO strings, and a placement of what runs the id of
its node. What the solver has no use for (names, coordinates, provenance) travels beside the entity as extra fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from solver.facts.placement import Placement

#: Version of the file format, written at the head of every file.
FORMAT = "edgeplan/1"

#: What all prices and values are counted in: whole won.
MONEY = {"currency": "KRW", "per_unit": 1}

#: How a figure came about: read in a source, computed from such figures, or estimated here.
BASES = ("published", "computed", "estimated")


@dataclass(frozen=True)
class Origin:
    """Where figures come from: `fields` names them ("*": every field not named elsewhere), `basis` is one of `BASES`."""

    fields: tuple[str, ...]
    basis: str
    source: str

    def __post_init__(self) -> None:
        if self.basis not in BASES or not self.source or not self.fields:
            raise ValueError(f"an origin needs fields, a source and a basis of {BASES}: {self}")


def published(source: str, *names: str) -> Origin:
    """Figures that were read in `source`; every figure when no field is named."""
    return Origin(names or ("*",), "published", source)


def computed(source: str, *names: str) -> Origin:
    """Figures that were computed here, as `source` says."""
    return Origin(names or ("*",), "computed", source)


def estimated(source: str, *names: str) -> Origin:
    """Figures that nobody published: an assumption of this project, with its reason in `source`."""
    return Origin(names or ("*",), "estimated", source)


def plain(value: Any) -> Any:
    """`value` as JSON knows it."""
    if isinstance(value, Placement):
        return value.node
    if is_dataclass(value) and not isinstance(value, type):
        return entity(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


#: Fields of each dataclass with their defaults, looked up once.
_FIELDS: dict[type[Any], tuple[tuple[str, Any], ...]] = {}


def _fields(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    if kind not in _FIELDS:
        out = []
        for spec in fields(kind):
            default = spec.default
            if default is MISSING and spec.default_factory is not MISSING:
                default = spec.default_factory()
            out.append((spec.name, default))
        _FIELDS[kind] = tuple(out)
    return _FIELDS[kind]


def entity(value: Any, /, **extra: Any) -> dict[str, Any]:
    """The fields of the dataclass `value` that differ from their default, then the `extra` ones that are not None.

    `lat` and `lon` are kept when None: a place that is undisclosed is said to be.
    """
    body: dict[str, Any] = {}
    for name, default in _fields(type(value)):
        item = getattr(value, name)
        if default is MISSING or item != default:
            body[name] = plain(item)
    for name, item in extra.items():
        if item is not None or name in ("lat", "lon"):
            body[name] = plain(item)
    return body


def line(body: Mapping[str, Any]) -> str:
    """One entity as one line of JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(", ", ": "))


def write_document(
    path: Path, head: Mapping[str, Any], lists: Iterable[tuple[str, Iterable[Mapping[str, Any]]]], **tail: Any
) -> None:
    """Write one JSON object: the fields of `head`, then each named list one entity a line, then the fields of `tail`.

    The lists are consumed as they are written, so their entities need never be in memory together.
    """
    with path.open("w", encoding="utf-8", newline="\n") as out:
        separator = "{\n"
        for name, item in head.items():
            out.write(f'{separator}"{name}": {line_of(item)}')
            separator = ",\n"
        for name, bodies in lists:
            out.write(f'{separator}"{name}": [')
            _write_list(out, bodies)
            out.write("]")
            separator = ",\n"
        for name, item in tail.items():
            out.write(f'{separator}"{name}": {line_of(item)}')
            separator = ",\n"
        out.write("\n}\n")


def line_of(item: Any) -> str:
    """Any value as one line of JSON."""
    return json.dumps(plain(item), ensure_ascii=False, separators=(", ", ": "))


def _write_list(out: TextIO, bodies: Iterable[Mapping[str, Any]]) -> None:
    separator = "\n"
    for body in bodies:
        out.write(separator + line(body))
        separator = ",\n"
    if separator == ",\n":
        out.write("\n")
