"""What a plan costs by site, and what one more card would save."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.cli.answers.figures import GoalCost


class SiteCost(TypedDict):
    """What the workloads of one site cost."""

    site: str
    workloads: int
    placed_shards: int
    unplaced_shards: int
    placed_krw_month: int
    unplaced_krw_month: int
    cost_by_goal: list[GoalCost]


class SiteCosts(TypedDict):
    """What a plan costs, each won of it once."""

    plan: str
    cost: int
    placed_krw_month: int
    unplaced_krw_month: int
    common_krw_month: int
    items: list[SiteCost]


class CardSaving(TypedDict):
    """What one more card of a kind at a node would save a month."""

    node: str
    accelerator: str
    owner: str
    cards: int
    card_krw_month: int
    before_price_krw_month: int
    net_krw_month: int
    used_permille: int


class CardSavings(TypedDict):
    """Where one more card pays, by the prices behind the bound of a plan."""

    plan: str
    bounded: bool
    gap_krw_month: int
    items: list[CardSaving]
