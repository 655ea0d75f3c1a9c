"""The product of items and hosts under all rules: which pairs are legal, what each costs and loads.

:class:`Space` holds the compiled factors of every rule; it speaks of all legal options without listing them.
:meth:`Space.scan` prices the whole product and keeps the best few of each item; :meth:`Space.expand` writes chosen
options out as a :class:`solver.packing.Packing` for the engines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver import pricing
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
from solver.filling import Filling, fill
from solver.items import Hosts, Items, hosts_of, items_of
from solver.packing import Packing
from solver.pricing import Options, Scan
from solver.problem import Problem
from solver.routes import Arcs, Routes, arcs_of, routes
from solver.rules import RULES
from solver.sizing import Sizes, sizes

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
F = TypeVar("F")


@dataclass(frozen=True)
class Listed:
    """Options written out as a packing. Option o of `packing` is `servers[o]` servers on host `host[o]`.

    Rows that the listed options cannot fill are left out: row r of the packing is row `row[r]` of the space.
    """

    packing: Packing
    item: Ints
    host: Ints
    servers: Ints
    row: Ints


@dataclass(frozen=True)
class Space:
    """Every legal option of a problem, as factors. See :mod:`solver.factors` for what each part says.

    `largest_load[r]` is an upper limit, at least 1, on what one option loads row r with.
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

    def scan(
        self,
        prices: Ints | None,
        scale: int,
        room: Ints,
        executor: Executor,
        blocks: int = 1,
        residual: Ints | None = None,
    ) -> Scan:
        """Price every legal option and keep the cheapest `room[k]` of each item k.

        Parameters
        ----------
        prices : int64 array of shape (row_count,), or None for zeros
            Price of a unit of load on each row, in 1/`scale` won.
        scale : int
            Units of a won; option costs are multiplied by it.
        room : int64 array of shape (K,)
            How many options of each item to keep.
        residual : int64 array of shape (row_count,), optional
            Room left on every row; hosts without enough of it are passed over.
        """
        tables = self.tables
        if residual is not None:
            tables = tables._replace(most=_most(tables.most, tables.host_row, tables.host_amount, residual))
        return pricing.scan(tables, prices, scale, room, executor, blocks)

    def expand(self, options: Options) -> Listed:
        """Write options out: costs, loads on the rows that can bind, penalties and counts.

        An option that loads a row beyond its capacity on its own is dropped, since no plan can take it.
        """
        item, host, servers = options.item, options.host, options.servers
        ways = self.routes.paths(self.tables.tree[item], self.tables.node[host])
        alone = np.ones(len(options), bool)
        peak = np.zeros(self.row_count, np.int64)
        for option, row, amount in self._streams(item, host, servers, ways):
            alone[option[amount > self.capacity[row]]] = False
            pricing.peaks(item[option], self.items.count, row, amount, peak)
        binding = np.flatnonzero(peak > self.capacity)
        number = np.full(self.row_count, -1, np.int64)
        number[binding] = np.arange(len(binding))
        renumber = np.cumsum(alone) - 1
        # The streams are made a second time rather than kept: at national size they would not fit in memory together.
        loads = [
            (renumber[option[on]].astype(np.int32), number[row[on]].astype(np.int32), amount[on])
            for option, row, amount in self._streams(item, host, servers, ways)
            for on in [(number[row] >= 0) & alone[option]]
        ]
        load_ptr = np.zeros(int(alone.sum()) + 1, np.int64)
        for option32, _, _ in loads:
            np.add.at(load_ptr, option32 + 1, 1)
        np.cumsum(load_ptr, out=load_ptr)
        load_row, load_amount = np.zeros(int(load_ptr[-1]), np.int64), np.zeros(int(load_ptr[-1]), np.int64)
        cursor = load_ptr[:-1].copy()
        while loads:
            pricing.place_entries(*loads.pop(0), cursor, load_row, load_amount)
        cost = self._cost(item, host, servers, ways)[alone]
        item = item[alone]
        packing = Packing(
            item_ptr=np.searchsorted(item, np.arange(len(self.items) + 1)).astype(np.int64),
            item_count=self.items.count, item_penalty=self.penalty, option_cost=cost, load_ptr=load_ptr,
            load_row=load_row, load_amount=load_amount, row_capacity=self.capacity[binding],
        )  # fmt: skip
        return Listed(packing, item, host[alone], servers[alone], binding)

    def loads(self, item: Ints, host: Ints, servers: Ints, copies: Ints) -> Ints:
        """Load on every row when ``copies[i]`` copies of ``item[i]`` run as ``servers[i]`` servers each on ``host[i]``."""
        load = np.zeros(self.row_count, np.int64)
        ways = self.routes.paths(self.tables.tree[item], self.tables.node[host])
        for option, row, amount in self._streams(item, host, servers, ways):
            np.add.at(load, row, amount * copies[option])
        return load

    def fill(self, prices: Ints, scale: int, order: Ints, copies: Ints, residual: Ints) -> Filling:
        """Place ``copies[i]`` copies of item ``order[i]``, in that order, each on the cheapest legal host with room left.

        Prices as for `scan`; `residual` is the room on every row and is reduced in place.
        """
        return fill(self.tables, self.market(prices, scale), order, copies, self.penalty, residual)

    def market(self, prices: Ints, scale: int) -> pricing.Market:
        """Prices made ready for the compiled loops, in 1/`scale` won a unit of load on each row."""
        return pricing.market_of(self.tables, prices, scale)

    def _cost(self, item: Ints, host: Ints, servers: Ints, ways: tuple[Ints, Ints]) -> Ints:
        """What each option costs, in won a month."""
        tables, (ptr, arcs) = self.tables, ways
        cost = servers * tables.host_cost[host]
        for kbps, per_gbps, weight in zip(tables.cost_kbps, tables.cost_arc, tables.cost_weight, strict=True):
            carried = -(-kbps[item] * _sum_by(ptr, per_gbps[arcs]) // 1_000_000)
            cost -= -carried * int(weight) // 1000
        current = tables.away_node[item]
        cost += np.where((current >= 0) & (current != tables.node[host]), tables.away_cost[item], 0)
        return cost

    def _streams(self, item: Ints, host: Ints, servers: Ints, ways: tuple[Ints, Ints]) -> Iterator[tuple[Ints, Ints, Ints]]:
        """The loads of options as (option, row, amount) columns, one factor after the other, options ascending."""
        tables, (ptr, arcs) = self.tables, ways
        option = np.arange(len(host), dtype=np.int64)

        def loaded(option: Ints, row: Ints, amount: Ints) -> tuple[Ints, Ints, Ints]:
            on = (row >= 0) & (amount > 0)
            return option[on], row[on], amount[on]

        for row, per_server in zip(tables.host_row, tables.host_amount, strict=True):
            yield loaded(option, row[host], per_server[host] * servers)
        for row, amount in zip(tables.item_price_row, tables.item_amount, strict=True):
            yield loaded(option, row[item], amount[item])
        on_route = np.repeat(option, np.diff(ptr))
        for offset, up, down in zip(tables.route_row.tolist(), tables.route_up, tables.route_down, strict=True):
            yield loaded(on_route, offset + arcs, up[item][on_route])
            yield loaded(on_route, offset + tables.arc_reverse[arcs], down[item][on_route])
        for offset, base, slot, amount in zip(
            tables.pair_row.tolist(), tables.pair_base, tables.pair_slot, tables.pair_amount, strict=True
        ):
            both = (base[item] >= 0) & (slot[host] >= 0)
            yield loaded(option, np.where(both, offset + base[item] + slot[host], -1), amount[item])


def space_of(problem: Problem) -> Space:
    """Compile every rule of a problem into the space of its legal options."""
    items, hosts = items_of(problem), hosts_of(problem)
    factors: list[Factor] = [f for rule in RULES for f in rule.compile(problem, items, hosts)]
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
    group, open_node = _combine(_of(factors, OpenNodes), len(items), len(problem.nodes))
    arcs = arcs_of(problem)
    tree, table = _trees(problem, items, _of(factors, OpenLinks), arcs)
    pair, sized = _sizes(problem, items, hosts)

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
        model_lane=hosts.model_lane, lane=hosts.lane_ptr, node=hosts.node, most=most,
        host_cost=np.sum([f.per_server for f in _of(factors, HostCost)], axis=0, dtype=np.int64),
        host_row=host_row,
        host_amount=host_amount,
        size_ptr=sized.ptr, size_least=sized.least, size_need=sized.need_us,
        source=table.source, one_way_us=table.one_way_us, arc=table.arc, tail=table.tail,
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
    )


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


def _sum_by(ptr: Ints, values: Ints) -> Ints:
    return np.diff(np.concatenate(([0], np.cumsum(values)))[ptr])


def _combine(closers: Sequence[OpenNodes], items: int, nodes: int) -> tuple[Ints, Bools]:
    """Meet several rules' open nodes: one group for each combination of keys that occurs among the items."""
    keys = np.array([closer.key for closer in closers], np.int64).reshape(len(closers), items)
    combinations, group = np.unique(keys, axis=1, return_inverse=True)
    opened = np.ones((combinations.shape[1], nodes), bool)
    for closer, key in zip(closers, combinations, strict=True):
        opened &= closer.open[key]
    return group.reshape(-1).astype(np.int64), opened


def _trees(problem: Problem, items: Items, doors: Sequence[OpenLinks], arcs: Arcs) -> tuple[Ints, Routes]:
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
        arcs, sources[0].astype(np.int64), sources[1].astype(np.int64), links_open
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
