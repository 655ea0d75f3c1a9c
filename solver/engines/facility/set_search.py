"""Facility-set local search: choose first which activations to open, then who goes where.

Where opening costs much, moving copies one at a time seldom opens or shuts anything for good. Here whole sets of open
activations are tried: each is filled by regret among what is open, then annealed briefly, in which single copies may still
open more. The sets to begin with are those that the pattern bound opened on its way (a Lagrangian heuristic); then one
activation of one of the best sets is closed, opened, or exchanged at a time. `branching` brings further sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.engines.first import fill, regret
from solver.engines.search import anneal, random_source
from solver.engines.state import COST, WAITING, State, empty_state
from solver.params import SolveParams
from solver.running.budget import AnyBudget

Flags = NDArray[np.bool_]

#: A cost that no option has: those of closed activations are filled last.
_SHUT = 1e15


class FacilitySetSearch:
    """The local search over sets of open activations.

    Parameters
    ----------
    view, guide : CompiledPacking, ReducedCosts
        The packing and how to search it.
    seed : int
        Start of its random sequences.
    found : callable
        Told every plan that is the best so far.
    params : SolveParams
        Of it `facility` and `chains`.
    """

    def __init__(
        self, view: CompiledPacking, guide: ReducedCosts, seed: int, found: Callable[[State], None], params: SolveParams
    ) -> None:
        self._view, self._guide, self._found = view, guide, found
        self._params, self._chains = params.facility, params.chains
        self._source = random_source(seed)
        self._random = np.random.default_rng(seed % 2**32)
        #: The best sets and the costs of their plans, best first.
        self._pool: list[tuple[int, Flags]] = []

    def begin(self, sets: Iterable[Flags], budget: AnyBudget) -> None:
        """Try the given sets, each twice."""
        for opened in sets:
            for _ in range(2):
                if budget.over():
                    return
                self.attempt(opened)

    def change(self, trials: int, budget: AnyBudget) -> None:
        """Shut, open or exchange single activations of one of the best sets, at most `trials` times."""
        least, idle = 2**62, 0
        for _ in range(trials):
            if budget.over() or not self._pool or idle == self._params.idle:
                return
            best = self._pool[0][0]
            idle = 0 if best < least else idle + 1
            least = best
            # The better of two draws: the best sets come up most often.
            parent = min(self._random.integers(len(self._pool), size=2))
            opened = self._pool[parent][1].copy()
            draw = self._random.random()
            inside, outside = np.flatnonzero(opened), np.flatnonzero(~opened)
            if inside.size and not 0.6 <= draw < 0.8:
                opened[self._random.choice(inside)] = False
            if outside.size and draw < 0.8:
                opened[self._random.choice(outside)] = True
            self.attempt(opened)

    def attempt(self, opened: Flags, guide: ReducedCosts | None = None) -> None:
        """Make a plan around a set of open activations, bool[A], by a guide of its own if there is one."""
        view, guide, params = self._view, guide or self._guide, self._params
        state = empty_state(view)
        closed = (view.option_activation >= 0) & ~opened[view.option_activation]
        cost = view.option_cost.astype(np.float64)
        score = np.where(closed, _SHUT, cost)
        order = np.argsort(-regret(view, score), kind="stable")
        fill(view, state, np.where(closed, np.inf, cost), order)
        if state.total[WAITING]:
            fill(view, state, cost, order)
        hot, cold = guide.spread * params.hot, guide.spread * params.cold
        anneal(view, state, guide, self._source, params.proposals, hot, cold, self._chains)
        anneal(view, state, guide, self._source, params.proposals // 4, 0.0, 0.0, self._chains)
        cost_now, users = int(state.total[COST]), state.users > 0
        if not self._pool or cost_now < self._pool[0][0]:
            self._found(state)
        if all(known != cost_now or not np.array_equal(flags, users) for known, flags in self._pool):
            self._pool = sorted([*self._pool, (cost_now, users)], key=lambda entry: entry[0])[: params.pool]
