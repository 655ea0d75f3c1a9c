"""The product of items and hosts under all rules: which pairs are legal, what each costs and loads.

:class:`Space` holds the compiled factors of every rule; it speaks of all legal options without listing them.
:meth:`Space.scan` prices the whole product and keeps the best few of each item; :meth:`Space.expand` writes chosen
options out as a :class:`solver.packing.Packing` for the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from solver import loading, pricing
from solver.factors import (
    AwayCost,
    Factor,
    HostCost,
    HostRows,
    ItemRows,
    LoadFactor,
    OpenHosts,
    OpenItems,
    OpenLinks,
    OpenNodes,
    PairRows,
    RouteCost,
    RouteRows,
    Rows,
    StayAt,
    TimeLeft,
    UnplacedCost,
)
from solver.items import Hosts, Items, hosts_of, items_of
from solver.packing import Packing
from solver.pricing import Market, Options, Scan
from solver.problem import Problem
from solver.routes import Arcs, Routes, arcs_of, nearest_of, regions, routes
from solver.rules import RULES, WAYS
from solver.sizing import Sizes, sizes

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
F = TypeVar("F")
R = TypeVar("R")

#: Loads of options: pointer, row and amount. Those of option o stand from ``pointer[o]`` to ``pointer[o + 1]``.
Loads: TypeAlias = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Listed:
    """Options written out as a packing. Option o of `packing` is `servers[o]` servers on host `host[o]`.

    Rows that the listed options cannot fill are left out: row r of the packing is row `row[r]` of the space. `peak` is an
    upper limit on what the listed options together can load each row of the space with.
    """

    packing: Packing
    item: Ints
    host: Ints
    servers: Ints
    row: Ints
    peak: Ints

    @property
    def options(self) -> Options:
        """What is listed, without costs and loads."""
        return Options(self.packing.item_ptr, self.host, self.servers)


@dataclass(frozen=True)
class Space:
    """Every legal option of a problem, as factors. See :mod:`solver.factors` for what each part says.

    `largest_load[r]` is an upper limit, at least 1, on what one option loads row r with. `executor`, if there is one, runs
    loops over many options in parts.
    """

    items: Items
    hosts: Hosts
    routes: Routes
    penalty: Ints
    rows: tuple[Rows, ...]
    row_offset: Ints
    capacity: Ints
    largest_load: Ints
    tables: pricing.Tables
    executor: Executor | None

    @property
    def row_count(self) -> int:
        """Number of rows of all rules together."""
        return int(self.row_offset[-1])

    def row_label(self, row: int) -> tuple[Rows, int]:
        """Which rule's table row `row` of the space belongs to, and its position there."""
        table = int(np.searchsorted(self.row_offset, row, side="right")) - 1
        return self.rows[table], row - int(self.row_offset[table])

    @cached_property
    def at_most(self) -> Ints:
        """An upper limit on the number of legal options of each item: its model's hosts on nodes open to it."""
        t = self.tables
        kinds, which = np.unique(np.stack((t.model, t.group)), axis=1, return_inverse=True)
        hosts = [
            int((opened[t.node[a:b]] & (t.most[a:b] > 0)).sum())
            for model, opened in zip(kinds[0].tolist(), t.open_node[kinds[1]], strict=True)
            for a, b in [self.hosts.model_ptr[[model, model + 1]].tolist()]
        ]
        return np.where(t.placeable, np.where(t.bound, len(t.lane), 1 << 60), 0).clip(
            max=np.array(hosts, np.int64)[which.reshape(-1)]
        )

    def market(self, prices: Ints | None = None, scale: int = 1) -> Market:
        """Prices made ready for the compiled loops.

        Parameters
        ----------
        prices : int64 array of shape (row_count,), or None for zeros
            Price of a unit of load on each row, in 1/`scale` won.
        scale : int
            Units of a won; option costs are multiplied by it.
        """
        return pricing.market_of(self.tables, prices, scale)

    def scan(self, market: Market, room: Ints, residual: Ints | None = None) -> Scan:
        """Price every legal option and keep the cheapest ``room[k]`` of each item k.

        With `residual`, the room left on every row, hosts without enough of it are passed over.
        """
        return pricing.scan(self.tables, market, np.minimum(room, self.at_most), residual, self.executor)

    def expand(self, options: Options, kept: Ints | None = None) -> Listed:
        """Write options out: costs, loads on the rows that can bind and on those to be kept anyway, penalties and counts.

        An option that loads a row beyond its capacity on its own is dropped, since no plan can take it.
        """
        options, peak = self._possible(options)
        binds = peak > self.capacity
        if kept is not None:
            binds[kept] = True
        rows = np.flatnonzero(binds)
        return self._listed(options, self._costs(options), *self._loads(options, rows), rows, peak)

    def extend(self, listed: Listed, options: Options) -> Listed:
        """The list with further options: as good as expanding all of them, but only what is new is worked out.

        Both name the options of an item by rising host.
        """
        hosts = len(self.hosts)
        known = listed.item * hosts + listed.host
        new, peak = self._possible(options.only(~np.isin(options.item * hosts + options.host, known)))
        order = np.argsort(np.concatenate((known, new.item * hosts + new.host)), kind="stable")
        # Both lists are in memory here, so whatever is no longer needed goes.
        del known
        item, host, servers, cost = (
            np.concatenate(pair)[order]
            for pair in (
                (listed.item, new.item), (listed.host, new.host), (listed.servers, new.servers),
                (listed.packing.option_cost, self._costs(new)),
            )
        )  # fmt: skip
        peak += listed.peak
        bound = np.zeros(self.row_count, bool)
        bound[listed.row] = True
        # Rows that bind only now; the options listed before load them, too.
        further = np.flatnonzero((peak > self.capacity) & ~bound)
        rows = np.concatenate((listed.row, further))
        loads = _merged(listed.packing, len(listed.row), self._loads(listed.options, further), self._loads(new, rows), order)
        ptr = np.searchsorted(item, np.arange(len(self.items) + 1)).astype(np.int64)
        return self._listed(Options(ptr, host, servers), cost, *loads, rows, peak)

    def _possible(self, options: Options) -> tuple[Options, Ints]:
        """The options that load no row beyond its capacity on their own, and the most that all can load each row with."""
        alone = np.ones(len(options), bool)
        # Cut between items.
        cuts = np.unique(options.ptr[np.linspace(0, len(options.ptr) - 1, pricing.PARTS + 1).astype(np.int64)]).tolist()
        columns = options.item, options.host, options.servers
        found = self._in_parts(cuts, partial(loading.peaks, self.tables, *columns, self.items.count, self.capacity, alone))
        peak = np.zeros(self.row_count, np.int64)
        for part in found:
            peak += part
        return options if alone.all() else options.only(alone), peak

    def _loads(self, options: Options, rows: Ints) -> Loads:
        """What the options load of the given rows, as pointer, position among these rows, and amount."""
        number = np.full(self.row_count, -1, np.int64)
        number[rows] = np.arange(len(rows))
        arcs = len(self.tables.arc_reverse)
        ways = any((number[first : first + arcs] >= 0).any() for first in self.tables.route_row.tolist())
        columns = options.item, options.host, options.servers
        ptr = np.zeros(len(options) + 1, np.int64)
        cuts = np.linspace(0, len(options), pricing.PARTS + 1).astype(np.int64).tolist()
        self._in_parts(cuts, partial(loading.counts, self.tables, *columns, number, ways, ptr[1:]))
        np.cumsum(ptr, out=ptr)
        row, amount = np.empty(int(ptr[-1]), np.int64), np.empty(int(ptr[-1]), np.int64)
        self._in_parts(cuts, partial(loading.write, self.tables, *columns, number, ways, ptr, row, amount))
        return ptr, row, amount

    def _costs(self, options: Options) -> Ints:
        """What each option costs."""
        cost = np.empty(len(options), np.int64)
        cuts = np.linspace(0, len(options), pricing.PARTS + 1).astype(np.int64).tolist()
        self._in_parts(cuts, partial(loading.costs, self.tables, options.item, options.host, options.servers, cost))
        return cost

    def _listed(self, options: Options, cost: Ints, ptr: Ints, row: Ints, amount: Ints, rows: Ints, peak: Ints) -> Listed:
        """Options, their costs, and their loads on the given rows, as a packing."""
        packing = Packing(
            item_ptr=options.ptr, item_count=self.items.count, item_penalty=self.penalty, option_cost=cost, load_ptr=ptr,
            load_row=row, load_amount=amount, row_capacity=self.capacity[rows],
        )  # fmt: skip
        return Listed(packing, options.item, options.host, options.servers, rows, peak)

    def loads(self, item: Ints, host: Ints, servers: Ints, copies: Ints) -> Ints:
        """Load on every row when ``copies[i]`` copies of ``item[i]`` run as ``servers[i]`` servers each on ``host[i]``."""
        load = np.zeros(self.row_count, np.int64)
        loading.add_up(self.tables, item, host, servers, copies, load)
        return load

    def _in_parts(self, cuts: list[int], work: Callable[[int, int], R]) -> list[R]:
        """The work on each stretch between two cuts."""
        return pricing.side_by_side(self.executor, lambda part: work(*part), pairwise(cuts))


