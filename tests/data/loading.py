"""Reads the written files back into :class:`solver.facts.problem.Problem`, without the application's schemas."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from solver.facts.catalogue import Accelerator, Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node, Site
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.facts.workloads import Policy, Workload

#: Fields of the files that the solver does not read.
EXTRA = {
    Node: {"name", "name_ko", "lat", "lon", "provenance", "note"},
    Site: {"name", "name_ko", "lat", "lon", "province", "operator", "provenance", "note"},
    Link: {"provenance", "note"},
    Access: {"provenance", "note"},
    Accelerator: {"name", "provenance", "note"},
    Profile: {"name", "provenance", "note"},
    Policy: {"name", "description", "law", "provenance", "note"},
    Workload: {"name", "note", "movable"},
}


def read(folder: Path, name: str) -> dict[str, Any]:
    """The document `name`.json of `folder`."""
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def problem_from(folder: Path) -> Problem:
    """The whole question that the files of `folder` ask."""
    network, catalogue = read(folder, "network"), read(folder, "catalogue")
    request = read(folder, "request")
    return Problem(
        Network(
            tuple(made(Node, body) for body in network["nodes"]),
            tuple(made(Link, body) for body in network["links"]),
            tuple(made(Site, body) for body in network["sites"]),
            tuple(made(Access, body) for body in network["accesses"]),
        ),
        Catalogue(
            tuple(made(Accelerator, body) for body in catalogue["accelerators"]),
            tuple(made(Profile, body) for body in catalogue["profiles"]),
        ),
        tuple(made(Policy, body) for body in read(folder, "policies")["policies"]),
        tuple(workload_of(body) for body in request["workloads"]),
        made(Terms, request["terms"]),
    )


def workload_of(body: dict[str, Any]) -> Workload:
    """A workload. The files say of what runs no more than its nodes; what is not movable stays on them."""
    runs = tuple(Placement(body["id"], shard, node) if node else None for shard, node in enumerate(body.get("current", ())))
    known = {name: item for name, item in body.items() if name != "current"}
    return replace(made(Workload, known), current=runs, stays=not body.get("movable", True))


def made(kind: type[Any], body: dict[str, Any]) -> Any:
    """A dataclass of `kind` from its fields; a field that neither it nor `EXTRA` knows is refused."""
    hints = typing.get_type_hints(kind)
    known = {spec.name for spec in fields(kind)}
    strangers = body.keys() - known - EXTRA.get(kind, set())
    if strangers:
        raise ValueError(f"{kind.__name__} has no field {sorted(strangers)}")
    missing = [s.name for s in fields(kind) if s.name not in body and s.default is MISSING and s.default_factory is MISSING]
    if missing:
        raise ValueError(f"{kind.__name__} {body.get('id')} lacks {missing}")
    return kind(**{name: _value(hints[name], body[name]) for name in body.keys() & known})


def _value(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _value(next(part for part in arguments if part is not type(None)), value)
    if origin is frozenset:
        return frozenset(_value(arguments[0], item) for item in value)
    if origin is tuple:
        inner = arguments[0] if arguments[-1] is Ellipsis else None
        if inner is None:
            return tuple(_value(part, item) for part, item in zip(arguments, value, strict=True))
        return tuple(_value(inner, item) for item in value)
    if isinstance(hint, type):
        if issubclass(hint, Enum):
            return hint(value)
        if issubclass(hint, date):
            return date.fromisoformat(value)
        if is_dataclass(hint):
            return made(hint, value)
        if hint is int and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"{value!r} is not a whole number")
    return value
