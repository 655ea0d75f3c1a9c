"""Judgements: what the verifier says of a plan, and why a workload runs where it does, or nowhere."""

from __future__ import annotations

from pydantic import Field

from app.schemas.figures import GoalCost, Micros, UseOut, Won
from app.schemas.wire import Wire


class ViolationOut(Wire):
    """How a rule says no."""

    rule: str
    workload: str | None
    shard: int | None
    node: str | None
    needed: int
    available: int
    unit: str
    sentence: str


class UnplacedShard(Wire):
    """A shard without a place."""

    workload: str
    shard: int


class VerdictOut(Wire):
    """What the verifier says of a plan."""

    ok: bool
    generation: int = Field(description="The generation it was judged on.")
    cost: Won
    cost_by_goal: tuple[GoalCost, ...]
    violations: tuple[ViolationOut, ...] = Field(description="The first thousand.")
    violation_count: int
    unplaced: tuple[UnplacedShard, ...] = Field(description="The first thousand.")
    unplaced_count: int
    use: tuple[UseOut, ...] = Field(description="The limits with the least left.")


class Latency(Wire):
    """Where the time of a request goes, at the 99th percentile. The parts and the margin add up to the deadline."""

    access_us: Micros
    transfer_us: Micros
    transport_us: Micros
    service_us: Micros
    waiting_us: Micros
    margin_us: Micros
    deadline_us: Micros


class Reason(Wire):
    """How many of the nodes one rule closes."""

    rule: str
    nodes: int


class Refusal(Wire):
    """Why a shard runs nowhere."""

    sentence: str
    reasons: tuple[Reason, ...] = Field(description="Rules that say no, with how many nodes each refuses.")
    repairs: tuple[Reason, ...] = Field(description="Nodes that one rule alone refuses: what relaxing it would open.")


class Candidate(Wire):
    """A node where a shard could run, or why it cannot."""

    node: str
    profile: str | None = Field(description="What it would run on there; null where nothing there runs the model.")
    servers: int
    cost: int | None = Field(description="Won a month; null where it is refused.")
    refusals: tuple[ViolationOut, ...] = Field(description="Every rule that says no; empty where it would fit.")


class PlacedShard(Wire):
    """A shard in its place, and the next-best place."""

    shard: int
    node: str
    profile: str
    servers: int
    route: tuple[str, ...]
    latency: Latency
    cost_by_goal: tuple[GoalCost, ...]
    next_best: Candidate | None
    extra_cost: int | None = Field(description="What the next-best node would cost more, in won a month.")


class ExplanationOut(Wire):
    """The story of one workload under one plan."""

    plan: str
    workload: str
    generation: int
    placed: tuple[PlacedShard, ...]
    unplaced: tuple[int, ...] = Field(description="Shards that run nowhere; they are all alike.")
    refusal: Refusal | None = Field(description="Why, in short; null when every shard is placed.")
    candidates: tuple[Candidate, ...] = Field(
        description="For unplaced shards: the nodes, those that come nearest to taking it first."
    )
    candidate_count: int
