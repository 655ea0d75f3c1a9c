"""Exact search by CP-SAT: whole packings that are small, and neighbourhoods of large ones.

CP-SAT's answers are proposals: the caller checks every placement independently. Known defects of OR-Tools 9.15 are kept
away from: `num_workers` is always set, no model is larger than `ModelParams.largest`, the uninterruptible shaving is off.

OR-Tools takes a third of a second to import, pandas included: that is left to the first model that is made.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking
from solver.packing import IntArray
from solver.params import ModelParams
from solver.running.budget import AnyBudget

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, eq=False)
class Subproblem:
    """A packing or a part of one, everything outside it fixed.

    Attributes
    ----------
    options : int64[K]
        Live options to decide on, those of one item side by side.
    most : int64[K]
        Most copies on each.
    items, copies : int64[J]
        Items to decide on, and how many copies of each.
    free : int64[R]
        What rows have left for the part (only rows that its options or activations load are read).
    open : bool[A]
        Activations that the fixed rest keeps open: they cost the part nothing and load nothing more.
    start : int64[K]
        A legal placement of the part.
    must_place : bool[J]
        Items of which no copy may stay unplaced (no better plan could afford it); the start places them all.
    """

    options: IntArray
    most: IntArray
    items: IntArray
    copies: IntArray
    free: IntArray
    open: NDArray[np.bool_]
    start: IntArray
    must_place: NDArray[np.bool_]


def whole_packing(view: CompiledPacking, options: IntArray, taken: IntArray, must_place: NDArray[np.bool_]) -> Subproblem:
    """All items of a packing on some of its live options, int64[K].

    `taken` int64[O] is the start, `must_place` as in `Subproblem`.
    """
    return Subproblem(
        options=options,
        most=view.room[options],
        items=np.arange(view.item_count.size, dtype=np.int64),
        copies=view.item_count,
        free=view.row_capacity,
        open=np.zeros(view.activation_cost.size, dtype=bool),
        start=taken[options],
        must_place=must_place,
    )


@dataclass(frozen=True)
class Effort:
    """Limits of one call; `work` is CP-SAT's deterministic time, `largest` the most options that a model may have."""

    seconds: float
    workers: int
    seed: int
    work: float | None = None
    largest: int = ModelParams.largest


@dataclass(frozen=True, eq=False)
class Answer:
    """What CP-SAT says: `taken` int64[K] copies on each option (None: nothing found, or, if `optimal`, that there is
    nothing), its integer lower bound on the cost of the part, penalties and activations included, and in `work` the
    deterministic time that it took."""

    taken: IntArray | None
    bound: int
    optimal: bool
    work: float


class SubproblemObserver(Protocol):
    """Told of what CP-SAT finds while it runs, from its threads."""

    def found(self, taken: IntArray) -> None:
        """A better placement of the part, int64[K]."""

    def bounded(self, bound: int) -> None:
        """A better bound on its cost."""


def solve_subproblem(
    view: CompiledPacking,
    part: Subproblem,
    effort: Effort,
    budget: AnyBudget,
    observer: SubproblemObserver | None = None,
) -> Answer:
    """Minimise the cost of a part.

    Parameters
    ----------
    view, part : CompiledPacking, Subproblem
        What to decide.
    effort : Effort
        Limits.
    budget : Budget
        Asked ten times a second; the search ends soon after it is over.
    observer : SubproblemObserver, optional
        Told of each better placement and each better bound.
    """
    if part.options.size > effort.largest:
        raise ValueError(f"{part.options.size} options are too many for one CP-SAT model")
    from ortools.sat.python import cp_model

    model, variables, constant = _model(view, part)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = effort.workers
    solver.parameters.random_seed = effort.seed % 2**31
    solver.parameters.max_time_in_seconds = max(0.01, effort.seconds)
    if effort.work is not None:
        solver.parameters.max_deterministic_time = effort.work
    solver.parameters.ignore_subsolvers.append("variables_shaving")
    watch = None
    if observer is not None:
        told = observer
        solver.best_bound_callback = lambda value: told.bounded(_whole(value) + constant)
        watch = _watch(variables, observer)
    finished = threading.Event()

    def guard() -> None:
        # A stop before the search has begun is lost, hence again and again.
        while not finished.wait(0.1):
            if budget.over():
                solver.stop_search()

    watcher = threading.Thread(target=guard, daemon=True)
    watcher.start()
    try:
        status = solver.solve(model, watch)
    finally:
        finished.set()
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # "Infeasible" makes sense only where some items must not be left unplaced.
        nothing = status == cp_model.INFEASIBLE and bool(part.must_place.any())
        return Answer(None, 0, nothing, solver.deterministic_time)
    taken = np.array([solver.value(x) for x in variables], dtype=np.int64)
    bound = _whole(solver.best_objective_bound) + constant
    return Answer(taken, bound, status == cp_model.OPTIMAL, solver.deterministic_time)


