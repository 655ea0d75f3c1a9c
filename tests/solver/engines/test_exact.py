"""SCIP and CP-SAT on whole tiny packings against exhaustion, and what a stop and a false answer do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from solver.bounds.compiled_packing import CompiledPacking, compile_packing
from solver.engines import Limits, solve
from solver.engines.cpsat import Effort, Subproblem, solve_subproblem
from solver.engines.facility import phases
from solver.engines.facility.mip import solve_linear
from solver.packing import IntArray, Packing
from solver.packing.check import check
from solver.running.incumbent import WrongAnswer
from tests.solver.engines.tiny import budget_of, optimum, tiny_packing


@cache
def known(seed: int) -> tuple[Packing, int]:
    packing = tiny_packing(seed)
    return packing, optimum(packing)


def whole(view: CompiledPacking) -> Subproblem:
    """All of a packing, from nothing."""
    options = np.arange(view.option_cost.size)
    items = np.arange(view.item_count.size)
    return Subproblem(
        options=options,
        most=view.room,
        items=items,
        copies=view.item_count,
        free=view.row_capacity,
        open=np.zeros(view.activation_cost.size, dtype=bool),
        start=np.zeros(options.size, dtype=np.int64),
        must_place=np.zeros(items.size, dtype=bool),
    )


@pytest.mark.parametrize("seed", range(60))
def test_scip_finds_the_optimum(seed: int) -> None:
    packing, least = known(seed)
    view = compile_packing(packing)
    taken = solve_linear(view, whole(view), Effort(20, 1, 0), budget_of())
    assert taken is not None
    chosen = np.flatnonzero(taken)
    item = view.option_item[chosen].astype(np.int64)
    assert check(packing, item, view.origin[chosen], taken[chosen]) == (least, [])


def test_a_model_too_large_is_refused() -> None:
    view = compile_packing(known(8)[0])
    assert view.option_cost.size > 0
    for tried in (solve_linear, solve_subproblem):
        with pytest.raises(ValueError, match="too many"):
            tried(view, whole(view), Effort(20, 1, 0, largest=0), budget_of())


def test_a_wrong_answer_of_scip_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def liar(view: CompiledPacking, part: Subproblem, *_: object) -> IntArray:
        asked.append(True)
        return part.most

    monkeypatch.setattr(phases, "solve_linear", liar)
    refused = 0
    # Of some activations here options of several nodes make use, and nothing before SCIP proves a plan.
    for seed in (59, 77, 225, 253, 267):
        before = len(asked)
        try:
            solution = solve(known(seed)[0], Limits(seconds=20, workers=1, work=2))
        except WrongAnswer:
            refused += 1
            continue
        # What it claimed may have been legal by chance; then it counts as what it costs.
        assert solution.cost >= known(seed)[1] or len(asked) == before
    assert refused
