"""Bare mixed-integer programming: the whole packing in one model for HiGHS or SCIP, nothing of ours in it.

The model goes over in bulk. Facilities that several copies share are linked option by option, the tighter of the two
usual ways. SCIP is given a start, the plan of the cheapest option with room; HiGHS cannot be given one here.
"""

from __future__ import annotations

import datetime
import math
import time
from dataclasses import dataclass

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from scipy.sparse import coo_matrix, csr_matrix, vstack

from solver.packing import Packing, Placement

SOLVERS = {"highs": mathopt.SolverType.HIGHS, "scip": mathopt.SolverType.GSCIP}


@dataclass(frozen=True)
class MipAnswer:
    """What the solver found: None without a plan. `bound` is None where it proved nothing."""

    placement: Placement | None
    bound: int | None
    status: str


def solve_mip(packing: Packing, solver: str, seconds: float, seed: int, start: Placement | None = None) -> MipAnswer:
    """Minimise a packing within `seconds` of wall-clock time, the making of the model included."""
    began = time.monotonic()
    model = mathopt.Model.from_model_proto(_model(packing))
    variables = list(model.variables())
    hints = [_hint(packing, variables, start)] if start is not None and solver == "scip" else []
    parameters = mathopt.SolveParameters(
        time_limit=datetime.timedelta(seconds=max(0.1, seconds - (time.monotonic() - began))),
        enable_output=True, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.999, random_seed=seed % 2**31,
    )  # fmt: skip
    result = mathopt.solve(
        model, SOLVERS[solver], params=parameters, model_params=mathopt.ModelSolveParameters(solution_hints=hints)
    )
    reason = result.termination.reason.name.lower()
    proven = result.best_objective_bound()
    # Costs are whole numbers, so a bound may be rounded up, but for what floating point may have added to it.
    bound = max(0, math.ceil(proven - max(1e-4, 1e-9 * abs(proven)))) if math.isfinite(proven) else None
    if not result.has_primal_feasible_solution():
        return MipAnswer(None, bound, reason)
    values = result.variable_values()
    count = np.rint([values[v] for v in variables[: packing.options]]).astype(np.int64)
    option = np.flatnonzero(count > 0)
    return MipAnswer(Placement(packing.option_item[option], option, count[option]), bound, reason)


def _hint(packing: Packing, variables: list[mathopt.Variable], start: Placement) -> mathopt.SolutionHint:
    values = np.zeros(len(variables))
    np.add.at(values, start.option, start.count)
    opened = np.unique(packing.option_activation[start.option])
    values[packing.options + opened[opened >= 0]] = 1.0
    return mathopt.SolutionHint(variable_values=dict(zip(variables, values.tolist(), strict=True)))


def _model(packing: Packing) -> model_pb2.ModelProto:
    """Copies on each option, then activations, as whole numbers; the penalty of all copies as a constant."""
    options, activations = packing.options, packing.activations
    columns = options + activations
    item = packing.option_item
    upper = np.concatenate((packing.item_count[item], np.ones(activations, np.int64)))
    cost = np.concatenate((packing.option_cost - packing.item_penalty[item], packing.activation_cost)).astype(np.float64)
    width = (packing.items, columns)
    choose = csr_matrix((np.ones(options), np.arange(options), packing.item_ptr), shape=width)
    loads = csr_matrix(
        (
            np.concatenate((packing.load_amount, packing.activation_load_amount)).astype(np.float64),
            np.concatenate((packing.load_row, packing.activation_load_row)),
            np.concatenate((packing.load_ptr, packing.load_ptr[-1] + packing.activation_load_ptr[1:])),
        ),
        shape=(columns, packing.rows),
    ).T
    shared = np.flatnonzero(packing.option_activation >= 0)
    lines = np.arange(len(shared))
    link = coo_matrix(
        (
            np.concatenate((np.ones(len(shared)), -upper[shared].astype(np.float64))),
            (np.concatenate((lines, lines)), np.concatenate((shared, options + packing.option_activation[shared]))),
        ),
        shape=(len(shared), columns),
    )
    matrix = vstack([choose, loads, link]).tocsr()
    matrix.sum_duplicates()
    entries = matrix.tocoo()
    most = np.concatenate((packing.item_count, packing.row_capacity, np.zeros(len(shared), np.int64))).astype(np.float64)
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(columns))
    model.variables.lower_bounds.extend(np.zeros(columns).tolist())
    model.variables.upper_bounds.extend(upper.astype(np.float64).tolist())
    model.variables.integers.extend([True] * columns)
    model.objective.offset = float((packing.item_count * packing.item_penalty).sum())
    paid = np.flatnonzero(cost)
    model.objective.linear_coefficients.ids.extend(paid.tolist())
    model.objective.linear_coefficients.values.extend(cost[paid].tolist())
    model.linear_constraints.ids.extend(range(len(most)))
    model.linear_constraints.lower_bounds.extend([-math.inf] * len(most))
    model.linear_constraints.upper_bounds.extend(most.tolist())
    model.linear_constraint_matrix.row_ids.extend(entries.row.tolist())
    model.linear_constraint_matrix.column_ids.extend(entries.col.tolist())
    model.linear_constraint_matrix.coefficients.extend(entries.data.tolist())
    return model
