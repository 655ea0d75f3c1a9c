"""Plans while columns are generated: as copies on hosts of the space, and in the numbers of a list."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from solver.bounds.compiled_packing import compile_packing
from solver.engines.first import carried_over
from solver.packing import Placement
from solver.packing.check import check
from solver.space.construct import PlacedCopies, construct
from solver.space.options import Listed, Space
from solver.space.price_tables import PriceTables
from solver.space.pricing import Options
from solver.space.warm_start import Carried

Ints = npt.NDArray[np.int64]


def remaining(space: Space, kept: PlacedCopies) -> tuple[Ints, Ints]:
    """How many copies of each item are missing beside those that are kept, and the room that these leave on every row."""
    missing = space.items.count - np.bincount(kept.item, minlength=len(space.items))
    one = np.ones(len(kept.item), np.int64)
    return missing, space.capacity - space.loads(kept.item, kept.host, kept.servers, one)


def standing(space: Space, price_tables: PriceTables, executor: Executor | None = None) -> PlacedCopies:
    """All that runs and is free: as it is, or what is disturbed there at its cheapest place with room, if all of it has one.

    Everything staying as it is is always legal.
    """
    t, count = space.tables, space.items.count
    calm = staying(space, np.where((t.stay >= 0) & (t.stay_cost == 0), count, 0))
    missing, residual = remaining(space, calm)
    missing[(t.stay < 0) | (t.stay_cost == 0)] = 0
    some = missing.any()
    moved = construct(space, price_tables, missing, residual, executor=executor) if some else staying(space, missing)
    if len(moved.item) == missing.sum():
        return calm + moved
    return staying(space, np.where(t.stay >= 0, count, 0))


def staying(space: Space, copies: Ints) -> PlacedCopies:
    """So many copies of each item, where they run."""
    item = np.repeat(np.arange(len(space.items)), copies)
    return PlacedCopies(item, space.tables.stay[item], space.tables.stay_servers[item])


def carried_plan(space: Space, carried: Carried, executor: Executor | None) -> PlacedCopies:
    """What runs, where it runs, and of the other carried copies those that still fit beside it."""
    runs = space.tables.stay[carried.plan.item] >= 0
    others = PlacedCopies(*(column[~runs] for column in (carried.plan.item, carried.plan.host, carried.plan.servers)))
    plan = standing(space, space.price_tables(carried.price, carried.scale), executor) + others
    listed = space.expand(union(space, plan), executor=executor)
    hosts = space.places
    listable = np.isin(plan.item * hosts + plan.host, listed.item * hosts + listed.host)
    copies = PlacedCopies(plan.item[listable], plan.host[listable], plan.servers[listable])
    view = compile_packing(listed.packing)
    begin = placement_of(space, listed, copies)
    first = np.argsort(space.tables.stay[begin.item] < 0, kind="stable")
    taken = carried_over(view, Placement(begin.item[first], begin.option[first], begin.count[first]))
    at = np.flatnonzero(taken)
    option = view.origin[at]
    return PlacedCopies(*(np.repeat(column[option], taken[at]) for column in (listed.item, listed.host, listed.servers)))


def placement_of(space: Space, listed: Listed, copies: PlacedCopies) -> Placement:
    """A plan in a list's numbers; the list must hold every option that the plan takes."""
    hosts = space.places
    taken, count = np.unique(copies.item * hosts + copies.host, return_counts=True)
    option: Ints = np.asarray(np.searchsorted(listed.item * hosts + listed.host, taken), np.int64)
    return Placement(listed.item[option], option, count.astype(np.int64))


def first_cost(space: Space, filled: PlacedCopies, executor: Executor | None) -> tuple[int, int]:
    """Cost and unplaced copies of the first plan, by the packing's independent checker."""
    listed = space.expand(union(space, filled), executor=executor)
    plan = placement_of(space, listed, filled)
    cost, faults = check(listed.packing, plan.item, plan.option, plan.count)
    if faults:
        raise RuntimeError(f"the first plan is not legal: {faults[0]}")
    return cost, int(space.items.count.sum()) - len(filled.item)


def union(space: Space, *parts: Listed | Options | PlacedCopies) -> Options:
    """All options of several lists, each once."""
    hosts = space.places
    key = np.concatenate([part.item * hosts + part.host for part in parts])
    distinct, first = np.unique(key, return_index=True)
    servers = np.concatenate([part.servers for part in parts])[first]
    item = distinct // hosts
    ptr = np.searchsorted(item, np.arange(len(space.items) + 1)).astype(np.int64)
    return Options(ptr, distinct % hosts, servers)