def _watch(variables: list[Any], observer: SubproblemObserver) -> cp_model.CpSolverSolutionCallback:
    """What hands on the placements that CP-SAT finds while it runs."""
    from ortools.sat.python import cp_model

    class Watch(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            observer.found(np.array([self.value(x) for x in variables], dtype=np.int64))

    return Watch()


def _whole(bound: float) -> int:
    """CP-SAT reports its integer bound as a double; beyond 2**52 that may have been rounded up, so step below."""
    return int(np.floor(bound + 1e-6)) - (int(abs(bound) / 2**52) if abs(bound) >= 2**52 else 0)


def _model(view: CompiledPacking, part: Subproblem) -> tuple[cp_model.CpModel, list[Any], int]:
    """The model, its option variables and the constant part of the cost."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    variables = [model.new_bool_var("") if most <= 1 else model.new_int_var(0, int(most), "") for most in part.most]
    item = view.option_item[part.options]
    starts = np.searchsorted(item, part.items)
    ends = np.searchsorted(item, part.items, side="right")
    # What a copy costs in any case is kept out of the objective, which so stays small.
    base = np.zeros(part.items.size, dtype=np.int64)
    for index, (first, end, copies) in enumerate(zip(starts, ends, part.copies, strict=True)):
        mine = variables[first:end]
        base[index] = view.item_penalty[part.items[index]]
        if part.must_place[index] and copies > 0:
            base[index] = view.option_cost[part.options[first:end]].min()
            if copies == 1:
                model.add_exactly_one(mine)
            else:
                model.add(sum(mine) == int(copies))
        elif copies == 1 and end - first > 1:
            model.add_at_most_one(mine)
        elif int(part.most[first:end].sum()) > copies:
            model.add(sum(mine) <= int(copies))
    gain = view.option_cost[part.options] - base[np.searchsorted(part.items, item)]

    activation = view.option_activation[part.options]
    asked = np.unique(activation[activation >= 0])
    asked = asked[~part.open[asked]]
    switch = {int(a): model.new_bool_var("") for a in asked}
    for position in np.flatnonzero(np.isin(activation, asked)):
        opened = switch[int(activation[position])]
        if part.most[position] == 1:
            model.add_implication(variables[position], opened)
        else:
            model.add(variables[position] <= int(part.most[position]) * opened)

    _rows(model, view, part, variables, switch)
    terms = [*variables, *switch.values()]
    weights = gain.tolist() + view.activation_cost[asked].tolist()
    model.minimize(cp_model.LinearExpr.weighted_sum(terms, weights))
    for variable, value in zip(variables, part.start, strict=True):
        model.add_hint(variable, int(value))
    hinted = set(activation[part.start > 0].tolist())
    for index, variable in switch.items():
        model.add_hint(variable, index in hinted)
    return model, variables, int((part.copies * base).sum())


def _rows(
    model: cp_model.CpModel, view: CompiledPacking, part: Subproblem, variables: list[Any], switch: dict[int, Any]
) -> None:
    """Capacity of every row that the part could overfill; a row of a single activation also closes with it."""
    from ortools.sat.python import cp_model

    begin, end = view.load_ptr[part.options], view.load_ptr[part.options + 1]
    length = end - begin
    position = np.repeat(np.arange(part.options.size), length)
    at = np.repeat(begin - np.concatenate(([0], np.cumsum(length)[:-1])), length) + np.arange(position.size)
    row, amount = view.load_row[at].astype(np.int64), view.load_amount[at]
    asked = np.array(sorted(switch), dtype=np.int64)
    begin, end = view.activation_load_ptr[asked], view.activation_load_ptr[asked + 1]
    switch_entries = [(int(a), np.arange(b, e)) for a, b, e in zip(asked, begin, end, strict=True)]
    switch_row = np.concatenate([view.activation_load_row[s] for _, s in switch_entries] or [np.zeros(0, int)])
    switch_amount = np.concatenate([view.activation_load_amount[s] for _, s in switch_entries] or [np.zeros(0, int)])
    switch_of = np.concatenate([np.full(s.size, a) for a, s in switch_entries] or [np.zeros(0, int)])
    all_rows = np.concatenate((row, switch_row))
    all_amounts = np.concatenate((amount, switch_amount)).astype(np.int64)
    who = np.concatenate((position, part.options.size + np.searchsorted(asked, switch_of)))
    terms = [*variables, *(switch[int(a)] for a in asked)]
    limit = np.concatenate((part.most, np.ones(asked.size, dtype=np.int64)))
    order = np.argsort(all_rows, kind="stable")
    all_rows, all_amounts, who = all_rows[order], all_amounts[order], who[order]
    edges = np.concatenate(([0], np.flatnonzero(np.diff(all_rows)) + 1, [all_rows.size])).tolist()
    for first, stop in itertools.pairwise(edges if all_rows.size else []):
        capacity = int(part.free[all_rows[first]])
        amounts, members = all_amounts[first:stop], who[first:stop]
        if int((amounts * limit[members]).sum()) <= capacity:
            continue
        load = cp_model.LinearExpr.weighted_sum([terms[m] for m in members], amounts.tolist())
        kinds = view.option_activation[part.options[members[members < part.options.size]]]
        alone = int(kinds[0]) if kinds.size and (kinds == kinds[0]).all() else -1
        if alone in switch and members[-1] < part.options.size:
            model.add(load <= capacity * switch[alone])
        else:
            model.add(load <= capacity)
