"""What would change from one plan to another."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from app.cli.answers.figures import GoalCost


class TermDifference(TypedDict):
    """A term on which two plans do not agree."""

    field: str
    this: Any
    other: Any


class GoalDifference(TypedDict):
    """What one goal costs under two plans."""

    goal: str
    krw_month: int
    other_krw_month: int


class ShardChange(TypedDict):
    """What would become of one shard."""

    workload: str
    shard: int
    action: str
    from_node: str | None
    to_node: str | None
    from_profile: str | None
    to_profile: str | None
    from_servers: int | None
    to_servers: int | None


class Comparison(TypedDict):
    """What would change from one plan to another."""

    plan: str
    other: str | None
    terms: list[TermDifference]
    not_operating: list[str]
    same_workloads: int
    cost: int
    other_cost: int
    cost_by_goal: list[GoalDifference]
    request_cost: int | None
    request_cost_by_goal: list[GoalCost] | None
    kept: int
    moved: int
    resized: int
    placed: int
    unplaced: int
    ended: int
    disturbed: int
    items: list[ShardChange]
    next: str | None
