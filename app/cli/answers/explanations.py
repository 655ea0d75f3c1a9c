"""Why a shard runs where it does, and why others run nowhere."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.cli.answers.decisions import Latency
from app.cli.answers.figures import GoalCost


class Reason(TypedDict):
    """How many nodes one rule closes."""

    rule: str
    nodes: int


class Holder(TypedDict):
    """A workload that holds room that a shard lacks."""

    workload: str
    shards: int
    amount: int


class Repair(TypedDict):
    """A change that would give a shard a place."""

    rule: str
    nodes: int
    node: str | None
    cost: int | None
    sentence: str
    scope: str
    holders: list[Holder]


class Refusal(TypedDict):
    """Why a shard runs nowhere."""

    sentence: str
    reasons: list[Reason]
    repairs: list[Repair]
    holders: list[Holder]


class Unplaced(TypedDict):
    """A shard that runs nowhere, and why."""

    workload: str
    shard: int
    site: str
    policy: str
    model: str
    devices: int
    refusal: Refusal | None


class ViolationOut(TypedDict):
    """How a rule says no."""

    rule: str
    node: str | None
    needed: int
    available: int
    unit: str
    sentence: str


class Candidate(TypedDict):
    """A node where a shard could run, or why it cannot."""

    node: str
    profile: str
    servers: int
    cost: int | None
    refusals: list[ViolationOut]


class PlacedShard(TypedDict):
    """A shard in its place, and the next-best place."""

    shard: int
    node: str
    profile: str
    servers: int
    batch_limit: int
    route: list[str]
    latency: Latency
    cost_by_goal: list[GoalCost]
    next_best: Candidate | None
    extra_cost: int | None


class ExplanationOut(TypedDict):
    """The story of one workload under one plan."""

    plan: str
    workload: str
    generation: int
    placed: list[PlacedShard]
    unplaced: list[int]
    stuck: list[int]
    refusal: Refusal | None
    candidates: list[Candidate]
    candidate_count: int
