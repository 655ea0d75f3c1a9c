"""Finding room: what is placed is legal, and what is left out fits nowhere any more."""

from __future__ import annotations

import numpy as np
import pytest

from solver.check_packing import check
from solver.filling import fill
from solver.options import space_of
from tests.solver.random_problems import random_problem


@pytest.mark.parametrize("asked", [0, 1, 6])
@pytest.mark.parametrize("seed", range(40))
def test_copies_go_where_there_is_room_and_stay_out_only_where_there_is_none(seed: int, asked: int) -> None:
    space = space_of(random_problem(seed))
    listed = space.expand(space.scan(space.market(), space.at_most))
    residual = space.capacity.copy()
    every = np.arange(len(space.items), dtype=np.int64)
    likely = space.scan(space.market(), np.full(len(every), asked)) if asked else None
    filled = fill(space, space.market(), space.items.count, residual, likely, asked)
    option_of = {pair: o for o, pair in enumerate(zip(listed.item.tolist(), listed.host.tolist(), strict=True))}
    option = np.array([option_of[pair] for pair in zip(filled.item.tolist(), filled.host.tolist(), strict=True)], np.int64)
    one = np.ones(len(option), np.int64)
    assert check(listed.packing, listed.item[option], option, one)[1] == []
    assert (residual == space.capacity - space.loads(filled.item, filled.host, filled.servers, one)).all()
    packing = listed.packing
    left = packing.row_capacity.copy()
    for o in option.tolist():
        span = slice(packing.load_ptr[o], packing.load_ptr[o + 1])
        np.subtract.at(left, packing.load_row[span], packing.load_amount[span])
    placed = np.bincount(filled.item, minlength=len(every))
    for item in np.flatnonzero(placed < space.items.count).tolist():
        for o in np.flatnonzero(listed.item == item).tolist():
            span = slice(packing.load_ptr[o], packing.load_ptr[o + 1])
            fits = (packing.load_amount[span] <= left[packing.load_row[span]]).all()
            assert not fits or packing.option_cost[o] >= packing.item_penalty[item]
