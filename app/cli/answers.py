"""What the service answers, as far as the command line reads it.

Made of the service's OpenAPI document by `make answers`; what is changed here is lost. `app/cli/typed.py` names the fields.
More of them in an answer are no fault, and neither is another word where there is one of several: an older command line can
talk to a newer service.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict


class Alarms(TypedDict):
    """What needs somebody's eye now; all zero and null when nothing does."""

    failed_nodes: int
    draining_nodes: int
    disturbed_shards: int
    unlawful_shards: int
    refused_shards: int
    stale: StalePlan | None


class AllocationOut(TypedDict):
    """A decision in force."""

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
    since_generation: int
    disturbed_since: int | None


class AllocationRecord(TypedDict):
    """One generation that changed what runs: a plan was applied, or something that ran was ended by a change of what is
    stored.
    """

    generation: int
    at: str | None
    plan: str | None
    name: str | None
    tenant: str
    actor: str
    placed: int
    moved: int
    resized: int
    ended: int
    unplaced: int
    in_force: bool
    can_restore: bool
    can_undo: bool
    why_not: str | None


class AllocationSummary(TypedDict):
    """The allocation in force, in figures."""

    generation: int
    applied_generation: int | None
    plan: str | None
    now: list[StatusCount]
    standing: StandingFigures | None


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


class BrokenRule(TypedDict):
    """How many shards that run break a rule."""

    rule: str
    shards: int


class Candidate(TypedDict):
    """A node where a shard could run, or why it cannot."""

    node: str
    profile: str
    servers: int
    cost: int | None
    refusals: list[ViolationOut]


class Capacity(TypedDict):
    """How full everything is: of the allocation, what runs now against the network of now; above 1000 it is over."""

    plan: str | None
    groups: list[CapacityGroup]
    tightest: list[PricedUse]


class CapacityGroup(TypedDict):
    """How much of one resource the nodes of a tier or a province, or all cards of a kind, have and use."""

    group: str
    resource: str
    unit: str
    nodes: int
    used: int
    capacity: int
    used_permille: int
    by: str


class CardSaving(TypedDict):
    """What one more card of a kind at a node would save a month, by the prices behind the plan's bound."""

    node: str
    accelerator: str
    owner: str
    cards: int
    card_month: int
    before_price_month: int
    net_month: int
    used_permille: int


class CardSavings(TypedDict):
    """Where one more card pays, by the prices behind the bound of a plan."""

    plan: str
    bounded: bool
    gap_month: int
    items: list[CardSaving]


class Certification(TypedDict):
    """A certificate; `expires` is its last valid day."""

    name: str
    expires: str | None


class Comparison(TypedDict):
    """What would change if one went from another plan, or from the allocation in force, to this plan."""

    items: list[ShardChange]
    next: str | None
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


class Disturbed(TypedDict):
    """Why a shard is disturbed: it breaks rules where it runs and is tolerated there, at a price."""

    rules: list[str]
    sentence: str
    unlawful: bool


class DocumentImported(TypedDict):
    """What became of one document. What an import leaves as it was is in none of the last three."""

    document: str
    generation: int
    counts: dict[str, int]
    added: dict[str, int]
    changed: dict[str, int]
    removed: dict[str, int]


class EventOut(TypedDict):
    """Something that has happened."""

    id: int
    at: str
    type: str
    severity: str
    generation: int | None
    plan: str | None
    node: str | None
    detail: dict[str, Any]


class EventPage(TypedDict):
    """Events, oldest first."""

    items: list[EventOut]
    next: int | None
    last: int


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


class Failure(TypedDict):
    """Why there is no plan."""

    code: str
    reason: str


class FaultOut(TypedDict):
    """One thing that is wrong."""

    field: str
    message: str
    expected: NotRequired[str | None]
    value: NotRequired[str | None]
    fix: NotRequired[str | None]
    document: NotRequired[str | None]
    id: NotRequired[str | None]


class FormatOut(TypedDict):
    """A form of files in which the network goes out or comes in."""

    name: str
    title: str
    use: str
    media_type: str
    suffix: str
    export: str | None
    reads: bool


class Generations(TypedDict):
    """The newest generation, and the one that last changed each part."""

    generation: int
    network: int
    catalogue: int
    policies: int
    workloads: int
    allocation: int


class GoalCost(TypedDict):
    """What one goal costs."""

    goal: str
    cost_month: int


class GoalDifference(TypedDict):
    """What one goal costs under each, over the workloads that both are about."""

    goal: str
    cost_month: int
    other_cost_month: int


