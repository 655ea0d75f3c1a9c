"""Figures of plans: costs, tallies, how full everything is, how much time is to spare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from app.schemas.accounts import AccountOut, fields_of
from app.schemas.wire import Wire
from app.store.records import UsageRow

#: How many of the tightest limits a summary lists.
TIGHTEST = 20

Cost = Annotated[int, Field(description="Money a month.")]
Micros = Annotated[int, Field(description="Microseconds.")]


class GoalCost(Wire):
    """What one goal costs."""

    goal: str
    cost_month: Cost


class Tally(Wire):
    """How many workloads, shards of them, and devices."""

    workloads: int
    shards: int
    devices: int


class UseOut(AccountOut):
    """How much of one limited thing is used."""

    used: int
    capacity: int
    used_permille: int = Field(description="Used of capacity, in thousandths; above 1000 the limit is broken.")

    @staticmethod
    def of(row: UsageRow) -> UseOut:
        return UseOut(
            **fields_of(row.account),
            used=row.used,
            capacity=row.capacity,
            used_permille=permille(row.used, row.capacity),
        )


def permille(used: int, capacity: int) -> int:
    """Thousandths of `capacity` that `used` takes; 0 where nothing is used of nothing."""
    if capacity <= 0:
        return 0 if used <= 0 else 1_000_000
    return used * 1000 // capacity


class GroupUse(Wire):
    """How much of one resource the nodes of a tier or a province use together."""

    group: str
    resource: str
    unit: str
    nodes: int
    used: int
    capacity: int
    used_permille: int


class TightShard(Wire):
    """A placed shard with little time to spare."""

    workload: str
    shard: int
    node: str
    deadline_us: Micros
    margin_us: Micros


class Margins(Wire):
    """How much of their deadline placed shards have to spare at the 99th percentile."""

    least_us: Micros
    p05_us: Micros
    median_us: Micros
    p95_us: Micros
    tightest: tuple[TightShard, ...]


class TierTally(Wire):
    """What runs in one tier."""

    tier: str
    shards: int
    devices: int


class Summary(Wire):
    """A plan in figures."""

    placed: Tally
    refused: Tally = Field(description="Workloads of which at least one shard is unplaced; their unplaced shards.")
    cost_month: Cost
    cost_by_goal: tuple[GoalCost, ...]
    by_tier: tuple[TierTally, ...]
    use_by_tier: tuple[GroupUse, ...]
    use_by_province: tuple[GroupUse, ...]
    tightest: tuple[UseOut, ...] = Field(description="The limits with the least left.")
    margins: Margins | None = Field(description="Null when nothing is placed.")


def goals(costs: Mapping[str, int]) -> tuple[GoalCost, ...]:
    """The cost of each goal, in the solver's order."""
    return tuple(GoalCost(goal=goal, cost_month=cost) for goal, cost in costs.items())


def tightest(rows: Iterable[UsageRow]) -> tuple[UseOut, ...]:
    """The limits with the least left, tightest first."""
    busy = [row for row in rows if row.used > 0]
    busy.sort(key=lambda row: (-permille(row.used, row.capacity), row.place))
    return tuple(UseOut.of(row) for row in busy[:TIGHTEST])
