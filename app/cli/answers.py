"""What the service answers, as far as the command line reads it.

Each class bears the name of a schema of the service's OpenAPI document and has some of its fields; more fields in an
answer are no fault, so that an older command line can talk to a newer service. A test compares the two.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, NotRequired, TypeVar

from typing_extensions import TypedDict

Item = TypeVar("Item")

PlanStatus = Literal["queued", "running", "finished", "cancelled", "failed"]


class Page(TypedDict, Generic[Item]):
    """One page of a list, and the cursor of the next."""

    items: list[Item]
    next: str | None


class FaultOut(TypedDict):
    """One thing that is wrong with a request."""

    field: str
    message: str
    expected: str | None
    value: NotRequired[str | None]
    fix: NotRequired[str | None]
    document: NotRequired[str | None]
    id: NotRequired[str | None]


class Problem(TypedDict):
    """A refusal (RFC 9457)."""

    title: str
    code: str
    detail: str
    errors: list[FaultOut]


class Generations(TypedDict):
    """The newest generation, and the one that last changed each part."""

    generation: int
    network: int
    catalogue: int
    policies: int
    workloads: int
    allocation: int


class DocumentImported(TypedDict):
    """What became of one document."""

    document: str
    generation: int
    counts: dict[str, int]
    added: dict[str, int]
    changed: dict[str, int]
    removed: dict[str, int]


class Imported(TypedDict):
    """Documents have taken the place of others."""

    generation: int
    documents: list[DocumentImported]
    ended_shards: int
    backup: str | None
    sentence: str


class Pool(TypedDict):
    """Accelerators of one kind at a node."""

    accelerator: str
    count: int
    price_krw_month: int


class Certification(TypedDict):
    """A certificate of a node."""

    name: str
    expires: str | None


class Node(TypedDict):
    """A place with compute."""

    id: str
    name: str | None
    tier: str
    state: str
    commitment: str
    available_from: str | None
    province: str
    country: str
    owner: str
    owner_country: str
    operator: str
    operator_country: str | None
    control_jurisdictions: list[str] | None
    certifications: list[Certification]
    pools: list[Pool]
    vcpu: int
    memory_mib: int
    power_w: int


class Workload(TypedDict):
    """What is to be placed."""

    id: str


class GoalCost(TypedDict):
    """What one goal costs."""

    goal: str
    krw_month: int


class Tally(TypedDict):
    """How many workloads, shards of them, and devices."""

    workloads: int
    shards: int
    devices: int


class UseOut(TypedDict):
    """How much of one limited thing is used."""

    rule: str
    key: str
    resource: str
    unit: str
    used: int
    capacity: int
    used_permille: int


class PricedUse(UseOut):
    """How much of one limited thing is used, and what one more unit of it would save."""

    price_krw: float | None


class CapacityGroup(TypedDict):
    """How much of one resource some nodes have and use together."""

    by: str
    group: str
    resource: str
    unit: str
    nodes: int
    used: int
    capacity: int
    used_permille: int


class Capacity(TypedDict):
    """How full everything is."""

    plan: str | None
    groups: list[CapacityGroup]
    tightest: list[PricedUse]


class TightShard(TypedDict):
    """A placed shard with little time to spare."""

    workload: str
    shard: int
    node: str
    deadline_us: int
    margin_us: int


class Margins(TypedDict):
    """How much of their deadline placed shards have to spare."""

    least_us: int
    p05_us: int
    median_us: int
    p95_us: int
    tightest: list[TightShard]


class TierTally(TypedDict):
    """What runs in one tier."""

    tier: str
    shards: int
    devices: int


class GroupUse(TypedDict):
    """How much of one resource the nodes of a group use together."""

    group: str
    resource: str
    unit: str
    nodes: int
    used: int
    capacity: int
    used_permille: int


class Summary(TypedDict):
    """A plan in figures."""

    placed: Tally
    refused: Tally
    cost_krw_month: int
    cost_by_goal: list[GoalCost]
    by_tier: list[TierTally]
    tightest: list[UseOut]
    margins: Margins | None


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


class Latency(TypedDict):
    """Where the time of a request goes, at the 99th percentile."""

    access_us: int
    transfer_us: int
    transport_us: int
    service_us: int
    waiting_us: int
    margin_us: int
    deadline_us: int


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


class Disturbed(TypedDict):
    """Why a shard is disturbed: it breaks rules where it runs and is tolerated there, at a price."""

    rules: list[str]
    sentence: str
    unlawful: bool


class Decision(TypedDict):
    """Where one shard of one workload runs; node and what follows are null where it is unplaced."""

    workload: str
    shard: int
    status: str
    site: str
    policy: str
    model: str
    devices: int
    in_request: bool
    previous_node: str | None
    node: str | None
    tier: str | None
    profile: str | None
    servers: int | None
    route: list[str]
    latency: Latency | None
    role: str
    cards: list[tuple[int, int]]
    batch_limit: int
    disturbed: Disturbed | None


class AllocationOut(Decision):
    """A decision in force."""

    since_generation: int
    disturbed_since: int | None


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


class NodeColumns(TypedDict):
    """Nodes, in the order of their ids; see :class:`NetworkMap`."""

    id: list[str]
    name: list[str | None]
    lat: list[float | None]
    lon: list[float | None]
    tier: list[int]
    state: list[int]
    commitment: list[int]
    province: list[int]
    owner: list[int]
    sovereignty: list[int]
    cards: list[list[tuple[int, int]]]


class SiteColumns(TypedDict):
    """Demand sites, in the order of their ids."""

    id: list[str]
    lat: list[float | None]
    lon: list[float | None]
    kind: list[int]


class LinkColumns(TypedDict):
    """Links; their ends are places in the columns of nodes."""

    id: list[str]
    source: list[int]
    target: list[int]


class NetworkMap(TypedDict):
    """The network in columns, which hold places in lists of words; -1 is none."""

    generation: int
    tiers: list[str]
    states: list[str]
    commitments: list[str]
    provinces: list[str]
    owners: list[str]
    kinds: list[str]
    accelerators: list[str]
    sovereignties: list[str]
    nodes: NodeColumns
    sites: SiteColumns
    links: LinkColumns


class ShardColumns(TypedDict):
    """Shards, as far as they are drawn."""

    site: list[int]
    node: list[int]
    status: list[int]
    margin_us: list[int | None]
    deadline_us: list[int]


class LoadColumns(TypedDict):
    """How full each node is: its fullest resource, and its cards together."""

    node: list[int]
    resource: list[int]
    used_permille: list[int]
    cards_permille: list[int | None]


class PlacementMap(TypedDict):
    """What runs where, in columns."""

    generation: int
    plan: str | None
    sites: list[str]
    nodes: list[str]
    resources: list[str]
    statuses: list[str]
    shards: ShardColumns
    load: LoadColumns