class GroupUse(TypedDict):
    """How much of one resource the nodes of a tier or a province use together."""

    group: str
    resource: str
    unit: str
    nodes: int
    used: int
    capacity: int
    used_permille: int


class Holder(TypedDict):
    """A workload that holds room that a shard lacks."""

    workload: str
    shards: int
    amount: int


class Imported(TypedDict):
    """What an import has done; where it changed nothing, no generation was made."""

    generation: int
    documents: list[DocumentImported]
    ended_shards: int
    backup: str | None
    sentence: str


class Latency(TypedDict):
    """Where the time of a request goes, at the 99th percentile. The parts and the margin add up to the deadline."""

    access_us: int
    transfer_us: int
    transport_us: int
    service_us: int
    waiting_us: int
    margin_us: int
    deadline_us: int


class LinkColumns(TypedDict):
    """Links, in the order of their ids; the ends are places in the columns of `nodes`."""

    id: list[str]
    source: list[int]
    target: list[int]


class LoadColumns(TypedDict):
    """How full each node is, by its cards and by its fullest resource; nodes of which nothing is used are left out."""

    node: list[int]
    resource: list[int]
    used_permille: list[int]
    cards_permille: list[int | None]


class Margins(TypedDict):
    """How much of their deadline placed shards have to spare at the 99th percentile."""

    least_us: int
    p05_us: int
    median_us: int
    p95_us: int
    tightest: list[TightShard]


class Money(TypedDict):
    """What all prices, values and costs are counted in: won, where a network does not say otherwise."""

    currency: str
    per_unit: int


class NetworkMap(TypedDict):
    """The network, for drawing."""

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


class Node(TypedDict):
    """A place with compute: where it is, whose it is, what it holds, and how firmly it is committed."""

    id: str
    name: str | None
    tier: str
    country: str
    owner: str
    owner_country: str
    province: str
    operator: str
    operator_country: str | None
    control_jurisdictions: list[str] | None
    certifications: list[Certification]
    commitment: str
    available_from: str | None
    state: str
    pools: list[Pool]
    vcpu: int
    memory_mib: int
    power_w: int


class NodeColumns(TypedDict):
    """Nodes, in the order of their ids."""

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


class PlacementMap(TypedDict):
    """What runs where, for drawing: the allocation in force, as full as it is now, or a plan."""

    generation: int
    plan: str | None
    sites: list[str]
    nodes: list[str]
    resources: list[str]
    statuses: list[str]
    shards: ShardColumns
    load: LoadColumns


class PlanOut(TypedDict):
    """A plan, as far as it has come."""

    id: str
    name: str | None
    note: str | None
    status: str
    what_if: bool
    generation: int | None
    applied_generation: int | None
    tenant: str
    actor: str
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


class PlanResult(TypedDict):
    """What a solve came to. The figures are the verifier's."""

    warnings: list[Warned]
    status: str
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
    effective_terms: Terms | None
    seconds: float
    first_seconds: float
    bound_seconds: float
    summary: Summary
    cut_off: str | None
    restored: Restored | None


class Pool(TypedDict):
    """Accelerators of one kind at a node."""

    accelerator: str
    count: int
    price_month: int


class PricedUse(TypedDict):
    """How much of one limited thing is used, and what one more unit of it would save."""

    rule: str
    resource: str
    unit: str
    subject: Subject
    used: int
    capacity: int
    used_permille: int
    price: float | None


class ProblemDetail(TypedDict):
    """Why a request was refused (RFC 9457)."""

    title: str
    code: str
    detail: str
    errors: list[FaultOut]


class ProgressPoint(TypedDict):
    """Best cost and proven bound after some seconds."""

    seconds: float
    cost: int
    bound: int
    gap: float
    unplaced: int
    phase: str


class ProgressSeries(TypedDict):
    """How a solve has gone so far, oldest point first."""

    plan: str
    status: str
    points: list[ProgressPoint]


class Reason(TypedDict):
    """How many of the nodes one rule closes."""

    rule: str
    nodes: int


class Refusal(TypedDict):
    """Why a shard runs nowhere."""

    sentence: str
    reasons: list[Reason]
    repairs: list[Repair]
    holders: list[Holder]


class Repair(TypedDict):
    """The least change of what one rule speaks of that would give a shard a place, found to hold by carrying it out."""

    rule: str
    nodes: int
    node: str | None
    cost: int | None
    sentence: str
    scope: str
    holders: list[Holder]


class Restored(TypedDict):
    """Where a plan comes from that puts back what ran."""

    generation: int
    moment: str


