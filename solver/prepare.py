"""Compile all kernels ahead of time, so that no solve pays for it out of its own limit.

Machine code is kept beside the source (see :mod:`solver.compiled`) and loaded from there by every later process.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np

from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import ascend, field_of
from solver.bounds.reduced_costs import reduced_costs_at
from solver.engines import Limits, solve
from solver.engines.cpsat import Effort
from solver.engines.lns import Neighbourhoods
from solver.engines.regions import Regions
from solver.engines.search import anneal, random_source
from solver.facts.catalogue import Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node, Site, Tier
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.facts.workloads import Policy, Workload
from solver.packing import Packing
from solver.params import DEFAULTS
from solver.place import place
from solver.running.budget import Budget
from solver.space.compiling import space_of
from solver.space.construct import construct
from solver.space.tables import servers_needed

#: Plenty: the clock must not end a solve before all kernels have been called.
_LIMITS = Limits(seconds=600.0, workers=1, work=3)


def prepare() -> None:
    """Call every kernel once: those of the space of options, and the engines' on each kind of packing they tell apart.

    Two processes share the work. The one with the space comes to the engines last, and finds them compiled by then.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        space = beside.submit(_space)
        _engines()
        space.result()


def _engines() -> None:
    """Solve packings of each kind that the engines tell apart."""
    solve(_packing(rows_each=2, reach=4, opening=False), _LIMITS)
    solve(_packing(rows_each=1, reach=8, opening=False), _LIMITS)
    plan = solve(_packing(rows_each=1, reach=8, opening=True), _LIMITS)
    solve(_packing(rows_each=1, reach=8, opening=True), _LIMITS, start=plan.placement, prices=plan.prices)
    # Regions are for packings too large to solve here, and neighbourhoods for those that are not solved before.
    packing = _packing(rows_each=2, reach=4, opening=False)
    view = compile_packing(packing)
    field = field_of(packing, view)
    guide = reduced_costs_at(view, field, ascend(view, field, None, 10), 0)
    regions = Regions(view, guide, np.zeros(view.option_cost.size, dtype=np.int64), 1, DEFAULTS.regions)
    for items in regions.draw(np.random.default_rng(0), 40):
        region = regions.take(items)
        anneal(region.view, region.state, region.guide, random_source(0), 100, 1.0, 1.0, DEFAULTS.chains)
        regions.give(region)
    neighbourhoods = Neighbourhoods(view, regions.taken(), guide)
    budget, effort = Budget(_LIMITS), Effort(seconds=60.0, workers=1, seed=0)
    for _ in range(4):
        neighbourhoods.step(np.random.default_rng(0), 10, np.inf, effort, budget)


def _space() -> None:
    """Solve a problem of one workload, and do what is done with spaces too large to be listed."""
    here = frozenset({"KR"})
    node = Node("a", Tier.CORE, "KR", "owner", "KR", vcpu=8, memory_mib=8, power_w=8)
    problem = Problem(
        Network(
            (node, Node("b", Tier.CORE, "KR", "owner", "KR")), (Link("a-b", "a", "b", 1, 1_000, here),), (Site("site"),),
            (Access("access", "site", "b", "wired", 1, 1, 1_000, 1_000),),
        ),
        Catalogue((), (Profile("profile", "model", None, "cpu", ((1, 1_000),)),)),
        (Policy("open"),),
        (Workload("workload", "access", "model", 1, 1_000, 1, 1, 1_000_000, "open", 1_000),),
        Terms(date(2026, 1, 1)),
    )  # fmt: skip
    result = place(problem, _LIMITS)
    place(problem, _LIMITS, before=result.memory)
    runs = tuple(problem.placements(result.plan))
    place(replace(problem, workloads=(replace(problem.workloads[0], current=runs),)), _LIMITS)
    runs = tuple(problem.placements(result.plan))
    place(replace(problem, workloads=(replace(problem.workloads[0], current=runs),)), _LIMITS)
    space = space_of(problem)
    price_tables, every = space.price_tables(np.zeros(space.row_count, np.int64)), np.arange(len(space.items))
    found = space.scan(price_tables, np.ones_like(every))
    filled = construct(space, price_tables, space.items.count, space.capacity.copy(), found, 1)
    space.loads(filled.item, filled.host, filled.servers, np.ones(len(filled.item), np.int64))
    space.scan(price_tables, np.ones_like(every), space.capacity.copy())
    space.extend(space.expand(found), found)
    servers_needed(space.tables, every, np.zeros_like(every))


def _packing(rows_each: int, reach: int, opening: bool) -> Packing:
    """40 items that each reach `reach` of 8 nodes with `rows_each` tight rows, and pay for a node's opening if so asked."""
    items, nodes = 40, 8
    random = np.random.default_rng(1)
    node = np.array([np.sort(random.choice(nodes, reach, replace=False)) for _ in range(items)])
    amount = random.integers(5, 25, (items, reach, rows_each))
    return Packing(
        item_ptr=np.arange(items + 1) * reach,
        item_count=np.ones(items, dtype=np.int64),
        item_penalty=np.full(items, 10_000),
        option_cost=random.integers(10, 100, items * reach),
        load_ptr=np.arange(items * reach + 1) * rows_each,
        load_row=(node[:, :, None] * rows_each + np.arange(rows_each)).ravel(),
        load_amount=amount.ravel(),
        row_capacity=np.full(nodes * rows_each, int(amount.sum()) // (reach * rows_each * nodes) * 10 // 9),
        option_activation=node.ravel() if opening else np.full(items * reach, -1),
        activation_cost=np.full(nodes if opening else 0, 50),
        activation_load_ptr=np.zeros(nodes + 1 if opening else 1, dtype=np.int64),
    )