def space_of(problem: Problem, executor: Executor | None = None) -> Space:
    """Compile every rule of a problem into the space of its legal options. Threads of `executor` help, then and later."""
    items, hosts, arcs = items_of(problem), hosts_of(problem), arcs_of(problem)
    ways: list[Factor] = [f for rule in WAYS for f in rule.compile(problem, items, hosts)]
    # The other rules are asked while trees grow: that leaves the interpreter to them.
    with ThreadPoolExecutor(1) as aside:
        growing = aside.submit(_trees, problem, items, _of(ways, OpenLinks), arcs, executor)
        if executor is None:
            growing.result()
        others: list[Factor] = [f for rule in RULES if rule not in WAYS for f in rule.compile(problem, items, hosts)]
        if _of(others, OpenLinks):
            raise TypeError("a rule that opens or shuts links must stand among those on ways")
        pair, sized = _sizes(problem, items, hosts)
        group, open_node = _combine(_of(others, OpenNodes), len(items), len(problem.nodes))
        tree, table = growing.result()
    factors = ways + others
    usable = np.ones(len(hosts), bool)
    for shut in _of(factors, OpenHosts):
        usable &= shut.open
    rows = tuple(f.rows for f in factors if isinstance(f, LoadFactor))
    offset = np.concatenate(([0], np.cumsum([len(table.capacity) for table in rows]))).astype(np.int64)
    start = {id(table): int(o) for table, o in zip(rows, offset[:-1], strict=True)}
    capacity = np.concatenate([table.capacity for table in rows])

    placeable = np.ones(len(items), bool)
    for door in _of(factors, OpenItems):
        placeable &= door.open
    for per_item in _of(factors, ItemRows):
        placeable &= (per_item.row < 0) | (per_item.amount <= per_item.rows.capacity[per_item.row])
    region = regions(table)
    nearest, inward = nearest_of(table.one_way_us, region, int(region.max(initial=0)) + 1)

    host_rows = _of(factors, HostRows)
    host_row = _stack([_shift(f.row, start[id(f.rows)]) for f in host_rows], len(hosts))
    host_amount = _stack([f.per_server for f in host_rows], len(hosts))
    most = _most(np.where(usable, np.int64(1) << 40, 0), host_row, host_amount, capacity)
    model = {name: m for m, name in enumerate(hosts.models)}
    # One place where an item runs now: a second factor of either kind would have to agree with the first.
    (away,), (stay,) = _of(factors, AwayCost), _of(factors, StayAt)
    route_rows, route_costs, pairs = _of(factors, RouteRows), _of(factors, RouteCost), _of(factors, PairRows)
    tables = pricing.Tables(
        tree=tree, placeable=placeable, group=group, open_node=open_node,
        model=np.array([model[w.model] for w in items.like], np.int64),
        bound=stay.bound, stay=stay.node,
        time_left=np.minimum.reduce([t.us for t in _of(factors, TimeLeft)]),
        pair=pair, item_price_row=_stack([_shift(f.row, start[id(f.rows)]) for f in _of(factors, ItemRows)], len(items)),
        item_amount=_stack([f.amount for f in _of(factors, ItemRows)], len(items)),
        model_lane=hosts.model_lane, lane=hosts.lane_ptr, node=hosts.node,
        region=region, nearest=nearest, inward=inward, most=most,
        host_cost=np.sum([f.per_server for f in _of(factors, HostCost)], axis=0, dtype=np.int64),
        host_row=host_row,
        host_amount=host_amount,
        size_ptr=sized.ptr, size_least=sized.least, size_need=sized.need_us,
        one_way_us=table.one_way_us, arc=table.arc, tail=table.tail,
        arc_reverse=np.roll(np.arange(len(arcs.tail), dtype=np.int64), len(problem.links)),
        route_row=np.array([start[id(f.rows)] for f in route_rows], np.int64),
        route_up=_stack([f.up for f in route_rows], len(items)),
        route_down=_stack([f.down for f in route_rows], len(items)),
        cost_kbps=_stack([f.kbps for f in route_costs], len(items)),
        cost_arc=_stack([np.concatenate((f.per_gbps, f.per_gbps)) for f in route_costs], len(arcs.tail)),
        cost_weight=np.array([f.weight for f in route_costs], np.int64),
        pair_row=np.array([start[id(f.rows)] for f in pairs], np.int64),
        pair_base=_stack([f.base for f in pairs], len(items)), pair_slot=_stack([f.slot for f in pairs], len(hosts)),
        pair_amount=_stack([f.amount for f in pairs], len(items)),
        away_node=away.node, away_cost=away.cost,
    )  # fmt: skip
    penalty = np.zeros(len(items), np.int64)
    for left_out in _of(factors, UnplacedCost):
        penalty += left_out.cost
    largest = [_largest(f) for f in factors if isinstance(f, LoadFactor)]
    return Space(
        items,
        hosts,
        table,
        penalty,
        rows,
        offset,
        capacity,
        np.concatenate(largest),
        tables,
        executor,
    )


