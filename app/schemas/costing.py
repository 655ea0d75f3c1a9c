"""What a plan costs by site, and what one more card would save, on the wire."""

from __future__ import annotations

from pydantic import Field

from app.schemas.figures import Cost, GoalCost
from app.schemas.wire import Wire


class SiteCost(Wire):
    """What the workloads of one site cost."""

    site: str
    workloads: int
    placed_shards: int
    unplaced_shards: int
    placed_month: Cost = Field(description="Everything but what is unplaced: hosting, energy, transport, moves, disturbed.")
    unplaced_month: Cost = Field(description="The value of what runs nowhere: nobody pays it, it is what the site lacks.")
    cost_by_goal: tuple[GoalCost, ...]


class SiteCosts(Wire):
    """What a plan costs, each part of it once: the placed and the unplaced of the sites and what is common are its cost."""

    plan: str
    cost: Cost = Field(description="What the plan costs, as its result says.")
    placed_month: Cost = Field(description="Of all sites.")
    unplaced_month: Cost = Field(description="Of all sites.")
    common_month: Cost = Field(
        description="What no site causes by itself. 0 as long as every rule charges single placements, as all do now."
    )
    items: tuple[SiteCost, ...] = Field(description="By site; the dearest first.")


class CardSaving(Wire):
    """What one more card of a kind at a node would save a month, by the prices behind the plan's bound."""

    node: str
    accelerator: str
    owner: str
    cards: int = Field(description="How many the node has in the question of the plan.")
    card_month: Cost = Field(description="What the plan charges for a whole card there.")
    before_price_month: Cost = Field(description="What a whole one would save before it is paid for.")
    net_month: Cost = Field(
        description="The same once it is paid for, as the prices say it: what a plan places, it pays for."
    )
    used_permille: int = Field(description="How full these cards are under the plan.")


class CardSavings(Wire):
    """Where one more card pays, by the prices behind the bound of a plan.

    Such a price is an estimate for a small change. A whole card may save less, or more where the proof did not come from the
    prices; the cards after it save less as a rule. What so many save is found by asking for what-ifs with them.
    """

    plan: str
    bounded: bool = Field(description="Whether the bound says anything; if not, neither do its prices.")
    gap_month: Cost = Field(description="How far the plan's cost is from its bound: the prices are no more exact than that.")
    items: tuple[CardSaving, ...] = Field(description="The highest net saving first.")
