"""Exact search by SCIP, through MathOpt: branch and bound over the linear relaxation.

Where activations decide that branching leaves (a node has several), the relaxation with ``x <= y`` and
``load <= capacity y`` is close to whole, and SCIP closes in seconds what CP-SAT does not close at all; setup variables of
one node each are decided better by `branching`. Its plans are proposals like CP-SAT's: the caller checks each. Its bound
comes from floating-point linear programs and within tolerances, so nothing is made of it. Like all of
OR-Tools, MathOpt is imported for the first model that is made.
"""

from __future__ import annotations

import datetime
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.bounds.compiled_packing import CompiledPacking
from solver.engines.cpsat import Effort, Subproblem
from solver.packing import IntArray
from solver.running.budget import AnyBudget

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt


def solve_linear(view: CompiledPacking, part: Subproblem, effort: Effort, budget: AnyBudget) -> IntArray | None:
    """Copies on each option of a part at least cost, int64[K], as far as the limits allow; None if nothing was found.

    Parameters
    ----------
    view, part : CompiledPacking, Subproblem
        What to decide.
    effort : Effort
        Limits; with `work` given, that many nodes of the search tree and no look at the clock.
    budget : Budget
        Asked ten times a second; the search ends once it is over.
    """
    if part.options.size > effort.largest:
        raise ValueError(f"{part.options.size} options are too many for one linear model")
    from ortools.math_opt.python import mathopt
    from ortools.util.python import solve_interrupter

    model, variables, hint = _model(view, part)
    limits = mathopt.SolveParameters(random_seed=effort.seed % 2**31, threads=1)
    limits.time_limit = datetime.timedelta(seconds=max(0.01, effort.seconds))
    if effort.work is not None:
        limits.node_limit = max(1, int(effort.work))
    stop = solve_interrupter.SolveInterrupter()
    finished = threading.Event()

    def guard() -> None:
        while not finished.wait(0.1):
            if budget.over():
                stop.interrupt()
                return

    watcher = threading.Thread(target=guard, daemon=True)
    watcher.start()
    try:
        result = mathopt.solve(
            model,
            mathopt.SolverType.GSCIP,
            params=limits,
            model_params=mathopt.ModelSolveParameters(solution_hints=[hint]),
            interrupter=stop,
        )
    finally:
        finished.set()
        watcher.join()
    if not result.has_primal_feasible_solution():
        return None
    return np.asarray(np.rint(result.variable_values(variables)), dtype=np.int64)


def _model(view: CompiledPacking, part: Subproblem) -> tuple[mathopt.Model, list[Any], mathopt.SolutionHint]:
    """The model, its option variables, and the start in its terms."""
    from ortools.math_opt.python import mathopt

    model = mathopt.Model()
    variables = [model.add_integer_variable(lb=0, ub=int(most)) for most in part.most]
    activation = view.option_activation[part.options]
    asked = [int(a) for a in np.unique(activation[activation >= 0]) if not part.open[a]]
    switch = {a: model.add_binary_variable() for a in asked}
    values: dict[Any, float] = {x: float(value) for x, value in zip(variables, part.start, strict=True)}
    hinted = set(activation[part.start > 0].tolist())
    values.update({variable: float(a in hinted) for a, variable in switch.items()})

    item = view.option_item[part.options]
    starts = np.searchsorted(item, part.items)
    ends = np.searchsorted(item, part.items, side="right")
    objective: list[Any] = []
    for index, (first, end, copies) in enumerate(zip(starts, ends, part.copies, strict=True)):
        # A copy that stays unplaced pays the penalty.
        waiting = model.add_integer_variable(lb=0, ub=0 if part.must_place[index] else int(copies))
        model.add_linear_constraint(mathopt.fast_sum([*variables[first:end], waiting]) == int(copies))
        objective.append(int(view.item_penalty[part.items[index]]) * waiting)
        values[waiting] = float(copies - part.start[first:end].sum())
    rows: dict[int, list[Any]] = {}
    users: dict[int, set[int]] = {}
    for position, option in enumerate(part.options):
        variable, needs = variables[position], int(activation[position])
        objective.append(int(view.option_cost[option]) * variable)
        if needs in switch:
            model.add_linear_constraint(variable <= int(part.most[position]) * switch[needs])
        for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
            row = int(view.load_row[at])
            rows.setdefault(row, []).append(int(view.load_amount[at]) * variable)
            users.setdefault(row, set()).add(needs)
    for a, variable in switch.items():
        objective.append(int(view.activation_cost[a]) * variable)
        for at in range(view.activation_load_ptr[a], view.activation_load_ptr[a + 1]):
            row = int(view.activation_load_row[at])
            rows.setdefault(row, []).append(int(view.activation_load_amount[at]) * variable)
            users.setdefault(row, set()).add(a)
    for row, terms in rows.items():
        # A row of a single activation has nothing to give while that is closed.
        alone = next(iter(users[row])) if len(users[row]) == 1 else -1
        capacity = int(part.free[row])
        model.add_linear_constraint(mathopt.fast_sum(terms) <= (capacity * switch[alone] if alone in switch else capacity))
    model.minimize(mathopt.fast_sum(objective))
    return model, variables, mathopt.SolutionHint(variable_values=values)
