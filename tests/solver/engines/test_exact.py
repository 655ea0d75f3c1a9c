"""SCIP and CP-SAT on whole tiny packings against exhaustion, and what a stop and a false bound do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from solver.engines import Limits, mip, portfolio, solve
from solver.engines.cpsat import Answer, Effort, Part
from solver.engines.mip import solve_linear
from solver.engines.view import View, view_of
from solver.packing import Packing
from tests.solver.engines.tiny import optimum, tiny_packing


@cache
def known(seed: int) -> tuple[Packing, int]:
    packing = tiny_packing(seed)
    return packing, optimum(packing)


def whole(view: View) -> Part:
    """All of a packing, nothing hinted."""
    options = np.arange(view.option_cost.size)
    items = np.arange(view.item_count.size)
    return Part(
        options=options,
        most=view.room,
        items=items,
        copies=view.item_count,
        free=view.row_capacity,
        open=np.zeros(view.activation_cost.size, dtype=bool),
        hint=np.zeros(options.size, dtype=np.int64),
        whole=np.zeros(items.size, dtype=bool),
    )


@pytest.mark.parametrize("seed", range(60))
def test_scip_finds_and_bounds_the_optimum(seed: int) -> None:
    packing, least = known(seed)
    view = view_of(packing)
    answer = solve_linear(view, whole(view), Effort(20, 1, 0), lambda: False)
    assert answer.optimal
    assert answer.bound == least


def test_a_model_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mip, "LARGEST_LINEAR_MODEL", 0)
    view = view_of(known(8)[0])
    assert view.option_cost.size > 0
    with pytest.raises(ValueError, match="too many"):
        solve_linear(view, whole(view), Effort(20, 1, 0), lambda: False)


@pytest.mark.parametrize("bound", [3.0004, 3.0 - 1e-9, 2.4])
def test_a_floating_bound_is_rounded_up_only_beyond_doubt(bound: float) -> None:
    assert mip._certain(bound) == 3


def test_a_bound_of_nothing_is_none() -> None:
    assert mip._certain(float("-inf")) == mip._certain(float("nan")) == 0


def test_a_wrong_answer_of_scip_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def liar(*_: object) -> Answer:
        asked.append(True)
        return Answer(None, 10**6, True)

    monkeypatch.setattr(portfolio, "solve_linear", liar)
    for seed in range(40):
        packing, least = known(seed)
        solution = solve(packing, Limits(seconds=20, workers=1, work=2))
        assert solution.bound <= least <= solution.cost
    assert asked
