"""From what the validation says of a value to a fault in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import Fault

#: Longest path that is told: part of it may be what the caller wrote.
MOST_CHARACTERS = 300


def worded(error: Mapping[str, Any]) -> Fault:
    """An error of pydantic as a fault. Its place is taken as it stands; no place at all is the whole body."""
    return Fault(path(error["loc"]) or "body", str(error["msg"]), expected(error))


def path(parts: Sequence[Any]) -> str:
    """`("workloads", 3, "devices")` as `workloads[3].devices`."""
    said = ""
    for part in parts:
        if isinstance(part, int):
            said += f"[{part}]"
        else:
            said += f".{part}" if said else str(part)
    said = said.encode(errors="replace").decode()
    return said if len(said) <= MOST_CHARACTERS else f"{said[:MOST_CHARACTERS]} ..."


def expected(error: Mapping[str, Any]) -> str | None:
    """What would have been right in its place, as far as the error says it."""
    if error["type"] == "extra_forbidden":
        return "no such field"
    context = error.get("ctx") or {}
    said = {name: value for name, value in context.items() if isinstance(value, str | int | float)}
    return json.dumps(said, ensure_ascii=False) if said else None
