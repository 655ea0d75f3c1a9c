"""Phases where activations decide: facility-set local search, branching over setup variables, SCIP for what these leave."""

from __future__ import annotations

from solver.engines.cpsat import Effort
from solver.engines.exact import subproblem_of
from solver.engines.facility.branching import Branching
from solver.engines.facility.mip import solve_linear
from solver.engines.facility.set_search import FacilitySetSearch
from solver.engines.phase import Phase, Solve
from solver.engines.state import State
from solver.packing.solution import Stage


def _has_setups(solve: Solve) -> bool:
    return solve.climbed is not None


def _set_search(solve: Solve) -> FacilitySetSearch:
    """The solve's search over sets of open activations."""
    if solve.set_search is None:

        def found(state: State) -> None:
            solve.best.offer(solve.view, state.taken, Stage.OPENINGS)

        solve.set_search = FacilitySetSearch(solve.view, solve.guide, solve.limits.seed, found, solve.params)
    return solve.set_search


def _open(solve: Solve) -> None:
    """Plans around sets of open activations, where single copies cannot find which to open."""
    if solve.climbed is None:
        return
    params, set_search = solve.params.openings, _set_search(solve)
    budget = solve.part(params.share)
    set_search.begin(solve.climbed.sets[: params.sets], budget)
    set_search.change(params.changes, budget)


def _branch(solve: Solve) -> None:
    """Decide which activations are open by splitting, for a share of the limit at most."""
    if solve.climbed is None:
        return
    params, limit = solve.params.branching, solve.limits.work
    pricing, unit, root, _ = solve.climbed
    seconds = max(params.choice_seconds, params.choice_share * solve.limits.seconds)
    work = None if limit is None else params.choice_share * limit
    effort = Effort(seconds, solve.workers, solve.limits.seed, work, solve.params.models.largest)
    budget = solve.part(params.share)
    branching = Branching(
        pricing, unit, solve.view, solve.guide, solve.best, _set_search(solve), effort, budget, solve.params.tree
    )
    branching.run(root, params.most_nodes if limit is None else params.nodes_each * limit)
    budget.charge()


def _has_loose(solve: Solve) -> bool:
    return solve.loose and subproblem_of(solve).options.size <= solve.params.models.largest_linear


def _linear(solve: Solve) -> None:
    """SCIP on the whole packing, for its plans only: where there are activations that branching leaves its relaxation says
    more than CP-SAT's, but its bound rests on floating point."""
    params, work, part = solve.params.linear, solve.limits.work, subproblem_of(solve)
    seconds = min(solve.clock.left(), max(1.0, params.share * solve.limits.seconds))
    effort = Effort(
        seconds, 1, solve.limits.seed, None if work is None else params.nodes_each * work, solve.params.models.largest_linear
    )
    taken = solve_linear(solve.view, part, effort, solve.clock)
    if taken is not None:
        solve.best.offer_part(solve.view, part.options, taken, Stage.EXACT)


OPENINGS = Phase(Stage.OPENINGS, _has_setups, _open)
BRANCHING = Phase(Stage.BRANCHING, _has_setups, _branch)
LINEAR = Phase(Stage.LINEAR, _has_loose, _linear)
