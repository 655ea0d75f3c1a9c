"""What things cost, and how full everything is."""

from __future__ import annotations

from typing_extensions import TypedDict


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
