"""Phases that improve a plan: a short search, and, until the limits end, search and neighbourhoods by turns."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.engines.cpsat import Effort
from solver.engines.lns import Neighbourhoods
from solver.engines.phase import Phase, Solve, Turns, always
from solver.engines.regions import Regions, divisible, region_size
from solver.engines.search import anneal, random_source
from solver.engines.state import COST, State, state_of
from solver.packing import IntArray
from solver.packing.solution import Stage


def _quick(solve: Solve) -> None:
    """A short search, for a plan that is not far off before anything slow begins."""
    begin, params = solve.clock.used(), solve.params.search
    end = begin + min(params.quick_share, params.quick_seconds / solve.limits.seconds)
    _search(solve, begin, end, solve.limits.seed)


def _search(solve: Solve, begin: float, end: float, seed: int) -> None:
    """One annealing from the best plan while `spent` goes from `begin` to `end`."""
    view, best = solve.view, solve.best
    state = state_of(view, best.taken(view))

    def better() -> None:
        if state.total[COST] < best.cost:
            best.offer(view, state.taken, Stage.SEARCH)

    _anneal(solve, view, state, solve.guide, begin, end, end - solve.clock.used(), seed, better)
    anneal(view, state, solve.guide, random_source(seed), solve.params.search.chunk, 0.0, 0.0, solve.params.chains)
    better()


def _anneal(
    solve: Solve,
    view: CompiledPacking,
    state: State,
    guide: ReducedCosts,
    begin: float,
    end: float,
    most: float,
    seed: int,
    after: Callable[[], None] | None = None,
) -> None:
    """Anneal a placement for at most the share `most` of the limit, as warm as `spent` is between `begin` and `end`."""
    clock, params, chains = solve.clock, solve.params.search, solve.params.chains
    unit = params.chunk / solve.params.work.proposals
    # Heat would destroy a plan to start from.
    hot = params.hot if solve.start is None else params.warm_hot
    source = random_source(seed)
    began, chunks = clock.seconds(), 0
    while not solve.over():
        done = clock.share(clock.seconds() - began, chunks * unit)
        if done >= most:
            break
        cooled = min(1.0, (clock.used() - begin) / max(1e-9, end - begin))
        warmth = guide.spread * hot * (params.cold / hot) ** cooled
        anneal(view, state, guide, source, params.chunk, warmth, warmth, chains)
        chunks += 1
        clock.work(unit)
        if after is not None:
            after()


def _improve(solve: Solve) -> None:
    """Search, or what a specialist has in its place, and neighbourhoods by turns, on all workers."""
    begin = solve.clock.used()
    left = 1.0 - begin
    search, share = solve.turns or _turns(solve)
    for turn in itertools.count(1):
        if solve.over():
            return
        middle, end = begin + share.search * left, begin + (share.search + share.neighbourhoods) * left
        search(begin, middle, turn)
        shared = Neighbourhoods(solve.view, solve.best.taken(solve.view), solve.guide)
        solve.spread(partial(_neighbourhoods, solve, shared, end, turn))
        begin = end


def _turns(solve: Solve) -> Turns:
    """Search by regions where the packing can be divided, else of the whole."""
    view, params = solve.view, solve.params.search
    size = region_size(view, params.region, solve.params.regions)
    search = partial(_regions, solve, size) if divisible(view, size) else partial(_searches, solve)
    return Turns(search, params.small_turn if view.option_cost.size < params.region else params.large_turn)


def _searches(solve: Solve, begin: float, end: float, turn: int) -> None:
    """One annealing of the whole for each worker."""
    solve.spread(lambda worker: _search(solve, begin, end, solve.limits.seed + 7919 * turn + worker))


def _regions(solve: Solve, size: int, begin: float, end: float, turn: int) -> None:
    """One annealing of all, region by region."""
    view, limits, params = solve.view, solve.limits, solve.params.search
    regions = Regions(view, solve.guide, solve.best.taken(view), solve.workers, solve.params.regions)
    random = np.random.default_rng((limits.seed % 2**32, turn))
    seconds = limits.work if limits.work is not None else limits.seconds
    # A visit has to be worth the cut, and borders have to be drawn often enough.
    visits = (end - begin) * seconds * solve.workers * size / view.option_cost.size / params.visit_seconds
    rounds = int(np.clip(visits, params.least_rounds, params.most_rounds))
    for index in range(rounds):
        length = (end - solve.clock.used()) / (rounds - index)
        if solve.over() or length <= 0.0:
            return
        # The largest first, so that all workers end a round at about the same time.
        waiting = deque(sorted(regions.draw(random, size), key=len, reverse=True))
        solve.spread(partial(_visits, solve, regions, waiting, begin, end, length, int(random.integers(2**31))))
        solve.best.offer(view, regions.taken(), Stage.SEARCH)


def _visits(
    solve: Solve,
    regions: Regions,
    waiting: deque[IntArray],
    begin: float,
    end: float,
    length: float,
    seed: int,
    worker: int,
) -> None:
    """Anneal waiting regions, each for its part of a round that takes the share `length` of the limit."""
    while waiting and not solve.over():
        items = waiting.popleft()
        region = regions.take(items)
        most = length * solve.workers * items.size / solve.view.item_count.size
        _anneal(solve, region.view, region.state, region.guide, begin, end, most, seed + int(items[0]))
        regions.give(region)


def _neighbourhoods(solve: Solve, shared: Neighbourhoods, end: float, turn: int, worker: int) -> None:
    """Neighbourhoods of one shared plan until `spent` reaches `end`; their size follows what is solved."""
    clock, best, params = solve.clock, solve.best, solve.params.neighbourhoods
    random = np.random.default_rng((solve.limits.seed % 2**32, turn, worker))
    size = params.first
    while not solve.over() and clock.used() < end:
        gap = solve.guide.gap(best.cost)
        seconds = min(params.seconds, clock.left())
        work = params.work if clock.by_work() else None
        effort = Effort(
            seconds if work is None else clock.left(), 1, int(random.integers(2**31)), work, solve.params.models.largest
        )
        gain, solved = shared.step(random, size, gap, effort, solve.clock)
        clock.work()
        if gain and shared.cost() < best.cost:
            best.offer(solve.view, shared.taken(), Stage.NEIGHBOURHOODS)
        size = min(params.most, size + 1) if solved else max(params.least, int(size * params.shrink))


SEARCH = Phase(Stage.SEARCH, always, _quick)
IMPROVING = Phase(Stage.IMPROVING, always, _improve)
