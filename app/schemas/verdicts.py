"""Judgements: what the verifier says of a plan, and why a workload runs where it does, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, JsonValue

from app.schemas.accounts import Subject, subject_told
from app.schemas.figures import Cost, GoalCost, Micros, UseOut, goals, tightest
from app.schemas.wire import Wire
from app.store.records import UsageRow
from solver import Problem, Verdict, Violation

#: How many violations, unplaced shards and the like one answer lists.
LISTED = 1000


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
    resource: str | None = Field(default=None, description="Of which account there is too little; null of other rules.")
    subject: Subject | None = Field(default=None, description="What has that account.")


class UnplacedShard(Wire):
    """A shard without a place."""

    workload: str
    shard: int


class VerdictOut(Wire):
    """What the verifier says of a plan."""

    ok: bool
    generation: int = Field(description="The generation it was judged on.")
    cost: Cost
    cost_by_goal: tuple[GoalCost, ...]
    violations: tuple[ViolationOut, ...] = Field(description="The first thousand.")
    violation_count: int
    unplaced: tuple[UnplacedShard, ...] = Field(description="The first thousand.")
    unplaced_count: int
    disturbed: tuple[ViolationOut, ...] = Field(
        default=(),
        description="What is broken already and tolerated where it stays, unlawful ones first. The first thousand.",
    )
    disturbed_count: int = 0
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


class RepairChange(Wire):
    """One field of one entity gets another value, as `PATCH /v1/{kind}/{id}` takes it.

    Of kinds terms and scope it is a field of the request; in a scope it concerns the workload `id`.
    """

    kind: Literal["workloads", "nodes", "links", "accesses", "policies", "terms", "scope"]
    id: str
    field: str
    value: JsonValue


class Holder(Wire):
    """A workload that holds room that a shard lacks."""

    workload: str
    shards: int
    amount: int


class Repair(Wire):
    """The least change of what one rule speaks of that would give a shard a place, found to hold by carrying it out."""

    rule: str
    nodes: int = Field(description="Nodes that would then take the shard.")
    node: str | None = Field(None, description="The one of them that the change is measured by.")
    cost: int | None = Field(None, description="What the shard would cost there, in money a month.")
    change: tuple[RepairChange, ...] = ()
    sentence: str = ""
    scope: str = Field("", description="Where others hold the room: the scope of a request that could free it.")
    holders: tuple[Holder, ...] = Field((), description="Who holds that room, largest first.")


class Refusal(Wire):
    """Why a shard runs nowhere."""

    sentence: str
    reasons: tuple[Reason, ...] = Field(description="Rules that say no, with how many nodes each refuses.")
    repairs: tuple[Repair, ...] = Field(description="Changes that would give it a place, each of one rule alone.")
    holders: tuple[Holder, ...] = Field((), description="Who holds the room that the nearest node lacks, largest first.")


class Candidate(Wire):
    """A node where a shard could run, or why it cannot."""

    node: str
    profile: str = Field(description="What it would run on there.")
    servers: int
    hardware: bool = Field(description="Whether the node has, full or not, what that profile runs on.")
    cost: int | None = Field(description="Money a month; null where it is refused.")
    refusals: tuple[ViolationOut, ...] = Field(description="Every rule that says no; empty where it would fit.")


class PlacedShard(Wire):
    """A shard in its place, and the next-best place."""

    shard: int
    node: str
    profile: str
    servers: int
    batch_limit: int = Field(description="Requests that a server takes at once: the latency holds with this limit.")
    route: tuple[str, ...]
    latency: Latency
    cost_by_goal: tuple[GoalCost, ...]
    next_best: Candidate | None
    extra_cost: int | None = Field(description="What the next-best node would cost more, in money a month.")


class ExplanationOut(Wire):
    """The story of one workload under one plan."""

    plan: str
    workload: str
    generation: int
    placed: tuple[PlacedShard, ...]
    unplaced: tuple[int, ...] = Field(
        description="Shards that run nowhere; the refusal speaks of one with the fewest devices."
    )
    stuck: tuple[int, ...] = Field(
        default=(), description="Shards that stay where they are disturbed, since no other place takes them."
    )
    refusal: Refusal | None = Field(description="Why, in short; null when every shard is placed.")
    candidates: tuple[Candidate, ...] = Field(
        description="For unplaced shards: the nodes, those that come nearest to taking it first."
    )
    candidate_count: int


def said(broken: Violation) -> ViolationOut:
    """A violation on the wire."""
    return ViolationOut(
        rule=broken.rule,
        workload=broken.workload,
        shard=broken.shard,
        node=broken.node,
        needed=broken.needed,
        available=broken.available,
        unit=broken.unit,
        sentence=broken.sentence,
        resource=None if broken.account is None else broken.account.resource,
        subject=None if broken.account is None else subject_told(broken.account),
    )


def judged(problem: Problem, generation: int, verdict: Verdict, uses: Sequence[UsageRow]) -> VerdictOut:
    """A verdict on a plan of a problem, by name."""
    workloads = problem.workloads
    unplaced = [(workloads[w].id, shard) for w, shard in verdict.unplaced if workloads[w].is_free(shard)]
    return VerdictOut(
        ok=verdict.ok,
        generation=generation,
        cost=verdict.cost,
        cost_by_goal=goals(verdict.cost_by_goal),
        violations=tuple(said(broken) for broken in verdict.violations[:LISTED]),
        violation_count=len(verdict.violations),
        unplaced=tuple(UnplacedShard(workload=name, shard=shard) for name, shard in unplaced[:LISTED]),
        unplaced_count=len(unplaced),
        disturbed=tuple(said(broken) for broken in verdict.disturbed[:LISTED]),
        disturbed_count=len(verdict.disturbed),
        use=tightest(uses),
    )
