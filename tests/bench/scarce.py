"""Packings in which demand exceeds room, so that what is left unplaced decides the bound and the prices of full rows."""

from __future__ import annotations

import numpy as np

from solver.packing import Packing


def covering(
    items: int,
    rows: int,
    room: int,
    options: int,
    seed: int,
    *,
    apart: int = 0,
    penalty: int = 100_000,
    dearest: int | None = None,
    largest: int = 1,
) -> Packing:
    """Items that may each go to some rows drawn at random, at about the same cost, 1,000.

    Parameters
    ----------
    items, rows, room, options : int
        Sizes: so many rows with so much room each, of which each item names so many.
    apart : int
        What options differ by at most.
    penalty, dearest : int
        What an unplaced item costs: all the same, or with `dearest` something from `penalty` to that.
    largest : int
        What an item loads at most; 1 is the least.
    """
    random = np.random.default_rng(seed)
    row = np.array([np.sort(random.choice(rows, options, replace=False)) for _ in range(items)], np.int64)
    size = random.integers(1, largest, items, endpoint=True)
    return Packing(
        item_ptr=np.arange(items + 1) * options,
        item_count=np.ones(items, np.int64),
        item_penalty=random.integers(penalty, dearest or penalty, items, endpoint=True),
        option_cost=1_000 + random.integers(0, apart, items * options, endpoint=True),
        load_ptr=np.arange(items * options + 1),
        load_row=row.ravel(),
        load_amount=np.repeat(size, options),
        row_capacity=np.full(rows, room),
    )


def capped_median(items: int, places: int, most_open: int, seed: int, room: int | None = None) -> Packing:
    """Items in the unit square, each of which may be served from any place, of which at most `most_open` are opened.

    Each open place loads the one row of all by 1 (a p-median); with `room` it serves at most so many items.
    """
    random = np.random.default_rng(seed)
    at, place = random.random((items, 1, 2)), random.random((1, places, 2))
    cost = np.round(1_000 * np.linalg.norm(at - place, axis=2)).astype(np.int64)
    options, here = items * places, np.tile(np.arange(places), items)
    served = np.arange(options + 1) if room else np.zeros(options + 1, np.int64)
    return Packing(
        item_ptr=np.arange(items + 1) * places,
        item_count=np.ones(items, np.int64),
        item_penalty=np.full(items, 10 * int(cost.max())),
        option_cost=cost.ravel(),
        load_ptr=served,
        load_row=1 + here if room else np.zeros(0, np.int64),
        load_amount=np.ones(served[-1], np.int64),
        row_capacity=np.concatenate(([most_open], np.full(places, room))) if room else np.array([most_open]),
        option_activation=here,
        activation_cost=np.zeros(places, np.int64),
        activation_load_ptr=np.arange(places + 1),
        activation_load_row=np.zeros(places, np.int64),
        activation_load_amount=np.ones(places, np.int64),
    )
