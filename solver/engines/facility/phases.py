"""Phases for packings where activations decide: sets of them, branching over them, and SCIP where those are no gates."""

from __future__ import annotations

from solver.engines.cpsat import Effort
from solver.engines.exact import part_of
from solver.engines.facility.branching import Branching
from solver.engines.facility.mip import solve_linear
from solver.engines.facility.openings import Openings
from solver.engines.phase import Phase, Solve
from solver.engines.state import State
from solver.packing.solution import Stage


def _has_gates(solve: Solve) -> bool:
    return solve.climbed is not None


def _openings(solve: Solve) -> Openings:
    """The solve's search over sets of open activations."""
    if solve.openings is None:

        def found(state: State) -> None:
            solve.best.offer(solve.view, state.taken, Stage.OPENINGS)

        solve.openings = Openings(solve.view, solve.guide, solve.limits.seed, found, solve.params)
    return solve.openings


def _open(solve: Solve) -> None:
    """Plans around sets of open activations, where single copies cannot find which to open."""
    if solve.climbed is None:
        return
    params, openings = solve.params.openings, _openings(solve)
    budget = solve.part(params.share)
    openings.begin(solve.climbed.sets[: params.sets], budget)
    openings.change(params.changes, budget)


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
        pricing, unit, solve.view, solve.guide, solve.best, _openings(solve), effort, budget, solve.params.tree
    )
    branching.run(root, params.most_nodes if limit is None else params.nodes_each * limit)
    budget.charge()


def _has_loose(solve: Solve) -> bool:
    return solve.loose and part_of(solve).options.size <= solve.params.models.largest_linear


def _linear(solve: Solve) -> None:
    """SCIP on the whole packing, for its plans only: where there are activations that are no gates its relaxation says
    more than CP-SAT's, but its bound rests on floating point."""
    params, work, part = solve.params.linear, solve.limits.work, part_of(solve)
    seconds = min(solve.clock.left(), max(1.0, params.share * solve.limits.seconds))
    effort = Effort(
        seconds, 1, solve.limits.seed, None if work is None else params.nodes_each * work, solve.params.models.largest_linear
    )
    taken = solve_linear(solve.view, part, effort, solve.clock)
    if taken is not None:
        solve.best.offer_part(solve.view, part.options, taken, Stage.EXACT)


OPENINGS = Phase(Stage.OPENINGS, _has_gates, _open)
BRANCHING = Phase(Stage.BRANCHING, _has_gates, _branch)
LINEAR = Phase(Stage.LINEAR, _has_loose, _linear)
