"""Two plans side by side: what each costs, and what would change."""

from __future__ import annotations

from pydantic import Field, JsonValue

from app.schemas.figures import Cost, GoalCost
from app.schemas.wire import Page, Wire
from solver.facts.difference import Action


class TermDifference(Wire):
    """A term on which the two do not agree."""

    field: str = Field(description="Such as `weights.moves`.")
    this: JsonValue
    other: JsonValue


class GoalDifference(Wire):
    """What one goal costs under each, over the workloads that both are about."""

    goal: str
    cost_month: Cost
    other_cost_month: Cost


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
    terms: tuple[TermDifference, ...] = Field(
        description="Where the terms of this plan are not those of the other, or those in force. With other terms, costs "
        "answer another question."
    )
    not_operating: tuple[str, ...] = Field(
        description="Nodes on which this plan places something and which do not operate today."
    )
    same_workloads: int = Field(description="How many workloads both are about. The costs are over these alone.")
    cost: Cost = Field(description="What this plan costs, over the workloads that both are about.")
    other_cost: Cost = Field(
        description="The other, over the same workloads; of the allocation, what it costs now on the terms in force."
    )
    cost_by_goal: tuple[GoalDifference, ...] = Field(description="Over the same workloads.")
    request_cost: Cost | None = Field(
        description="What the workloads of this plan's own request cost under it; null for plans that did not note it."
    )
    request_cost_by_goal: tuple[GoalCost, ...] | None
    kept: int = Field(description="Shards that run on as they do.")
    moved: int
    resized: int = Field(description="Shards on the same node on another profile, other servers or other cards.")
    placed: int
    unplaced: int = Field(description="Shards of which the other does not speak and which this plan leaves unplaced.")
    ended: int = Field(description="Shards that run under the other, and no more under this one.")
    disturbed: int = Field(description="Shards that this plan leaves where they break a rule.")
