"""What would change from one plan to another, or from what is in force to a plan."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas.figures import Won
from app.schemas.wire import Page, Wire


class GoalDifference(Wire):
    """What one goal costs in both."""

    goal: str
    krw_month: Won
    other_krw_month: Won


class ShardDifference(Wire):
    """What would become of one shard."""

    workload: str
    shard: int
    action: Literal["placed", "moved", "resized", "unplaced", "ended"]
    from_node: str | None
    to_node: str | None
    from_profile: str | None
    to_profile: str | None
    from_servers: int | None
    to_servers: int | None


class Comparison(Page[ShardDifference]):
    """What would change, going from the other to this plan; the page lists changes only."""

    plan: str
    other: str | None = Field(description="The other plan; of the allocation, the one in force. Null while there is none.")
    cost: Won
    other_cost: Won | None = Field(description="Null while nothing is in force.")
    cost_by_goal: tuple[GoalDifference, ...]
    kept: int = Field(description="Shards that stay as they are, or stay unplaced.")
    moved: int
    resized: int = Field(description="Shards that stay on their node, on another profile or number of servers.")
    placed: int = Field(description="Shards that run in this plan and not in the other.")
    unplaced: int = Field(description="Shards that this plan leaves unplaced, and the other does not.")
    ended: int = Field(description="Shards that run in the other, and that this plan is not about.")
