"""What is in force, and what changed it."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from app.cli.answers.decisions import Decision
from app.cli.answers.figures import GoalCost, GroupUse, UseOut


class StatusCount(TypedDict):
    """How much is in one status now."""

    status: str
    shards: int
    devices: int


class BrokenRule(TypedDict):
    """How many shards that run break a rule."""

    rule: str
    shards: int


class StandingFigures(TypedDict):
    """What is in force against the network of now, in figures."""

    day: str
    cost_krw_month: int
    cost_by_goal: list[GoalCost]
    use_by_tier: list[GroupUse]
    use_by_province: list[GroupUse]
    tightest: list[UseOut]
    broken: list[BrokenRule]
    unlawful_shards: int


class AllocationRecord(TypedDict):
    """One generation that changed what runs."""

    generation: int
    at: str | None
    plan: str | None
    name: str | None
    placed: int
    moved: int
    resized: int
    ended: int
    unplaced: int
    in_force: bool
    can_restore: bool
    can_undo: bool
    why_not: Literal["history.as_now", "history.not_kept"] | None


class AllocationSummary(TypedDict):
    """The allocation in force, in figures."""

    generation: int
    applied_generation: int | None
    plan: str | None
    now: list[StatusCount]
    standing: StandingFigures | None


class AllocationOut(Decision):
    """A decision in force."""

    since_generation: int
    disturbed_since: int | None
