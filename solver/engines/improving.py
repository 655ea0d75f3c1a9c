"""Improving a plan until the limits end: search, by regions or dives where these suit, and neighbourhoods by turns."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from solver.bounds.guide import Guide
from solver.bounds.view import View
from solver.engines.assignment.dives import Dives, Worths
from solver.engines.assignment.table import table_of
from solver.engines.cpsat import Effort
from solver.engines.lns import Neighbourhoods
from solver.engines.regions import Regions, divisible, region_size
from solver.engines.search import anneal, random_source
from solver.engines.state import COST, State, state_of
from solver.packing import IntArray
from solver.packing.solution import Limits
from solver.running.incumbent import Clock, Incumbent

#: For dense assignments: the most of the time limit that the worths of items may take.
_WORTH_SHARE = 0.06
#: Temperatures of annealing, in spreads; a plan to start from would not survive the highest.
_HOT, _WARM_HOT, _COLD = 0.05, 0.02, 0.008


class Turn(NamedTuple):
    """Shares of what is left after the exact attempt that a turn's search and neighbourhoods get."""

    search: float
    neighbourhoods: float


_DIVE_TURN, _SMALL_TURN, _LARGE_TURN = Turn(0.85, 0.15), Turn(0.3, 0.3), Turn(0.8, 0.1)
#: How often the dives of one turn cool, each time from the best plan.
_COOLINGS = 3
#: Options of a region, so that it fits the cache, where it can be that small; least seconds of a visit; least and most
#: rounds of borders.
_REGION, _VISIT, _ROUNDS = 25_000, 0.25, (3, 12)
#: Proposals between two looks at the clock, and in one unit of work.
_CHUNK, _UNIT = 50_000, 500_000