def _merged(packing: Packing, rows: int, also: Loads, new: Loads, order: Ints) -> Loads:
    """The loads of a packing's options, with those on further rows after its `rows`, and of new options, in a new order."""
    entries = len(packing.load_row) + len(also[1]) + len(new[1])
    ptr, row, amount = np.zeros(len(order) + 1, np.int64), np.empty(entries, np.int64), np.empty(entries, np.int64)
    loading.merge(
        order < len(packing.option_cost), packing.load_ptr, packing.load_row, packing.load_amount,
        also[0], also[1] + rows, also[2], *new, ptr, row, amount,
    )  # fmt: skip
    return ptr, row, amount


def _of(factors: Sequence[Factor], kind: type[F]) -> list[F]:
    return [factor for factor in factors if isinstance(factor, kind)]


def _largest(factor: LoadFactor) -> Ints:
    size = len(factor.rows.capacity)
    if isinstance(factor, RouteRows):
        return np.full(size, max(1, int(factor.up.max(initial=0)), int(factor.down.max(initial=0))))
    if isinstance(factor, PairRows):
        return np.full(size, max(1, int(factor.amount.max(initial=0))))
    # An option that would overfill a row of a host or an item on its own is not legal.
    return np.maximum(1, factor.rows.capacity)


def _stack(columns: Sequence[Ints], width: int) -> Ints:
    return np.ascontiguousarray(np.array(columns, np.int64).reshape(len(columns), width))


