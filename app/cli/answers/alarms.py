"""What needs somebody's eye."""

from __future__ import annotations

from typing_extensions import TypedDict


class StalePlan(TypedDict):
    """A plan in force that does not know the world as it is."""

    plan: str
    generation: int
    changed: list[str]
    newest: int


class Alarms(TypedDict):
    """What needs somebody's eye now; all zero and null when nothing does."""

    failed_nodes: int
    draining_nodes: int
    disturbed_shards: int
    unlawful_shards: int
    refused_shards: int
    stale: StalePlan | None
