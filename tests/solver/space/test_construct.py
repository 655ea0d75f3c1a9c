"""Finding room: what is placed is legal, and what is left out fits nowhere any more."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from solver.facts.workloads import Policy
from solver.packing.check import check
from solver.space.compiling import space_of
from solver.space.construct import PlacedCopies, construct, seek
from solver.space.options import Listed, Space
from tests.bench.problems import load_problem
from tests.bench.suites import ROOT
from tests.solver.random_problems import random_problem
from tests.world import CONTROL, EDGE, LINK, OPEN, world

Ints = npt.NDArray[np.int64]


@pytest.mark.parametrize("asked", [0, 1, 6])
@pytest.mark.parametrize("seed", range(40))
def test_copies_go_where_there_is_room_and_stay_out_only_where_there_is_none(seed: int, asked: int) -> None:
    space = space_of(random_problem(seed))
    listed, filled, left = filled_legally(space, asked)
    packing, placed = listed.packing, np.bincount(filled.item, minlength=len(space.items))
    for item in np.flatnonzero(placed < space.items.count).tolist():
        for o in np.flatnonzero(listed.item == item).tolist():
            span = slice(packing.load_ptr[o], packing.load_ptr[o + 1])
            fits = (packing.load_amount[span] <= left[packing.load_row[span]]).all()
            assert not fits or packing.option_cost[o] >= packing.item_penalty[item]


@pytest.mark.parametrize("seed", range(20))
def test_threads_together_never_overfill_a_row(seed: int) -> None:
    with ThreadPoolExecutor(4) as executor:
        filled_legally(space_of(random_problem(seed), executor), 1, executor)


def filled_legally(space: Space, asked: int, executor: Executor | None = None) -> tuple[Listed, PlacedCopies, Ints]:
    """All options, a filling that is legal and takes off the room that it says, and the room left on the list's rows."""
    listed = space.expand(space.scan(space.price_tables(), space.at_most))
    residual = space.capacity.copy()
    every = np.arange(len(space.items), dtype=np.int64)
    likely = space.scan(space.price_tables(), np.full(len(every), asked)) if asked else None
    filled = construct(space, space.price_tables(), space.items.count, residual, likely, asked, executor)
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
    return listed, filled, left


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_what_is_remembered_of_full_hosts_changes_no_choice(share: float) -> None:
    space = space_of(load_problem(ROOT / "data" / "reference"))
    every = np.arange(len(space.items), dtype=np.int64)
    chosen = []
    for full in (np.zeros(0, np.int64), np.zeros(len(space.hosts), np.int64)):
        residual, out = (space.capacity * share).astype(np.int64), np.zeros((3, int(space.items.count.sum())), np.int64)
        copies = space.items.count.copy()
        placed = seek(space.tables, space.price_tables(), every, copies, space.penalty, residual, full, out)
        chosen.append(out[:, :placed])
    assert np.array_equal(*chosen)
    assert (full > 0).any()
    assert (full < 0).any()


def test_who_may_go_anywhere_leaves_room_for_who_may_not() -> None:
    cheap = replace(EDGE, pools=(), vcpu=1, vcpu_price_month=1, operator_country="KR")
    others = tuple(replace(cheap, id=f"n{i}", vcpu=9, operator_country="US", vcpu_price_month=100) for i in range(7))
    links = tuple(replace(LINK, id=f"edge-{node.id}", target=node.id) for node in others)
    free = replace(CONTROL, devices=1)
    bound = replace(free, id="bound", policy="ours")
    policies = (OPEN, Policy("ours", operator_countries=frozenset({"KR"})))
    space = space_of(world(nodes=(cheap, *others), links=links, workloads=(free, bound), policies=policies))
    price_tables = space.price_tables()
    likely = space.scan(price_tables, np.full(2, 1))
    assert likely.host[0] == likely.host[1]
    filled = construct(space, price_tables, space.items.count, space.capacity.copy(), likely, 1)
    assert sorted(filled.item.tolist()) == [0, 1]