def _shift(row: Ints, offset: int) -> Ints:
    return np.where(row < 0, -1, row + offset)


def _most(limit: Ints, host_row: Ints, host_amount: Ints, room: Ints) -> Ints:
    """Servers that each host has room for, at most `limit`."""
    for row, amount in zip(host_row, host_amount, strict=True):
        counts = (row >= 0) & (amount > 0)
        limit = np.where(counts, np.minimum(limit, room[np.maximum(row, 0)] // np.maximum(amount, 1)), limit)
    return limit


def _combine(closers: Sequence[OpenNodes], items: int, nodes: int) -> tuple[Ints, Bools]:
    """Meet several rules' open nodes: one group for each combination of keys that occurs among the items."""
    keys = np.array([closer.key for closer in closers], np.int64).reshape(len(closers), items)
    combinations, group = np.unique(keys, axis=1, return_inverse=True)
    opened = np.ones((combinations.shape[1], nodes), bool)
    for closer, key in zip(closers, combinations, strict=True):
        opened &= closer.open[key]
    return group.reshape(-1).astype(np.int64), opened


def _trees(
    problem: Problem, items: Items, doors: Sequence[OpenLinks], arcs: Arcs, executor: Executor | None
) -> tuple[Ints, Routes]:
    """One shortest-path tree for each (entry node, allowed links) that some item needs; the tree of each item."""
    entry = np.array([problem.node_index[problem.access_of(w).node] for w in items.like], np.int64)
    keys = np.array([door.key for door in doors], np.int64).reshape(len(doors), len(items))
    combinations, mask = np.unique(keys, axis=1, return_inverse=True)
    links_open = np.ones((combinations.shape[1], len(problem.links)), bool)
    for door, key in zip(doors, combinations, strict=True):
        links_open &= door.open[key]
    # Masks that leave the same links open share their trees.
    links_open, same = np.unique(links_open, axis=0, return_inverse=True)
    mask = same.reshape(-1)[mask.reshape(-1)]
    sources, tree = np.unique(np.stack((entry, mask)), axis=1, return_inverse=True)
    return tree.reshape(-1).astype(np.int64), routes(
        arcs, sources[0].astype(np.int64), sources[1].astype(np.int64), links_open, executor
    )


def _sizes(problem: Problem, items: Items, hosts: Hosts) -> tuple[Ints, Sizes]:
    """Size every load that occurs on each lane of its model; the first table of each item, and the tables."""
    profile_of_lane = hosts.profile[hosts.lane_ptr[:-1]].tolist()
    model = {name: m for m, name in enumerate(hosts.models)}
    first: dict[tuple[int, int], int] = {}
    asked: list[tuple[int, int]] = []
    pair = []
    for workload in items.like:
        load = model[workload.model], workload.shard_size * workload.rate_mhz
        if load not in first:
            first[load] = len(asked)
            lanes = profile_of_lane[hosts.model_lane[load[0]] : hosts.model_lane[load[0] + 1]]
            asked.extend((f, load[1]) for f in lanes)
        pair.append(first[load])
    sized = sizes([problem.profiles[f] for f, _ in asked], [rate for _, rate in asked])
    return np.array(pair, np.int64), sized
