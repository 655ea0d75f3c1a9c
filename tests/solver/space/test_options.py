"""The space of options: lists and prices agree with each other, and bounds hold over everything that was left out."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest

import solver.space.compiling
from solver import columns
from solver.engines import Limits, Prices, solve
from solver.facts import regions
from solver.facts.placement import Placement
from solver.packing.check import check
from solver.rules.items import items_of
from solver.running.budget import Budget
from solver.space.compiling import space_of
from solver.space.options import Listed, Space
from solver.space.price_tables import PriceTables
from solver.space.pricing import Options
from solver.space.tables import servers_needed
from tests.bench.problems import load_problem
from tests.bench.suites import ROOT
from tests.solver.random_problems import LAZY, random_problem
from tests.world import CAMERA, ROBOT, world

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def test_shards_that_are_alike_become_copies_of_one_item() -> None:
    fleet = replace(ROBOT, devices=10, shard_devices=3)
    twin = replace(ROBOT, id="twin", devices=3, value_month=fleet.value_month // 4)
    items = items_of(world(workloads=(fleet, CAMERA, twin)))
    assert [fleet.devices_of(shard) for shard in range(fleet.shards)] == [3, 3, 2, 2]
    assert items.count.tolist() == [3, 2, 1]
    assert items.devices.tolist() == [3, 2, 6]
    members = list(zip(items.member_workload.tolist(), items.member_shard.tolist(), strict=True))
    assert members == [(0, 0), (0, 1), (2, 0), (0, 2), (0, 3), (1, 0)]


def test_a_shard_that_runs_is_an_item_of_its_own() -> None:
    known = [Placement("robot", shard, node) if node else None for shard, node in enumerate(("edge", "", "edge", "core"))]
    fleet = replace(ROBOT, devices=12, shard_devices=3, current=tuple(known))
    items = items_of(world(workloads=(fleet,)))
    assert items.count.tolist() == [2, 1, 1]
    assert items.current.tolist() == [0, -1, 1]


def test_what_is_not_free_is_no_item() -> None:
    fleet = replace(ROBOT, devices=12, shard_devices=3, free=frozenset({1, 3}))
    assert items_of(world(workloads=(fleet, replace(CAMERA, free=frozenset())))).member_shard.tolist() == [1, 3]


@pytest.mark.parametrize("seed", range(60))
def test_priced_scan_gives_the_reduced_costs_of_the_listed_packing(seed: int) -> None:
    with ThreadPoolExecutor(2) as executor:
        space = space_of(random_problem(seed), executor)
        rng = np.random.default_rng(seed)
        prices = rng.integers(0, 50, space.row_count)
        every = space.scan(space.price_tables(prices, 4), space.at_most, executor=executor)
        listed = space.expand(every, executor=executor)
    space = space_of(random_problem(seed))
    # Loads on rows that cannot bind are not listed, so price those rows at nothing and scan again.
    prices[np.setdiff1d(np.arange(space.row_count), listed.row)] = 0
    scan = space.scan(space.price_tables(prices, 4), space.at_most)
    value = {
        (k, int(scan.host[o])): int(scan.value[o])
        for k in range(len(space.items))
        for o in range(scan.ptr[k], scan.ptr[k + 1])
    }
    packing = listed.packing
    for o in range(len(packing.option_cost)):
        load = slice(packing.load_ptr[o], packing.load_ptr[o + 1])
        worth = int(prices[listed.row[packing.load_row[load]]] @ packing.load_amount[load])
        assert value[int(listed.item[o]), int(listed.host[o])] == 4 * int(packing.option_cost[o]) + worth


def assert_keeps_the_cheapest(space: Space, price_tables: PriceTables) -> None:
    """A scan without a limit finds what is legal pair by pair; one with a limit keeps the beginning of that."""
    everything = space.scan(price_tables, space.at_most)
    item, host = np.indices((len(space.items), space.places)).reshape(2, -1)
    servers = servers_needed(space.tables, item, host)
    found = np.zeros_like(servers)
    found[everything.item * space.places + everything.host] = everything.servers
    assert np.array_equal(found, servers)
    # Once at prices that nothing is known of, and once when the trees have been entered.
    unknown = price_tables._replace(low=np.zeros_like(price_tables.low), known=np.zeros_like(price_tables.known))
    for seen, room in product((unknown, price_tables), (1, 2)):
        few = space.scan(seen, np.full(len(space.items), room))
        for k in range(len(space.items)):
            values = everything.value[everything.ptr[k] : everything.ptr[k + 1]]
            assert (np.diff(values) >= 0).all()
            assert few.value[few.ptr[k] : few.ptr[k + 1]].tolist() == values[:room].tolist()


@pytest.mark.parametrize("seed", range(40))
def test_a_scan_keeps_the_cheapest_and_in_order(seed: int) -> None:
    space = space_of(random_problem(seed))
    assert_keeps_the_cheapest(space, space.price_tables())


@pytest.mark.parametrize("size", [1, 5, 64])
def test_a_scan_that_passes_over_regions_misses_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "_REGION", size)
    space = space_of(load_problem(ROOT / "data" / "reference"))
    assert space.tables.nearest.shape[1] >= 64 // size
    assert_keeps_the_cheapest(space, space.price_tables())
    rng = np.random.default_rng(size)
    for dearest in (20, 2_000):
        prices = np.where(rng.random(space.row_count) < 0.3, rng.integers(0, dearest, space.row_count), 0)
        assert_keeps_the_cheapest(space, space.price_tables(prices, 16))


def test_a_space_goes_to_another_process_and_back() -> None:
    with ThreadPoolExecutor(2) as executor:
        space = space_of(random_problem(3), executor)
        copy = pickle.loads(pickle.dumps(space))
        found = [one.scan(one.price_tables(), one.at_most, executor=executor) for one in (space, copy)]
        ours, theirs = (one.expand(scan, executor=executor).packing for one, scan in zip((space, copy), found, strict=True))
    assert all(np.array_equal(getattr(ours, spec.name), getattr(theirs, spec.name)) for spec in fields(ours))


def test_a_rule_on_links_must_be_named_among_those_on_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.space.compiling, "ROUTES", ())
    with pytest.raises(TypeError, match="among those on routes"):
        space_of(world())


@pytest.mark.parametrize("seed", range(60))
def test_a_list_is_extended_to_what_expanding_all_of_it_gives(seed: int) -> None:
    space = space_of(random_problem(seed))
    rng = np.random.default_rng(seed)
    found = space.scan(space.price_tables(), space.at_most)
    order = np.argsort(pairs(space, found))
    whole = Options(found.ptr, found.host[order], found.servers[order])
    some, more = (whole.only(rng.random(len(whole)) < share) for share in (0.3, 0.6))
    extended = space.extend(space.expand(some), more)
    either = np.isin(pairs(space, whole), np.concatenate((pairs(space, some), pairs(space, more))))
    expanded = space.expand(whole.only(either))
    assert pairs(space, extended).tolist() == pairs(space, expanded).tolist()
    assert extended.servers.tolist() == expanded.servers.tolist()
    for name in ("item_ptr", "item_count", "item_penalty", "option_cost"):
        assert np.array_equal(getattr(extended.packing, name), getattr(expanded.packing, name))
    assert np.isin(expanded.row, extended.row).all()
    assert (extended.peak >= expanded.peak).all()
    assert np.array_equal(loads(space, extended)[:, expanded.row], loads(space, expanded)[:, expanded.row])
    spare = np.setdiff1d(extended.row, expanded.row)
    assert (expanded.peak[spare] <= space.capacity[spare]).all()


def pairs(space: Space, options: Options | Listed) -> Ints:
    """Item and host of each option as one number."""
    return options.item * space.places + options.host


def loads(space: Space, listed: Listed) -> Ints:
    """What each listed option loads, on every row of the space."""
    packing = listed.packing
    table = np.zeros((packing.options, space.row_count), np.int64)
    option = np.repeat(np.arange(packing.options), np.diff(packing.load_ptr))
    np.add.at(table, (option, listed.row[packing.load_row]), packing.load_amount)
    return table


class Silent:
    """Hears of plans and bounds, and tells nobody."""

    def plan(self, cost: int, unplaced: int, phase: str) -> None:
        """Do nothing."""

    def bound(self, bound: int, phase: str) -> None:
        """Do nothing."""


@pytest.mark.parametrize("seed", range(60))
def test_bounds_from_a_partial_list_hold_for_the_whole_space(seed: int) -> None:
    space = space_of(random_problem(seed))
    whole = space.expand(space.scan(space.price_tables(), space.at_most))
    optimum = solve(whole.packing, Limits(seconds=20, workers=1))
    assert optimum.status == "optimal"
    master = columns.generate(space, 1, Budget(Limits(seconds=600)), Silent(), params=LAZY)
    assert master.bound <= optimum.cost
    for price in (0, 7, 1_000):
        rows = np.full(master.listed.packing.rows, price * 16, np.int64)
        prices = Prices(rows, np.zeros(0, np.int64), 16)
        assert columns.price_out(space, master, prices) <= optimum.cost


class OneAscent(Budget):
    """Has time for the first ascent, before which no step is known to take any, and for nothing after it."""

    def allows(self, share: float, ahead: float) -> bool:
        """Whether the step is not known to take any time."""
        return ahead == 0.0


@pytest.mark.parametrize("seed", sorted({*range(0, 60, 3)} - {36, 54, 57}))  # of these nothing is legal
def test_without_time_for_the_engines_no_price_is_lost(seed: int) -> None:
    space = space_of(random_problem(seed))
    master = columns.generate(space, 1, OneAscent(Limits(seconds=600)), Silent(), params=LAZY)
    assert not master.run_engines
    assert np.isin(np.flatnonzero(master.price), master.listed.row).all()
    assert master.answer is not None
    _, faults = check(master.listed.packing, master.answer.item, master.answer.option, master.answer.count)
    assert not faults
