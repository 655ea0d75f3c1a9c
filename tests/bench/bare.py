"""Bare CP-SAT: the whole packing in one model, no bound of ours, nothing decomposed; a start may be given as a hint."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
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
    def __init__(self, began: float, on_step: Callable[[float, int, int], None] | None) -> None:
        super().__init__()
        self._began = began
        self._on_step = on_step
        self.series: list[tuple[float, int, int]] = []

    def on_solution_callback(self) -> None:
        at = time.monotonic() - self._began
        step = (at, round(self.objective_value), max(0, math.floor(self.best_objective_bound + 1e-6)))
        self.series.append(step)
        if self._on_step:
            self._on_step(*step)


def solve_bare(
    packing: Packing, seconds: float, workers: int, seed: int, start: Placement | None = None,
    on_step: Callable[[float, int, int], None] | None = None,
) -> BareAnswer:  # fmt: skip
    """Minimise a packing by CP-SAT within `seconds` of wall-clock time, the making of the model included.

    `start` is a plan that the search may begin with; `on_step` is told seconds, cost and bound of each better plan.
    """
    began = time.monotonic()
    model, taken, opened = _model(packing)
    if start is not None:
        hinted = np.zeros(packing.options, np.int64)
        np.add.at(hinted, start.option, start.count)
        uses = np.isin(np.arange(packing.activations), packing.option_activation[start.option])
        for variable, value in zip((*taken, *opened), (*hinted.tolist(), *uses.tolist()), strict=True):
            model.add_hint(variable, value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_time_in_seconds = max(0.01, seconds - (time.monotonic() - began))
    log = _Log(began, on_step)
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


def _model(packing: Packing) -> tuple[cp_model.CpModel, list[cp_model.IntVar], list[cp_model.IntVar]]:
    """Copies on each option as whole numbers, activations as truth values; an item's copies and every row as constraints."""
    model = cp_model.CpModel()
    weighted = cp_model.LinearExpr.weighted_sum
    opened = [model.new_bool_var("") for _ in range(packing.activations)]
    taken: list[cp_model.IntVar] = []
    for k, (first, end) in enumerate(itertools.pairwise(packing.item_ptr.tolist())):
        copies = int(packing.item_count[k])
        mine = [model.new_bool_var("") if copies == 1 else model.new_int_var(0, copies, "") for _ in range(first, end)]
        if mine and copies == 1:
            model.add_at_most_one(mine)
        elif mine:
            model.add(sum(mine) <= copies)
        taken.extend(mine)
        for o, a in zip(range(first, end), packing.option_activation[first:end].tolist(), strict=True):
            if a >= 0:
                model.add(taken[o] <= copies * opened[a])
    for row, (members, amounts, capacity) in enumerate(_rows(packing)):
        switched = np.flatnonzero(packing.activation_load_row == row)
        owner = np.searchsorted(packing.activation_load_ptr, switched, side="right") - 1
        carried = [taken[o] for o in members] + [opened[a] for a in owner.tolist()]
        model.add(weighted(carried, amounts + packing.activation_load_amount[switched].tolist()) <= capacity)
    gain: IntArray = packing.option_cost - packing.item_penalty[packing.option_item]
    paid = weighted((*taken, *opened), (*gain.tolist(), *packing.activation_cost.tolist()))
    model.minimize(paid + int((packing.item_count * packing.item_penalty).sum()))
    return model, taken, opened


def _rows(packing: Packing) -> list[tuple[list[int], list[int], int]]:
    """Options that load each row, by how much, and its capacity."""
    option = np.repeat(np.arange(packing.options, dtype=np.int64), np.diff(packing.load_ptr))
    order = np.argsort(packing.load_row, kind="stable")
    edges = np.searchsorted(packing.load_row[order], np.arange(packing.rows + 1))
    return [
        (option[order[a:b]].tolist(), packing.load_amount[order[a:b]].tolist(), int(packing.row_capacity[r]))
        for r, (a, b) in enumerate(itertools.pairwise(edges.tolist()))
    ]
