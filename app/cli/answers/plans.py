"""Plans: what was asked, how far they have come, and what applying one has done."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from app.cli.answers.figures import GoalCost, Summary

PlanStatus = Literal["queued", "running", "finished", "cancelled", "failed"]


class Weights(TypedDict):
    """What each goal counts, in thousandths of its won."""

    unplaced: int
    accelerators: int
    energy: int
    transport: int
    moves: int


class ShareCap(TypedDict):
    """No single owner, operator or vendor serves more than a share of the devices."""

    of: str
    permille: int
    name: str | None


class Terms(TypedDict):
    """As of which day, on how firm a commitment, at which weights and caps a plan is asked for; null: as in force."""

    horizon: str
    lowest_commitment: str | None
    weights: Weights | None
    share_caps: list[ShareCap] | None


class Warned(TypedDict):
    """Something to know before a plan is believed."""

    code: Literal["bound.none", "better.lost", "cut_off", "restored.left_out", "restored.stays"]
    message: str


class Restored(TypedDict):
    """Where a plan comes from that puts back what ran."""

    generation: int
    moment: Literal["after", "before"]


class PlanResult(TypedDict):
    """What a solve came to."""

    warnings: list[Warned]
    status: Literal["optimal", "feasible"]
    cost: int
    bound: int
    gap: float
    request_cost: int | None
    request_cost_by_goal: list[GoalCost]
    placed_shards: int
    unplaced_shards: int
    disturbed_shards: int
    moved_shards: int
    not_operating: list[str]
    restored: Restored | None
    effective_terms: Terms | None
    seconds: float
    first_seconds: float
    bound_seconds: float
    summary: Summary
    cut_off: str | None


class Failure(TypedDict):
    """Why there is no plan."""

    code: str
    reason: str


class ProgressPoint(TypedDict):
    """Best cost and proven bound after some seconds."""

    seconds: float
    cost: int
    bound: int
    gap: float
    unplaced: int
    phase: str


class ProgressSeries(TypedDict):
    """How a solve has gone so far."""

    plan: str
    status: PlanStatus
    points: list[ProgressPoint]


class SolveLimits(TypedDict):
    """How long to search, and from which seed."""

    seconds: float | None
    seed: int


class PlanOut(TypedDict):
    """A plan, as far as it has come."""

    id: str
    name: str | None
    note: str | None
    status: PlanStatus
    what_if: bool
    generation: int | None
    applied_generation: int | None
    submitted_at: str
    started_at: str | None
    finished_at: str | None
    workloads: int
    terms: Terms
    limits: SolveLimits
    priority: str
    best: ProgressPoint | None
    result: PlanResult | None
    failure: Failure | None


class Applied(TypedDict):
    """A plan has become the allocation."""

    plan: str
    generation: int
    placed: int
    moved: int
    resized: int
    unplaced: int
    kept: int
    ended: int
    disturbed: int
    reverified: bool
