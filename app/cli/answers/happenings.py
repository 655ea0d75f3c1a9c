"""Events."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class EventOut(TypedDict):
    """Something that happened."""

    id: int
    at: str
    type: str
    severity: str
    generation: int | None
    plan: str | None
    node: str | None
    detail: dict[str, Any]


class EventPage(TypedDict):
    """What happened, oldest first."""

    items: list[EventOut]
    next: int | str | None
    last: int
