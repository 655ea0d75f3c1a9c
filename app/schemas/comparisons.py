"""Two plans side by side: what each costs, and what would change."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from app.schemas.figures import Won
from app.schemas.wire import Page, Wire

Action: TypeAlias = Literal["placed", "moved", "resized", "unplaced", "ended"]


class GoalDifference(Wire):
    """What one goal costs under each."""

    goal: str
    krw_month: Won
    other_krw_month: Won


class ShardChange(Wire):
    """What would change for one shard."""

    workload: str
    shard: int
    action: Action
    from_node: str | None
    to_node: str | None
    from_profile: str | None
    to_profile: str | None
    from_servers: int | None
    to_servers: int | None


class Comparison(Page[ShardChange]):
    """What would change if one went from another plan, or from the allocation in force, to this plan.

    The changes are in the order of workloads and shards. A shard that neither runs nor would run is in none of them,
    unless only this plan speaks of it: then it is `unplaced`.
    """

    plan: str
    other: str | None = Field(description="The other plan; of the allocation, the one applied last; null without one.")
    cost: Won
    other_cost: Won = Field(description="Comparable where both are about the same workloads.")
    cost_by_goal: tuple[GoalDifference, ...]
    kept: int = Field(description="Shards that run on as they do.")
    moved: int
    resized: int = Field(description="Shards on the same node with another profile, or another number of servers.")
    placed: int
    unplaced: int = Field(description="Shards that this plan leaves without a place; whoever ran before has a `from_node`.")
    ended: int = Field(description="Shards that run under the other plan, and of which this one does not speak.")
