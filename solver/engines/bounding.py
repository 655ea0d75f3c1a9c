"""Phases that prove what no plan can cost less than: prices by Lagrangian ascent, and whole patterns."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np

from solver.bounds.ascent import PatternAscent, units
from solver.bounds.blocks import blocks_of
from solver.bounds.bound import item_terms
from solver.bounds.lagrangian import Ascent, Dual, from_prices, scarce, to_prices
from solver.bounds.patterns import Pricing
from solver.bounds.relaxation import Relaxation
from solver.engines.first import first_plan
from solver.engines.phase import Climbed, Phase, Solve, always
from solver.packing.solution import Stage
from solver.params import Schedule


def _ascend(solve: Solve) -> None:
    """Prices of all rows and the bound that they prove, from the given prices if there are any."""
    view, field, params = solve.view, solve.field, solve.params.pricing
    warm = from_prices(view, field, solve.prices) if solve.prices is not None else None
    passes, schedule = (params.passes, params.from_nothing) if warm is None else (params.warm_passes, params.from_prices)
    _climb_prices(solve, warm, passes, schedule, params.share)


def _scarce(solve: Solve) -> bool:
    return scarce(solve.view, solve.best.placed(), solve.best.cost - solve.best.bound)


def _ascend_again(solve: Solve) -> None:
    """Prices from steps as large as what an unplaced copy costs: smaller ones have not come so far."""
    params = solve.params.pricing
    solve.scarce = True
    _climb_prices(solve, None, params.scarce_passes, params.from_scarcity.from_reach(solve.field.reach), params.scarce_share)
    if solve.dual is not None:
        solve.best.offer(solve.view, first_plan(solve.view, solve.dual.row).taken, Stage.ROUNDING)


def _climb_prices(solve: Solve, start: Dual | None, passes: int, schedule: Schedule, share: float) -> None:
    """Prices by ascent within a share of the limit, and the bound that they prove."""
    view, field, clock, params = solve.view, solve.field, solve.clock, solve.params.pricing
    part, proven = solve.part(share), 0.0
    with Ascent(view, field, start, passes, solve.workers, schedule, params.threaded) as ascent:
        while ascent.step(part.used()):
            if ascent.passes % params.unwatched:
                continue
            # A proof takes as long as a few passes: the later, the seldomer.
            if (now := clock.seconds()) - proven > 0.5 + proven:
                proven = now
                _prove(solve, ascent.best)
            if solve.over():
                break
        _prove(solve, ascent.best)


def _prove(solve: Solve, dual: Dual, stage: Stage = Stage.PRICES) -> None:
    """Prove what prices say, and keep them if that is the most so far."""
    prices = to_prices(solve.packing, solve.view, solve.field, dual)
    terms, count = item_terms(solve.packing, prices), solve.packing.item_count
    proven = terms.total(count) / terms.scale
    if solve.dual is not None and proven < solve.proven:
        return
    solve.price(dual, proven)
    solve.best.prove(terms.bound(count), prices, stage)


def _linear(solve: Solve) -> bool:
    params, view = solve.params.relaxation, solve.view
    small = view.item_count.size + view.row_capacity.size <= params.most_constraints
    # Elsewhere what decides on activations proves more than the relaxation does.
    return small and view.option_cost.size <= params.largest and (solve.scarce or not solve.packing.activations)


def _relax(solve: Solve) -> None:
    """Exact prices, from those at hand, as far as the time allows."""
    params, limit = solve.params.relaxation, solve.limits.work
    if solve.dual is None:
        return
    part = solve.part(params.scarce_share if solve.scarce else params.share)
    relaxation = Relaxation(solve.view, solve.field, solve.dual, params)
    iterations = () if limit is None else (params.iterations_each * limit,)
    while not (relaxation.exact or solve.over()) and relaxation.step(part.left(), *iterations):
        _prove(solve, relaxation.dual, Stage.RELAXATION)
    part.charge()


def _small_enough(solve: Solve) -> bool:
    return solve.view.option_cost.size <= solve.params.patterns.largest


def _climb(solve: Solve) -> None:
    """The bound of whole patterns and, unless the packing is large, the guide sharpened by what patterns say."""
    view, best, params, limit = solve.view, solve.best, solve.params.patterns, solve.limits.work
    blocks = blocks_of(view, params.blocks)
    if blocks is None:
        return
    prices, part = best.prices, solve.part(params.share)
    passes = None if limit is None else min(params.most_passes, max(1, params.passes_each * limit))
    opened: dict[bytes, None] = {}
    with ExitStack() as held:
        pricing = held.enter_context(Pricing(solve.packing, view, blocks, prices, solve.workers, params))
        unit = units(view, prices.row / prices.scale)
        ascent = PatternAscent(pricing, unit)
        while ascent.step(best.cost, part.used() if passes is None else ascent.passes / passes):
            if solve.packing.activations:
                # Told again, a set moves to the end: the latest are the best.
                name = pricing.activated(pricing.opened()).tobytes()
                opened.pop(name, None)
                opened[name] = None
            best.prove(-(-ascent.bound // pricing.scale), None, Stage.PATTERNS)
            if solve.over():
                break
        root = ascent.result()
        part.charge()
        gated = blocks.setup.size > 0
        solve.loose = not np.isin(view.option_activation, (-1, *blocks.setup)).all()
        if solve.over() or view.option_cost.size > (params.largest_with_setups if gated else params.largest_sharpened):
            return
        solve.guide = pricing.sharpen(solve.guide, root.value)
        if gated:
            sets = [np.frombuffer(name, dtype=bool) for name in reversed(opened)]
            solve.climbed = Climbed(pricing, unit, root, sets)
            solve.held.push(held.pop_all())


PRICES = Phase(Stage.PRICES, always, _ascend)
SCARCITY = Phase(Stage.SCARCITY, _scarce, _ascend_again)
RELAXATION = Phase(Stage.RELAXATION, _linear, _relax)
PATTERNS = Phase(Stage.PATTERNS, _small_enough, _climb)