class ShardChange(TypedDict):
    """What would change for one shard."""

    workload: str
    shard: int
    action: str
    from_node: str | None
    to_node: str | None
    from_profile: str | None
    to_profile: str | None
    from_servers: int | None
    to_servers: int | None


class ShardColumns(TypedDict):
    """Shards, by workload and number."""

    site: list[int]
    node: list[int]
    status: list[int]
    margin_us: list[int | None]
    deadline_us: list[int]


class ShareCap(TypedDict):
    """No single owner, operator or vendor serves more than `permille` of the devices that are counted."""

    of: str
    permille: int
    name: str | None


class Site(TypedDict):
    """A factory, port or logistics hub: where devices are."""

    id: str
    name: str | None
    operator: str | None


class SiteColumns(TypedDict):
    """Demand sites, in the order of their ids."""

    id: list[str]
    name: list[str | None]
    lat: list[float | None]
    lon: list[float | None]
    kind: list[int]


class SiteCost(TypedDict):
    """What the workloads of one site cost."""

    site: str
    workloads: int
    placed_shards: int
    unplaced_shards: int
    placed_month: int
    unplaced_month: int
    cost_by_goal: list[GoalCost]


class SiteCosts(TypedDict):
    """What a plan costs, each part of it once: the placed and the unplaced of the sites and what is common are its cost."""

    plan: str
    cost: int
    placed_month: int
    unplaced_month: int
    common_month: int
    items: list[SiteCost]


class SolveLimits(TypedDict):
    """How long to search, from which seed, and from where."""

    seconds: float | None
    seed: int


class StalePlan(TypedDict):
    """A plan in force that does not know the world as it is."""

    plan: str
    generation: int
    changed: list[str]
    newest: int


class StandingFigures(TypedDict):
    """What is in force against the network of now, in figures."""

    day: str
    cost_month: int
    cost_by_goal: list[GoalCost]
    use_by_tier: list[GroupUse]
    use_by_province: list[GroupUse]
    tightest: list[UseOut]
    broken: list[BrokenRule]
    unlawful_shards: int


class StatusCount(TypedDict):
    """How much is in one status now."""

    status: str
    shards: int
    devices: int


class Subject(TypedDict):
    """What an account is of: of the known parts those that its rule names."""

    group: NotRequired[str]
    node: NotRequired[str]
    accelerator: NotRequired[str]
    slice_permille: NotRequired[str]
    access: NotRequired[str]
    link: NotRequired[str]
    direction: NotRequired[str]
    site: NotRequired[str]
    metro: NotRequired[str]
    power_domain: NotRequired[str]
    owner: NotRequired[str]
    operator: NotRequired[str]
    vendor: NotRequired[str]
    name: NotRequired[str]


class Summary(TypedDict):
    """A plan in figures."""

    placed: Tally
    refused: Tally
    cost_month: int
    cost_by_goal: list[GoalCost]
    by_tier: list[TierTally]
    tightest: list[UseOut]
    margins: Margins | None


class System(TypedDict):
    """Facts about the service."""

    money: Money


class Tally(TypedDict):
    """How many workloads, shards of them, and devices."""

    workloads: int
    shards: int
    devices: int


class TermDifference(TypedDict):
    """A term on which the two do not agree."""

    field: str
    this: Any
    other: Any


class Terms(TypedDict):
    """As of which day, on how firm a commitment, at which weights and caps a plan is asked for."""

    horizon: str
    lowest_commitment: str | None
    weights: Weights | None
    share_caps: list[ShareCap] | None


class TierTally(TypedDict):
    """What runs in one tier."""

    tier: str
    shards: int
    devices: int


class TightShard(TypedDict):
    """A placed shard with little time to spare."""

    workload: str
    shard: int
    node: str
    deadline_us: int
    margin_us: int


class Unplaced(TypedDict):
    """A shard that runs nowhere, and why."""

    workload: str
    shard: int
    site: str
    policy: str
    model: str
    devices: int
    refusal: Refusal | None


class UseOut(TypedDict):
    """How much of one limited thing is used."""

    rule: str
    resource: str
    unit: str
    subject: Subject
    used: int
    capacity: int
    used_permille: int


class ViolationOut(TypedDict):
    """How a rule says no."""

    rule: str
    node: str | None
    needed: int
    available: int
    unit: str
    sentence: str


class Warned(TypedDict):
    """Something to know before a plan is believed."""

    code: str
    message: str


class Weights(TypedDict):
    """What each goal counts, in thousandths of its money."""

    unplaced: int
    accelerators: int
    energy: int
    transport: int
    moves: int


class Workload(TypedDict):
    """One site's fleet for one model: how many devices ask how often, how soon they need the answer, what it is worth."""

    id: str
