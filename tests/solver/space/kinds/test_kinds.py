"""The faces of every kind of factor say the same: one and two factors of a kind against plain Python, option by option.

Nobody edits this file to add a kind; its twin stands in :mod:`tests.solver.space.kinds.twins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import get_args

import numpy as np
import pytest

from solver.facts.problem import Problem
from solver.facts.queueing import fewest_servers
from solver.place import written_out
from solver.rules import factors as of
from solver.rules.factors import Factor
from solver.rules.items import hosts_of, items_of
from solver.space.compiling import space_from, space_of, trees_of
from solver.space.construct import construct
from solver.space.frame import Frame
from solver.space.kinds import KINDS, LOADS, Kind, fills, name_of
from solver.space.options import Space
from solver.space.pricing import Options
from solver.space.tables import servers_needed
from tests.solver.random_problems import random_problem
from tests.solver.space.kinds.twins import DRAWN, Option, Size, allowed, cost, loads

EACH = pytest.mark.parametrize("kind", KINDS, ids=name_of)
SEEDS = pytest.mark.parametrize("seed", range(6))


@cache
def running(seed: int) -> Problem:
    """A random problem with a plan in force."""
    problem = random_problem(seed)
    space = space_of(problem)
    plan, _ = written_out(space, construct(space, space.price_tables(), space.items.count, space.capacity.copy()))
    here = {(one.workload, one.shard): one for one in problem.placements(plan)}
    workloads = (replace(w, current=tuple(here.get((w.id, n)) for n in range(w.shards))) for w in problem.workloads)
    return replace(problem, workloads=tuple(workloads))


def space_with(problem: Problem, factors: Sequence[Factor]) -> Space:
    """The space in which these factors are all that is said."""
    items = items_of(problem)
    return space_from(items, hosts_of(problem, items), factors, trees_of(problem, items, factors, None), {})


def size_of(problem: Problem) -> Size:
    items = items_of(problem)
    return Size(len(items), len(hosts_of(problem, items)), len(problem.nodes), len(problem.links))


def one_and_two(kind: Kind, seed: int) -> list[list[Factor]]:
    """A random factor of a kind, and that with another, each with what it needs."""
    rng, size = np.random.default_rng(seed), size_of(running(seed))
    first, second = DRAWN[kind.OF](rng, size), DRAWN[kind.OF](rng, size)
    return [[*first], [*first, *second]]


def options_of(space: Space) -> list[tuple[int, Option]]:
    """Every legal option by its place."""
    item, place = (axis.ravel() for axis in np.indices((len(space.items), space.places)))
    servers = servers_needed(space.tables, item, place)
    t, hosts = space.tables, len(space.hosts)
    found = []
    for k, p, count in zip(item.tolist(), place.tolist(), servers.tolist(), strict=True):
        if not count:
            continue
        h, stays = int(space.host_at(np.array(p))), t.regular <= p < hosts
        variant = 0 if p < hosts else 1 + (p - hosts) // t.regular
        n = int(space.hosts.node[h])
        route = t.stay_arc[t.stay_ptr[k] : t.stay_ptr[k + 1]].tolist() if stays else None
        arcs = space.routes.path(int(t.variant[t.tree[k], variant]), n) if route is None else route
        found.append((p, Option(k, h, n, count, tuple(arcs), stays, int(t.current[k]), bool(t.stay[k] >= 0))))
    return found


def test_every_factor_is_of_a_kind() -> None:
    classes = {one for union in get_args(Factor) for one in (get_args(union) or (union,))}
    assert {kind.OF for kind in KINDS} == classes == set(DRAWN)
    assert {kind.OF for kind in LOADS} == set(get_args(of.LoadFactor))


@EACH
@SEEDS
def test_what_is_legal(kind: Kind, seed: int) -> None:
    problem = running(seed)
    for factors in one_and_two(kind, seed):
        if kind.OF in (of.TimeLeft, of.OpenLinks, of.Fills):
            continue
        free = options_of(space_with(problem, []))
        left = options_of(space_with(problem, factors))
        assert left == [(p, o) for p, o in free if o.stays or all(allowed(factor, o) for factor in factors)]


@EACH
@SEEDS
def test_what_is_loaded_and_paid_is_what_is_priced(kind: Kind, seed: int) -> None:
    problem, links = running(seed), size_of(running(seed)).links
    for factors in one_and_two(kind, seed):
        space = space_with(problem, factors)
        dual, scale = np.random.default_rng(seed).integers(0, 99, space.row_count), 16
        loading = [f for f in factors if isinstance(f, of.LoadFactor)]
        first = dict(zip(map(id, loading), space.row_offset.tolist(), strict=False))
        free = space.scan(space.price_tables(), space.at_most)
        dear = space.scan(space.price_tables(dual, scale), space.at_most)
        priced = [
            {(int(k), int(p)): int(v) for k, p, v in zip(scan.item, scan.host, scan.value, strict=True)}
            for scan in (free, dear)
        ]
        every = options_of(space)
        assert len(every) == len(priced[0]) == len(priced[1])
        for place, o in every:
            load = np.zeros(space.row_count, np.int64)
            for factor in loading:
                for row, amount in loads(factor, o, links):
                    load[first[id(factor)] + row] += amount
            won = sum(cost(factors, factor, o, links) for factor in factors)
            k, p, s, one = (np.array([value]) for value in (o.k, place, o.servers, 1))
            assert np.array_equal(space.loads(k, p, s, one), load)
            assert priced[0][o.k, place] == won
            assert priced[1][o.k, place] == scale * won + int(dual @ load)
            # What stays may be more than the rows drawn here hold.
            if (load <= space.capacity).all():
                ptr = np.where(np.arange(len(space.items) + 1) > o.k, 1, 0)
                assert space.expand(Options(ptr, p, s)).packing.option_cost.tolist() == [won]
                assert (load <= space.largest_load).all()


@SEEDS
def test_the_least_time_that_is_left_decides(seed: int) -> None:
    problem = running(seed)
    for factors in one_and_two(next(kind for kind in KINDS if kind.OF is of.TimeLeft), seed):
        us = [int(min(times)) for times in zip(*(f.us for f in factors if isinstance(f, of.TimeLeft)), strict=True)]
        space = space_with(problem, factors)
        servers = {(o.k, p): o.servers for p, o in options_of(space)}
        for k, like in enumerate(space.items.like):
            model, t = space.hosts.models.index(like.model), space.tables
            for h in range(*space.hosts.model_ptr[[model, model + 1]].tolist()):
                way = int(t.route_us[t.tree[k], space.hosts.node[h]])
                profile = problem.profiles[space.hosts.profile[h]]
                needed = fewest_servers(profile, int(space.items.devices[k]) * like.rate_mhz, us[k] - way)
                assert t.stay[k] >= 0 or servers.get((k, h)) == needed or (not needed and (k, h) not in servers)


@SEEDS
def test_links_that_every_rule_leaves_open(seed: int) -> None:
    problem = running(seed)
    items = items_of(problem)
    for factors in one_and_two(next(kind for kind in KINDS if kind.OF is of.OpenLinks), seed):
        trees = trees_of(problem, items, factors, None)
        doors = [f.open[f.key] for f in factors if isinstance(f, of.OpenLinks)]
        for k in range(len(items)):
            opened = [all(column) for column in zip(*(door[k] for door in doors), strict=True)]
            assert trees.links_open[trees.fastest.mask[trees.tree[k]]].tolist() == opened


@SEEDS
def test_what_is_said_of_items_and_links_alone(seed: int) -> None:
    rng, size = np.random.default_rng(seed), size_of(running(seed))
    left_out = [of.UnplacedCost(rng.integers(0, 99, size.items)) for _ in range(2)]
    space = space_with(running(seed), left_out)
    assert space.penalty.tolist() == space.left_out.tolist() == (left_out[0].cost + left_out[1].cost).tolist()
    runs = space.tables.stay >= 0
    must = [of.MustPlace(runs & (rng.random(size.items) < 0.5)) for _ in range(2)]
    space = space_with(running(seed), must)
    assert space.must.tolist() == (must[0].must | must[1].must).tolist()
    fill_up = [of.Fills(rng.random(size.links) < 0.5) for _ in range(2)]
    stacked = fills.stack(fill_up, Frame(size.items, size.hosts, size.nodes, size.links))
    assert stacked.tolist() == (fill_up[0].fills | fill_up[1].fills).tolist()
