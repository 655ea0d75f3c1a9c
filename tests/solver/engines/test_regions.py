"""Regions: what is cut out and put back leaves one legal whole, also with several out at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver.bounds.compiled_packing import CompiledPacking, compile_packing
from solver.bounds.lagrangian import ascend, field_of
from solver.bounds.reduced_costs import ReducedCosts, reduced_costs_at
from solver.engines import Limits, SolveParams, solve
from solver.engines.regions import Regions, divisible
from solver.engines.search import anneal, random_source
from solver.engines.state import COST
from solver.packing import IntArray, Packing
from solver.packing.check import check
from solver.params import DEFAULTS, SearchParams
from tests.bench.instances import random_plane
from tests.solver.engines.tiny import tiny_packing

PLANE = random_plane(600, 60, 8, 2, 0.85, seed=4, classes=2)


def prepared(packing: Packing) -> tuple[CompiledPacking, ReducedCosts]:
    view = compile_packing(packing)
    field = field_of(packing, view)
    return view, reduced_costs_at(view, field, ascend(view, field, None, 40), 0)


def cost_of(packing: Packing, view: CompiledPacking, taken: IntArray) -> int:
    """By the independent checker; fails if it objects."""
    chosen = np.flatnonzero(taken)
    cost, violations = check(packing, view.option_item[chosen].astype(np.int64), view.origin[chosen], taken[chosen])
    assert not violations
    return cost


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_regions_searched_at_once_make_one_legal_placement(workers: int) -> None:
    view, guide = prepared(PLANE)
    regions = Regions(view, guide, np.zeros(view.option_cost.size, dtype=np.int64), workers, DEFAULTS.regions)
    random = np.random.default_rng(7)
    cost = regions.cost()
    for seed in range(6):
        parts = regions.draw(random, 600)
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(PLANE.items))
        for first in range(0, len(parts), workers):
            out = [regions.take(items) for items in parts[first : first + workers]]
            for region in out:
                anneal(region.view, region.state, region.guide, random_source(seed), 3000, 0.0, 0.0, DEFAULTS.chains)
                assert (region.state.free >= 0).all()
            for region in reversed(out):
                regions.give(region)
        assert regions.cost() == cost_of(PLANE, view, regions.taken())
    assert regions.cost() < cost / 3


def test_a_region_is_seen_as_the_whole_is() -> None:
    view, guide = prepared(PLANE)
    regions = Regions(view, guide, np.zeros(view.option_cost.size, dtype=np.int64), 1, DEFAULTS.regions)
    part = regions.take(regions.draw(np.random.default_rng(0), 600)[0])
    # Else every kernel would be compiled for each of them.
    assert isinstance(guide.bound, float)
    for seen in (view, part.view):
        assert not any(array.flags.writeable for array in seen)


def test_a_region_given_back_unchanged_changes_nothing() -> None:
    view, guide = prepared(PLANE)
    start = np.zeros(view.option_cost.size, dtype=np.int64)
    regions = Regions(view, guide, start, 2, DEFAULTS.regions)
    for items in regions.draw(np.random.default_rng(1), 400):
        region = regions.take(items)
        anneal(region.view, region.state, region.guide, random_source(3), 4000, 0.0, 0.0, DEFAULTS.chains)
        regions.give(region)
    before, cost = regions.taken(), regions.cost()
    out = [regions.take(items) for items in regions.draw(np.random.default_rng(2), 400)]
    for region in out:
        assert region.state.total[COST] == cost_of_region(region.view, region.state.taken)
        regions.give(region)
    assert np.array_equal(regions.taken(), before)
    assert regions.cost() == cost


def cost_of_region(view: CompiledPacking, taken: IntArray) -> int:
    """Cost of the copies in a region, those that it leaves unplaced included."""
    placed = np.bincount(view.option_item, weights=taken, minlength=view.item_count.size).astype(np.int64)
    return int((taken * view.option_cost).sum() + ((view.item_count - placed) * view.item_penalty).sum())


def test_activations_do_not_stop_at_borders() -> None:
    packing = next(p for p in map(tiny_packing, range(50)) if p.activations and p.options)
    view, guide = prepared(packing)
    assert not divisible(view, 0)
    with pytest.raises(ValueError, match="activations"):
        Regions(view, guide, np.zeros(view.option_cost.size, dtype=np.int64), 1, DEFAULTS.regions)


def test_a_packing_solved_by_regions_is_repeatable_and_as_good() -> None:
    limits, params = Limits(seconds=300, workers=1, seed=5, work=12), SolveParams(without=frozenset({"exact"}))
    whole = solve(PLANE, limits, params=params)
    params = replace(params, search=SearchParams(region=1500))
    first, second = (solve(PLANE, limits, params=params) for _ in range(2))
    assert np.array_equal(first.option, second.option)
    assert np.array_equal(first.count, second.count)
    assert first.cost <= whole.cost * 1.01