class Improving:
    """Engines that start from the best plan and offer what they find.

    Parameters
    ----------
    view, guide : View, Guide
        The packing, and what its prices say.
    best, clock, limits : Incumbent, Clock, Limits
        Of the solve.
    warm : bool
        Whether the solve began with a plan, which heat would destroy.
    """

    def __init__(self, view: View, guide: Guide, best: Incumbent, clock: Clock, limits: Limits, warm: bool) -> None:
        self.view = view
        self.guide = guide
        self.best = best
        self.clock = clock
        self.limits = limits
        self.workers = max(1, limits.workers)
        self.hot = _WARM_HOT if warm else _HOT

    def over(self) -> bool:
        """Whether to stop: limits reached, or nothing left to prove."""
        return self.clock.over() or self.best.optimal()

    def search(self, begin: float, end: float, seed: int) -> None:
        """One annealing from the best plan while `spent` goes from `begin` to `end`."""
        state = state_of(self.view, self.best.taken(self.view))

        def better() -> None:
            if state.total[COST] < self.best.cost:
                self.best.offer(self.view, state.taken, "search")

        self._anneal(self.view, state, self.guide, begin, end, end - self.clock.spent(), seed, better)
        anneal(self.view, state, self.guide, random_source(seed), _CHUNK, 0.0, 0.0)
        better()

    def _anneal(
        self,
        view: View,
        state: State,
        guide: Guide,
        begin: float,
        end: float,
        most: float,
        seed: int,
        after: Callable[[], None] | None = None,
    ) -> None:
        """Anneal a placement for at most the share `most` of the limit, as warm as `spent` is between `begin` and `end`."""
        source = random_source(seed)
        began, chunks = self.clock.seconds(), 0
        while not self.over():
            done = self.clock.share(self.clock.seconds() - began, chunks * _CHUNK / _UNIT)
            if done >= most:
                break
            cooled = min(1.0, (self.clock.spent() - begin) / max(1e-9, end - begin))
            warmth = guide.spread * self.hot * (_COLD / self.hot) ** cooled
            anneal(view, state, guide, source, _CHUNK, warmth, warmth)
            chunks += 1
            self.clock.work(_CHUNK / _UNIT)
            if after is not None:
                after()

    def run(self, worths: Worths | None) -> None:
        """Search, or dives if there are worths for them, and neighbourhoods by turns, on all workers."""
        begin = self.clock.spent()
        left = 1.0 - begin
        search: Callable[[float, float, int], None]
        if worths is not None:
            search, share = partial(self._all_dives, worths), _DIVE_TURN
        else:
            size = region_size(self.view, _REGION)
            search = partial(self._regions, size) if divisible(self.view, size) else self._searches
            share = _SMALL_TURN if self.view.option_cost.size < _REGION else _LARGE_TURN
        for turn in itertools.count(1):
            if self.over():
                return
            middle, end = begin + share.search * left, begin + (share.search + share.neighbourhoods) * left
            search(begin, middle, turn)
            shared = Neighbourhoods(self.view, self.best.taken(self.view), self.guide)
            self.spread(partial(self._neighbourhoods, shared, end, turn))
            begin = end

    def _searches(self, begin: float, end: float, turn: int) -> None:
        """One annealing of the whole for each worker."""
        self.spread(lambda worker: self.search(begin, end, self.limits.seed + 7919 * turn + worker))

    def _regions(self, size: int, begin: float, end: float, turn: int) -> None:
        """One annealing of all, region by region."""
        regions = Regions(self.view, self.guide, self.best.taken(self.view), self.workers)
        random = np.random.default_rng((self.limits.seed % 2**32, turn))
        seconds = self.limits.work if self.limits.work is not None else self.limits.seconds
        # A visit has to be worth the cut, and borders have to be drawn often enough.
        visits = (end - begin) * seconds * self.workers * size / self.view.option_cost.size / _VISIT
        rounds = int(np.clip(visits, *_ROUNDS))
        for index in range(rounds):
            length = (end - self.clock.spent()) / (rounds - index)
            if self.over() or length <= 0.0:
                return
            # The largest first, so that all workers end a round at about the same time.
            waiting = deque(sorted(regions.draw(random, size), key=len, reverse=True))
            self.spread(partial(self._visits, regions, waiting, begin, end, length, int(random.integers(2**31))))
            self.best.offer(self.view, regions.taken(), "search")

    def _visits(
        self,
        regions: Regions,
        waiting: deque[IntArray],
        begin: float,
        end: float,
        length: float,
        seed: int,
        worker: int,
    ) -> None:
        """Anneal waiting regions, each for its part of a round that takes the share `length` of the limit."""
        while waiting and not self.over():
            items = waiting.popleft()
            region = regions.take(items)
            most = length * self.workers * items.size / self.view.item_count.size
            self._anneal(region.view, region.state, region.guide, begin, end, most, seed + int(items[0]))
            regions.give(region)

    def _all_dives(self, worths: Worths, begin: float, end: float, turn: int) -> None:
        """Dives by each worker."""
        self.spread(partial(self.dives, worths, begin, end, turn))

    def worths(self) -> Worths:
        """What dives start from, within its share of the time."""
        begin = self.clock.seconds()
        budget = _WORTH_SHARE * self.limits.seconds

        def proceed(share: float) -> float:
            pace = 0.0 if self.clock.by_work() else (self.clock.seconds() - begin) / budget
            return 1.0 if self.over() else max(share, pace)

        return Worths(table_of(self.view, self.guide, self.best.prices.row / self.best.prices.scale), proceed)

    def dives(self, worths: Worths, begin: float, end: float, turn: int, worker: int) -> None:
        """Dive once in turn 0; then refill rows while `spent` goes from `begin` to `end`, cooling from the best plan."""
        dives = Dives(self.view, worths, self.limits.seed + 7919 * turn + worker)
        if turn == 0:
            dives.dive(self.over)
            self.best.offer(self.view, dives.tried(), "dives")
        coolings = 1 if turn == 0 else _COOLINGS
        cooling = -1
        while not self.over():
            share = coolings * (self.clock.spent() - begin) / max(1e-9, end - begin)
            if share >= coolings:
                break
            if int(share) > cooling:
                cooling = int(share)
                dives.restart(self.best.taken(self.view))
            cost = dives.step(cooling + 1 - share)
            self.clock.work()
            if cost < self.best.cost:
                self.best.offer(self.view, dives.tried(), "dives")

    def _neighbourhoods(self, shared: Neighbourhoods, end: float, turn: int, worker: int) -> None:
        random = np.random.default_rng((self.limits.seed % 2**32, turn, worker))
        size = 40
        while not self.over() and self.clock.spent() < end:
            gap = self.guide.gap(self.best.cost)
            seconds = min(0.6, self.clock.left())
            work = 0.05 if self.clock.by_work() else None
            effort = Effort(seconds if work is None else self.clock.left(), 1, int(random.integers(2**31)), work)
            gain, solved = shared.step(random, size, gap, effort, self.over)
            self.clock.work()
            if gain and shared.cost() < self.best.cost:
                self.best.offer(self.view, shared.taken(), "neighbourhoods")
            # Neighbourhoods that solve at once may grow, others shrink.
            size = min(400, size + 1) if solved else max(12, int(size * 0.9))

    def spread(self, task: Callable[[int], None]) -> None:
        """Run `task(0) .. task(workers-1)`, side by side."""
        if self.workers == 1:
            task(0)
            return
        failure: list[BaseException] = []

        def guarded(index: int) -> None:
            try:
                task(index)
            except BaseException as problem:
                failure.append(problem)
                self.clock.halt()

        threads = [threading.Thread(target=guarded, args=(index,), daemon=True) for index in range(self.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failure:
            raise failure[0]
