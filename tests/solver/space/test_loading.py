"""Loops over what options load and cost, each against a few lines of plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from solver.space import loading
from solver.space.compiling import space_of
from solver.space.options import Space
from solver.space.pricing import Scan
from tests.solver.random_problems import random_problem


def every(seed: int) -> tuple[Space, Scan]:
    """A space, and all of its options by rising cost."""
    space = space_of(random_problem(seed))
    return space, space.scan(space.price_tables(), space.at_most)


@pytest.mark.parametrize("seed", range(12))
def test_what_options_cost_together(seed: int) -> None:
    space, scan = every(seed)
    assert loading.total(space.tables, scan.item, scan.host, scan.servers) == scan.value.sum()


@pytest.mark.parametrize("seed", range(12))
def test_the_most_that_options_load_each_row_with(seed: int) -> None:
    space, scan = every(seed)
    alone, items = np.ones(len(scan), bool), scan.item
    load = np.array([_load(space, scan, o) for o in range(len(scan))], np.int64).reshape(len(scan), space.row_count)
    peak = loading.peaks(
        space.tables, items, scan.host, scan.servers, space.items.count, space.capacity, alone, 0, len(scan)
    )
    most = [load[items == k].max(axis=0, initial=0) * count for k, count in enumerate(space.items.count.tolist())]
    assert peak.tolist() == np.sum(most, axis=0, dtype=np.int64).tolist()
    assert alone.tolist() == (load <= space.capacity).all(axis=1).tolist()


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_takes_the_first_place_that_is_worth_it_and_has_capacity_left(seed: int) -> None:
    space, scan = every(seed)
    rng, t = np.random.default_rng(seed), space.tables
    for k in np.flatnonzero(np.diff(scan.ptr)).tolist():
        options = rng.permutation(np.arange(scan.ptr[k], scan.ptr[k + 1]))
        penalty, copies = int(np.median(scan.value[options])), 3
        residual, out = (space.capacity * 0.5).astype(np.int64), np.zeros((3, copies), np.int64)
        left, taken = residual.copy(), []
        for o in options[scan.value[options] <= penalty].tolist():
            while len(taken) < copies and (_load(space, scan, o) <= left).all():
                left -= _load(space, scan, o)
                taken.append(o)
        places, servers = scan.host[options], scan.servers[options]
        placed = loading.take(t, k, copies, penalty, places, servers, residual, loading.scratch(t), out)
        assert placed == len(taken)
        assert out[1, :placed].tolist() == scan.host[taken].tolist()
        assert residual.tolist() == left.tolist()


def _load(space: Space, scan: Scan, o: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """What an option loads on every row."""
    one = slice(o, o + 1)
    return space.loads(scan.item[one], scan.host[one], scan.servers[one], np.ones(1, np.int64))
