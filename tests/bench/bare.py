"""Bare CP-SAT: the whole packing in one model, no hint, no bound of ours, nothing decomposed."""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from solver.packing import IntArray, Packing, Placement

#: More options than this are not handed over: the model alone would take minutes and gigabytes.
MOST_OPTIONS = 400_000


@dataclass(frozen=True)
class BareAnswer:
    """What CP-SAT found. `series` holds (seconds, cost, bound) of each better plan; times count from the call."""

    placement: Placement
    bound: int
    status: str
    series: tuple[tuple[float, int, int], ...]


class _Log(cp_model.CpSolverSolutionCallback):
    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began
        self.series: list[tuple[float, int, int]] = []

    def on_solution_callback(self) -> None:
        at = time.monotonic() - self._began
        self.series.append((at, round(self.objective_value), max(0, math.floor(self.best_objective_bound + 1e-6))))


def solve_bare(packing: Packing, seconds: float, workers: int, seed: int) -> BareAnswer:
    """Minimise a packing by CP-SAT within `seconds` of wall-clock time, the making of the model included."""
    began = time.monotonic()
    model, taken = _model(packing)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_time_in_seconds = max(0.01, seconds - (time.monotonic() - began))
    log = _Log(began)
    status = solver.solve(model, log)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        nothing = np.zeros(0, np.int64)
        return BareAnswer(Placement(nothing, nothing, nothing), 0, solver.status_name(status).lower(), ())
    count = np.array([solver.value(x) for x in taken], np.int64)
    option = np.flatnonzero(count)
    # Nothing costs less than nothing, whatever CP-SAT has proven so far.
    bound = max(0, math.floor(solver.best_objective_bound + 1e-6))
    return BareAnswer(
        Placement(packing.option_item[option], option, count[option]), bound, solver.status_name(status).lower(),
        tuple(log.series),
    )  # fmt: skip


def _model(packing: Packing) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Copies on each option as whole numbers; an item's copies and every row as constraints."""
    if packing.activations:
        raise ValueError("the bare model knows no cost that items share")
    model = cp_model.CpModel()
    weighted = cp_model.LinearExpr.weighted_sum
    taken: list[cp_model.IntVar] = []
    for k, (first, end) in enumerate(itertools.pairwise(packing.item_ptr.tolist())):
        copies = int(packing.item_count[k])
        mine = [model.new_int_var(0, copies, "") for _ in range(first, end)]
        if mine:
            model.add(sum(mine) <= copies)
        taken.extend(mine)
    for members, amounts, capacity in _rows(packing):
        model.add(weighted([taken[o] for o in members], amounts) <= capacity)
    gain: IntArray = packing.option_cost - packing.item_penalty[packing.option_item]
    model.minimize(weighted(taken, gain.tolist()) + int((packing.item_count * packing.item_penalty).sum()))
    return model, taken


def _rows(packing: Packing) -> list[tuple[list[int], list[int], int]]:
    """Options that load each row, by how much, and its capacity."""
    option = np.repeat(np.arange(packing.options, dtype=np.int64), np.diff(packing.load_ptr))
    order = np.argsort(packing.load_row, kind="stable")
    edges = np.searchsorted(packing.load_row[order], np.arange(packing.rows + 1))
    return [
        (option[order[a:b]].tolist(), packing.load_amount[order[a:b]].tolist(), int(packing.row_capacity[r]))
        for r, (a, b) in enumerate(itertools.pairwise(edges.tolist()))
    ]
