"""What a plan costs by site, and where one more card would pay."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from app.schemas.accounts import account_in
from app.schemas.costing import CardSaving, CardSavings, SiteCost, SiteCosts
from app.schemas.figures import goals, permille
from app.service.cache import Cache
from app.service.judging import told
from app.service.plans import decided
from solver import Plan, Problem
from solver.rules import GOALS, name_of
from solver.rules.goals import unplaced
from solver.rules.items import shard_value

#: What an account of cards is counted in: thousandths of a card.
WHOLE = 1000

_UNPLACED = name_of(unplaced)


def by_site(problem: Problem, plan: Plan) -> dict[str, dict[str, int]]:
    """What each goal costs of the workloads of each site, in money a month; every site that has workloads.

    A placement costs its site what it adds to each goal by itself, a shard without a place its value. What a goal costs
    beyond that is of no site.
    """
    found: dict[str, dict[str, int]] = {}
    sites = [problem.access_of(workload).site for workload in problem.workloads]
    for site in sites:
        found.setdefault(site, {name_of(goal): 0 for goal in GOALS})
    of_row = [sites[w] for w in plan.workload.tolist()]
    for goal in GOALS:
        for site, won in zip(of_row, goal.each(problem, plan).tolist(), strict=True):
            found[site][name_of(goal)] += won
    placed = np.bincount(plan.workload, minlength=len(problem.workloads)).tolist()
    for workload, site, shards in zip(problem.workloads, sites, placed, strict=True):
        value = -(-shard_value(workload) * problem.weights_for(workload).unplaced // 1000)
        found[site][_UNPLACED] += (workload.shards - shards) * value
    return found


def site_costs(cache: Cache, id: str) -> SiteCosts:
    """What a plan costs by site.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with cache.store.reading() as session:
        decided(session, id)
        cost: int = session.plans.result(id)["cost"]
    posed, plan = told(cache, id)
    problem = posed.problem
    sites = [problem.access_of(workload).site for workload in problem.workloads]
    workloads: dict[str, int] = defaultdict(int)
    shards: dict[str, int] = defaultdict(int)
    placed: dict[str, int] = defaultdict(int)
    for workload, site in zip(problem.workloads, sites, strict=True):
        workloads[site] += 1
        shards[site] += workload.shards
    for w in plan.workload.tolist():
        placed[sites[w]] += 1
    items = [
        SiteCost(
            site=site,
            workloads=workloads[site],
            placed_shards=placed[site],
            unplaced_shards=shards[site] - placed[site],
            placed_month=sum(costs.values()) - costs[_UNPLACED],
            unplaced_month=costs[_UNPLACED],
            cost_by_goal=goals(costs),
        )
        for site, costs in by_site(problem, plan).items()
    ]
    items.sort(key=lambda item: (-item.placed_month - item.unplaced_month, item.site))
    running, missing = sum(item.placed_month for item in items), sum(item.unplaced_month for item in items)
    return SiteCosts(
        plan=id,
        cost=cost,
        placed_month=running,
        unplaced_month=missing,
        common_month=cost - running - missing,
        items=tuple(items),
    )


def card_savings(cache: Cache, id: str) -> CardSavings:
    """What one more of the cards that a plan knows a price for would save, of nodes that have and charge for such cards.

    Cards and what they are charged at are those of the question that the plan answers, with what it supposes.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with cache.store.reading() as session:
        decided(session, id)
        result = session.plans.result(id)
        uses = {use.account: use for use in session.plans.usage(id, "node_capacity", {}, None, None)}
    nodes = {node.id: node for node in told(cache, id)[0].problem.nodes}
    weights = (result.get("effective_terms") or {}).get("weights") or {}
    weight = weights.get("accelerators", 1000)
    items = []
    for price in result["prices"]:
        if (price["rule"], price["resource"]) != ("node_capacity", "accelerators"):
            continue
        account = account_in(price)
        name, accelerator = account.part("node") or "", account.part("accelerator") or ""
        node, use = nodes.get(name), uses.get(account)
        pool = None if node is None else next((pool for pool in node.pools if pool.accelerator == accelerator), None)
        if node is None or pool is None or pool.price_month <= 0:
            continue
        charged = -(-pool.price_month * weight // 1000)
        net = int(price["price"] * WHOLE)
        items.append(
            CardSaving(
                node=name,
                accelerator=accelerator,
                owner=node.owner,
                cards=pool.count,
                card_month=charged,
                before_price_month=net + charged,
                net_month=net,
                used_permille=0 if use is None else permille(use.used, use.capacity),
            )
        )
    items.sort(key=lambda item: (-item.net_month, item.node, item.accelerator))
    return CardSavings(
        plan=id,
        bounded=result.get("bounded", True),
        gap_month=max(0, result["cost"] - result["bound"]),
        items=tuple(items),
    )
