"""A phase that a solve could be given beside its own: a plan of one copy alone."""

from __future__ import annotations

import numpy as np

from solver.engines import Phase, Solve


def _has_an_item(solve: Solve) -> bool:
    return bool(solve.view.room.size and solve.view.room[0])


def _place_one(solve: Solve) -> None:
    taken = np.zeros(solve.view.option_cost.size, np.int64)
    taken[0] = 1
    solve.best.offer(solve.view, taken, "single")


SINGLE = Phase("single", _has_an_item, _place_one)
