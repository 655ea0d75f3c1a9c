"""Branch and bound over setup variables: branching decides which activations are open, patterns decide who goes where.

Where activations decide (facility location), what the pattern bound lacks is mostly that a setup variable is fractional. The
most fractional one is fixed to 0 in one child and to 1 in the other, and the dual ascent goes on in each from the values of
the root, which takes a few dozen passes. Nodes that cannot hold a cheaper plan are pruned; a variable is fixed where its
other value would lift the bound to the best plan's cost (reduced-cost fixing). Best-first selection: the least bound of
all open nodes holds for the whole packing and rises.

Once all setup variables are fixed, few options are left that a cheaper plan could use. CP-SAT chooses among them.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.ascent import DualResult, PatternAscent
from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.patterns import Pricing
from solver.bounds.reduced_costs import ReducedCosts, ranking
from solver.bounds.setups import CLOSED, FREE, OPEN
from solver.engines.cpsat import Answer, Effort, solve_subproblem, whole_packing
from solver.engines.facility.set_search import FacilitySetSearch
from solver.packing import IntArray
from solver.packing.solution import Stage
from solver.params import TreeParams
from solver.running.budget import AnyBudget
from solver.running.incumbent import Incumbent

Forced = NDArray[np.int8]


class TreeNode(NamedTuple):
    """A node of the tree: some setup variables fixed. Nodes are taken by bound, then by age.

    Attributes
    ----------
    bound : int
        What every plan in it costs at least, times the pricing's scale.
    age : int
        A number of its own.
    forced : int8[G]
        Of each setup variable FREE, or fixed to 0 (CLOSED) or 1 (OPEN).
    summit : DualResult
        Where the dual ascent under these ended.
    effort : float
        How often the usual effort CP-SAT may spend on it, once all its variables are fixed.
    """

    bound: int
    age: int
    forced: Forced
    summit: DualResult
    effort: float


class Branching:
    """The tree of one packing.

    Parameters
    ----------
    pricing : Pricing
        The packing's pattern bound.
    unit : float64[I]
        See `PatternAscent`.
    view, guide, best : CompiledPacking, ReducedCosts, Incumbent
        The packing, what the prices say, and where plans and bounds go.
    set_search : FacilitySetSearch
        Makes plans of sets of open activations.
    effort : Effort
        For one try of CP-SAT.
    budget : Budget
        The search ends once it is over.
    params : TreeParams
        When to dive, and what CP-SAT gets.
    """

    def __init__(
        self,
        pricing: Pricing,
        unit: NDArray[np.float64],
        view: CompiledPacking,
        guide: ReducedCosts,
        best: Incumbent,
        set_search: FacilitySetSearch,
        effort: Effort,
        budget: AnyBudget,
        params: TreeParams,
    ) -> None:
        self._pricing, self._unit = pricing, unit
        self._view, self._guide, self._best = view, guide, best
        self._set_search, self._effort, self._budget = set_search, effort, budget
        self._params = params
        self._nodes: list[TreeNode] = []
        self._ages = 0
        self._tried: set[bytes] = set()
        #: Whether something was dropped on CP-SAT's word.
        self._believing = False

    def run(self, root: DualResult, splits: int) -> None:
        """Split what `root` bounds, at most so many times."""
        self._push(self._pricing.forced, root, root.bound)
        for split in range(splits):
            if self._budget.over():
                break
            if not self._nodes or self._nodes[0].bound > self._goal():
                self._tell(self._best.cost)
                break
            if split in self._params.dives:
                self._dive(self._nodes[0])
            node = heapq.heappop(self._nodes)
            self._tell(-(-node.bound // self._pricing.scale))
            forced = self._settled(node)
            free = np.flatnonzero(forced == FREE)
            if free.size:
                self._attempt(node.summit.opened)
                self._split(node, forced, int(free[np.argmin(np.abs(node.summit.fractional[free] - 0.5))]))
            elif not self._choose(node._replace(forced=forced)):
                break
        self._pricing.force(np.full_like(self._pricing.forced, FREE))

    def _goal(self) -> int:
        """What a bound must exceed for nothing cheaper than the best plan to be left."""
        return (self._best.cost - 1) * self._pricing.scale

    def _tell(self, bound: int) -> None:
        if self._believing:
            self._best.believe(bound, Stage.BRANCHING)
        else:
            self._best.prove(bound, None, Stage.BRANCHING)

    def _push(self, forced: Forced, summit: DualResult, bound: int, effort: float = 1.0) -> None:
        if bound <= self._goal():
            self._ages += 1
            heapq.heappush(self._nodes, TreeNode(bound, self._ages, forced, summit, effort))

    def _settled(self, node: TreeNode) -> Forced:
        """The node's setup variables after reduced-cost fixing."""
        self._pricing.force(node.forced)
        # A search cut short may bound a pattern otherwise than before: bound and margins are of one pass.
        slack = self._goal() - self._pricing.total(node.summit.value)
        margin = self._pricing.margin()
        forced = node.forced.copy()
        forced[margin > slack] = CLOSED
        forced[-margin > slack] = OPEN
        return forced

    def _attempt(self, opened: NDArray[np.bool_]) -> None:
        """Make a plan around what the relaxation opens, unless that was done before."""
        name = opened.tobytes()
        if name not in self._tried:
            self._tried.add(name)
            self._set_search.attempt(self._pricing.activated(opened))

    def _climb(self, forced: Forced, start: IntArray) -> DualResult:
        """The best bound under fixed variables, or one that exceeds the goal."""
        self._pricing.force(forced)
        ascent = PatternAscent(self._pricing, self._unit, start, self._pricing.params.ascent.from_values)
        while ascent.step(self._best.cost) and ascent.bound <= self._goal() and not self._budget.over():
            pass
        return ascent.result()

    def _split(self, node: TreeNode, forced: Forced, variable: int) -> None:
        for state in (CLOSED, OPEN):
            one = forced.copy()
            one[variable] = state
            summit = self._climb(one, node.summit.value)
            self._push(one, summit, max(node.bound, summit.bound))
            if self._budget.over():
                # The other state may not have been looked at.
                self._push(forced, node.summit, node.bound)
                return

    def _dive(self, node: TreeNode) -> None:
        """Round all setup variables as the relaxation mostly has them, a third at a time, and make plans around them."""
        while not self._budget.over() and node.summit.bound <= self._goal():
            forced = self._settled(node)
            free = np.flatnonzero(forced == FREE)
            if free.size == 0:
                guide = self._guide_at(forced, node.summit)
                self._gather(forced, guide)
                likely = guide.target(self._params.dive_options * self._view.item_count.size, -1)
                self._place(guide, guide.gap(min(likely, self._best.cost)), self._params.dive_effort)
                return
            fractional = node.summit.fractional
            surest = free[np.argsort(-np.abs(fractional[free] - 0.5), kind="stable")[: -(-free.size // 3)]]
            forced[surest] = np.where(fractional[surest] > 0.5, OPEN, CLOSED)
            node = node._replace(forced=forced, summit=self._climb(forced, node.summit.value))

    def _gather(self, forced: Forced, guide: ReducedCosts) -> None:
        """Plans by search with all variables fixed: by the ranking of the root's prices, and by that of this node's."""
        opened = self._pricing.activated(forced == OPEN)
        self._set_search.attempt(opened)
        ranked = guide._replace(rank=ranking(self._view, guide.excess))
        for _ in range(self._params.gatherings):
            self._set_search.attempt(opened, ranked)

    def _choose(self, node: TreeNode) -> bool:
        """Look for the cheapest plan where all variables are fixed, to try longer later if that was not enough; False if
        the options are too many."""
        guide = self._guide_at(node.forced, node.summit)
        gap = guide.gap(self._best.cost)
        if np.count_nonzero(guide.excess <= gap) > self._params.largest_choice:
            return False
        answer = self._place(guide, gap, node.effort)
        self._believing = True
        if not answer.optimal:
            bound = max(node.bound, answer.bound * self._pricing.scale)
            self._push(node.forced, node.summit, bound, 2.0 * node.effort)
        return True

    def _guide_at(self, forced: Forced, summit: DualResult) -> ReducedCosts:
        """The guide under fixed variables."""
        self._pricing.force(forced)
        return self._pricing.sharpen(self._guide, summit.value)

    def _place(self, guide: ReducedCosts, gap: float, times: float) -> Answer:
        """Let CP-SAT choose among the options of at most so much excess, with so many times the usual effort."""
        view, best = self._view, self._best
        options = np.flatnonzero(guide.excess <= gap)
        # No cheaper plan can leave these out.
        must_place = guide.left_out > guide.gap(best.cost)
        homes = np.bincount(view.option_item[options], minlength=must_place.size)
        if (must_place & (homes == 0) & (view.item_count > 0)).any():
            return Answer(None, 0, True, 0.0)
        part = whole_packing(view, options, best.taken(view), must_place)
        work = self._effort.work
        effort = replace(self._effort, seconds=times * self._effort.seconds, work=None if work is None else times * work)
        answer = solve_subproblem(view, part, effort, self._budget)
        if answer.taken is not None:
            best.offer_part(view, options, answer.taken, Stage.BRANCHING)
        return answer
