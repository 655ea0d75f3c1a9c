"""The product of items and hosts under all rules: which pairs are legal, what each costs and loads.

:class:`Space` holds the compiled factors of every rule; it speaks of all legal options without listing them.
:meth:`Space.scan` prices the whole product and keeps the best few of each item; :meth:`Space.expand` writes chosen
options out as a :class:`solver.packing.Packing` for the engines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from solver.facts.placement import MOST_SERVERS
from solver.facts.problem import Problem
from solver.facts.routes import (
    UNREACHABLE_US,
    Arcs,
    Routes,
    arcs_of,
    keep_routes,
    nearest_of,
    regions,
    routes,
    with_parallel_links,
)
from solver.facts.walk import walk
from solver.packing import Packing
from solver.rules import RULES, TOTALS, WAYS
from solver.rules.factors import (
    AwayCost,
    CrowdCost,
    Factor,
    Fills,
    HostCost,
    HostRows,
    ItemRows,
    LoadFactor,
    MustPlace,
    OpenHosts,
    OpenItems,
    OpenLinks,
    OpenNodes,
    PairRows,
    RouteCost,
    RouteRows,
    Rows,
    StayAt,
    StayCost,
    TimeLeft,
    UnplacedCost,
)
from solver.rules.goals import disturbed
from solver.rules.goals.disturbed import price_of_staying
from solver.rules.items import Hosts, Items, hosts_of, items_of, standing_hosts, standing_items
from solver.space import loading, pricing
from solver.space.merging import added, all_of, any_of, bound_to, crowding, met, of_kind
from solver.space.pricing import Market, Options, Scan
from solver.space.sizing import Sizes, sizes

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
R = TypeVar("R")

#: Loads of options: pointer, row and amount. Those of option o stand from ``pointer[o]`` to ``pointer[o + 1]``.
Loads: TypeAlias = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Listed:
    """Options written out as a packing. Option o of `packing` is `servers[o]` servers at place `host[o]`.

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
    """Every legal option of a problem, as factors. See :mod:`solver.rules.factors` for what each part says.

    Options stand at places, which :mod:`solver.space.pricing` numbers. Leaving a copy of item k out costs
    `left_out[k]`. Those with `must[k]` have to be placed; their `penalty`, which is what the engines see, is more than any
    plan costs. `capacity` is what is free for items: what stays as it is has its room already.
    `largest_load[r]` is an upper limit, at least 1, on what one option loads row r with.

    A space is a value: it can be pickled and shared. Loops over many options take an `executor` for the call, whose threads
    run them in parts.
    """

    items: Items
    hosts: Hosts
    routes: Routes
    penalty: Ints
    left_out: Ints
    must: Bools
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

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.hosts) + (int(self.tables.variant.shape[1]) - 1) * self.tables.regular

    def host_at(self, place: Ints) -> Ints:
        """Position in the columns of :class:`Hosts` that each place stands for."""
        hosts = len(self.hosts)
        return np.where(place < hosts, place, (place - hosts) % max(1, self.tables.regular))

    def ways_to(self, item: Ints, place: Ints) -> tuple[Ints, Ints]:
        """The links that copies of items take to places, as pointer and links."""
        t, links = self.tables, max(1, len(self.items.problem.links))
        regular, hosts = t.regular, len(self.hosts)
        stays = (place >= regular) & (place < hosts)
        variant = np.where(place < regular, 0, 1 + (place - hosts) // max(1, regular))
        tree = t.variant[t.tree[item], np.where(stays, 0, variant)]
        ptr, arcs = self.routes.paths(tree, self.hosts.node[self.host_at(place)])
        if not stays.any():
            return ptr, arcs % links
        length = np.where(stays, np.diff(t.stay_ptr)[item], np.diff(ptr))
        ends = np.concatenate(([0], np.cumsum(length))).astype(np.int64)
        begin = np.where(stays, t.stay_ptr[item] + len(arcs), ptr[:-1])
        entry = np.arange(int(ends[-1])) - np.repeat(ends[:-1], length) + np.repeat(begin, length)
        return ends, np.concatenate((arcs, t.stay_arc))[entry] % links

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
        variants = (t.variant >= 0).sum(axis=1)[t.tree]
        new = np.where(t.placeable, np.where(t.bound, len(t.lane), 1 << 60), 0).clip(
            max=np.array(hosts, np.int64)[which.reshape(-1)]
        )
        every: Ints = new * variants + (t.stay >= 0)
        return every

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

    def scan(self, market: Market, room: Ints, residual: Ints | None = None, executor: Executor | None = None) -> Scan:
        """Price every legal option and keep the cheapest ``room[k]`` of each item k.

        With `residual`, the room left on every row, hosts without enough of it are passed over.
        """
        return pricing.scan(self.tables, market, np.minimum(room, self.at_most), residual, executor)

    def expand(self, options: Options, kept: Ints | None = None, executor: Executor | None = None) -> Listed:
        """Write options out: costs, loads on the rows that can bind and on those to be kept anyway, penalties and counts.

        An option that loads a row beyond its capacity on its own is dropped, since no plan can take it.
        """
        options, peak = self._possible(options, executor)
        binds = peak > self.capacity
        if kept is not None:
            binds[kept] = True
        rows = np.flatnonzero(binds)
        return self._listed(options, self._costs(options, executor), *self._loads(options, rows, executor), rows, peak)

    def extend(self, listed: Listed, options: Options, executor: Executor | None = None) -> Listed:
        """The list with further options: as good as expanding all of them, but only what is new is worked out.

        Both name the options of an item by rising place.
        """
        hosts = self.places
        known = listed.item * hosts + listed.host
        new, peak = self._possible(options.only(~np.isin(options.item * hosts + options.host, known)), executor)
        order = np.argsort(np.concatenate((known, new.item * hosts + new.host)), kind="stable")
        # Both lists are in memory here, so whatever is no longer needed goes.
        del known
        item, host, servers, cost = (
            np.concatenate(pair)[order]
            for pair in (
                (listed.item, new.item), (listed.host, new.host), (listed.servers, new.servers),
                (listed.packing.option_cost, self._costs(new, executor)),
            )
        )  # fmt: skip
        peak += listed.peak
        bound = np.zeros(self.row_count, bool)
        bound[listed.row] = True
        # Rows that bind only now; the options listed before load them, too.
        further = np.flatnonzero((peak > self.capacity) & ~bound)
        rows = np.concatenate((listed.row, further))
        also, loads_of_new = self._loads(listed.options, further, executor), self._loads(new, rows, executor)
        loads = _merged(listed.packing, len(listed.row), also, loads_of_new, order)
        ptr = np.searchsorted(item, np.arange(len(self.items) + 1)).astype(np.int64)
        return self._listed(Options(ptr, host, servers), cost, *loads, rows, peak)

    def _possible(self, options: Options, executor: Executor | None) -> tuple[Options, Ints]:
        """The options that load no row beyond its capacity on their own, and the most that all can load each row with."""
        alone = np.ones(len(options), bool)
        # Cut between items.
        cuts = np.unique(options.ptr[np.linspace(0, len(options.ptr) - 1, pricing.PARTS + 1).astype(np.int64)]).tolist()
        columns = options.item, options.host, options.servers
        peaks = partial(loading.peaks, self.tables, *columns, self.items.count, self.capacity, alone)
        peak = np.zeros(self.row_count, np.int64)
        for part in _in_parts(executor, cuts, peaks):
            peak += part
        return options if alone.all() else options.only(alone), peak

    def _loads(self, options: Options, rows: Ints, executor: Executor | None) -> Loads:
        """What the options load of the given rows, as pointer, position among these rows, and amount."""
        number = np.full(self.row_count, -1, np.int64)
        number[rows] = np.arange(len(rows))
        arcs = len(self.tables.arc_reverse)
        ways = any((number[first : first + arcs] >= 0).any() for first in self.tables.route_row.tolist())
        columns = options.item, options.host, options.servers
        ptr = np.zeros(len(options) + 1, np.int64)
        cuts = np.linspace(0, len(options), pricing.PARTS + 1).astype(np.int64).tolist()
        _in_parts(executor, cuts, partial(loading.counts, self.tables, *columns, number, ways, ptr[1:]))
        np.cumsum(ptr, out=ptr)
        row, amount = np.empty(int(ptr[-1]), np.int64), np.empty(int(ptr[-1]), np.int64)
        _in_parts(executor, cuts, partial(loading.write, self.tables, *columns, number, ways, ptr, row, amount))
        return ptr, row, amount

    def _costs(self, options: Options, executor: Executor | None) -> Ints:
        """What each option costs."""
        cost = np.empty(len(options), np.int64)
        cuts = np.linspace(0, len(options), pricing.PARTS + 1).astype(np.int64).tolist()
        _in_parts(executor, cuts, partial(loading.costs, self.tables, options.item, options.host, options.servers, cost))
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
        item, host, servers, copies = (np.ascontiguousarray(one) for one in (item, host, servers, copies))
        loading.add_up(self.tables, item, host, servers, copies, load)
        return load


def space_of(problem: Problem, executor: Executor | None = None) -> Space:
    """Compile every rule of a problem into the space of its legal options. Threads of `executor` help."""
    items = items_of(problem, _prices_of_staying(problem))
    hosts, arcs = hosts_of(problem, items), arcs_of(problem)
    ways: list[Factor] = [f for rule in WAYS for f in rule.compile(problem, items, hosts)]
    # The other rules are asked while trees grow: that leaves the interpreter to them.
    with ThreadPoolExecutor(1) as aside:
        growing = aside.submit(_trees, problem, items, of_kind(ways, OpenLinks), arcs, executor)
        if executor is None:
            growing.result()
        others: list[Factor] = [f for rule in RULES if rule not in WAYS for f in rule.compile(problem, items, hosts)]
        if of_kind(others, OpenLinks):
            raise TypeError("a rule that opens or shuts links must stand among those on ways")
        closers = of_kind(others, OpenNodes)
        group, open_node = met([f.key for f in closers], [f.open for f in closers], len(items), len(problem.nodes))
        standing = _standing(problem)
        tree, fastest, links_open = growing.result()
    fills = any_of((f.fills for f in of_kind(others, Fills)), len(problem.links))
    table, variant = with_parallel_links(fastest, arcs, links_open, fills)
    factors = ways + others
    regular = int(hosts.lane_ptr[-1])
    usable = all_of((f.open for f in of_kind(factors, OpenHosts)), len(hosts))
    usable[regular:] = True
    rows = tuple(f.rows for f in factors if isinstance(f, LoadFactor))
    offset = np.concatenate(([0], np.cumsum([len(table.capacity) for table in rows]))).astype(np.int64)
    start = {id(table): int(o) for table, o in zip(rows, offset[:-1], strict=True)}
    capacity = np.concatenate([table.capacity for table in rows])
    for which, one in enumerate(rows):
        if not one.net:
            # What runs may leave a limit broken, though not break it further; what stays as it is takes its room.
            mine = slice(int(offset[which]), int(offset[which + 1]))
            held, fixed = standing[one.rule].pop(0)
            capacity[mine] = np.maximum(capacity[mine], held) - fixed

    placeable = all_of((f.open for f in of_kind(factors, OpenItems)), len(items))
    for per_item in of_kind(factors, ItemRows):
        room = capacity[start[id(per_item.rows)] + np.maximum(per_item.row, 0)]
        placeable &= (per_item.row < 0) | (per_item.amount <= room)
    region = regions(fastest)
    nearest, inward = nearest_of(table.way_us, region, int(region.max(initial=0)) + 1)

    host_rows = of_kind(factors, HostRows)
    host_row = _stack([_shift(f.row, start[id(f.rows)]) for f in host_rows], len(hosts))
    host_amount = _stack([f.per_server for f in host_rows], len(hosts))
    most = _most(np.where(usable, np.int64(MOST_SERVERS), 0), host_row, host_amount, capacity)
    time_left = np.minimum.reduce([t.us for t in of_kind(factors, TimeLeft)])
    # Row by row, since the table of a nation is large.
    reached = np.array([int(row.max(initial=0, where=row != UNREACHABLE_US)) for row in table.way_us], np.int64)
    farthest = np.where(variant < 0, 0, reached[variant]).max(axis=1, initial=0)[tree] if len(reached) else time_left * 0
    pair, sized = _sizes(problem, items, hosts, time_left, farthest, most)
    model = {name: m for m, name in enumerate(hosts.models)}
    bound = bound_to(of_kind(factors, StayAt), len(items))
    overfull, crowd_cost = crowding(of_kind(factors, CrowdCost), rows, len(items))
    route_rows, route_costs, pairs = of_kind(factors, RouteRows), of_kind(factors, RouteCost), of_kind(factors, PairRows)
    stay, stay_servers, stay_home, stay_variant, stay_ptr, stay_arc = _stays(items, hosts, table, variant[tree])
    tables = pricing.Tables(
        tree=tree, variant=variant, regular=regular, stay=stay, stay_servers=stay_servers,
        stay_cost=added((f.cost for f in of_kind(factors, StayCost)), len(items)),
        stay_home=stay_home, stay_variant=stay_variant, stay_ptr=stay_ptr, stay_arc=stay_arc,
        placeable=placeable, group=group, open_node=open_node,
        model=np.array([model[w.model] for w in items.like], np.int64),
        bound=bound.bound, bound_to=bound.node,
        time_left=time_left,
        pair=pair, item_price_row=_stack([_shift(f.row, start[id(f.rows)]) for f in of_kind(factors, ItemRows)], len(items)),
        item_amount=_stack([f.amount for f in of_kind(factors, ItemRows)], len(items)),
        model_lane=hosts.model_lane, lane=hosts.lane_ptr, node=hosts.node,
        region=region, nearest=nearest, inward=inward, most=most,
        host_cost=added((f.per_server for f in of_kind(factors, HostCost)), len(hosts)),
        host_row=host_row,
        host_amount=host_amount,
        size_ptr=sized.ptr, size_least=sized.least, size_need=sized.need_us,
        way_us=table.way_us, arc=table.arc, tail=table.tail,
        arc_reverse=np.roll(np.arange(len(arcs.tail), dtype=np.int64), len(problem.links)),
        route_row=np.array([start[id(f.rows)] for f in route_rows], np.int64),
        route_up=_stack([f.up for f in route_rows], len(items)),
        route_down=_stack([f.down for f in route_rows], len(items)),
        cost_ptr=np.concatenate(([0], np.cumsum([len(f.kbps) for f in route_costs]))).astype(np.int64),
        cost_kbps=_stack([kbps for f in route_costs for kbps in f.kbps], len(items)),
        cost_arc=_stack([price for f in route_costs for price in f.per_gbps], len(arcs.tail)),
        cost_weight=np.array([f.weight for f in route_costs], np.int64),
        pair_row=np.array([start[id(f.rows)] for f in pairs], np.int64),
        pair_base=_stack([f.base for f in pairs], len(items)), pair_slot=_stack([f.slot for f in pairs], len(hosts)),
        pair_amount=_stack([f.amount for f in pairs], len(items)),
        away_node=items.current, away_cost=added((f.cost for f in of_kind(factors, AwayCost)), len(items)),
        crowd_cost=crowd_cost, overfull=overfull,
    )  # fmt: skip
    penalty = added((f.cost for f in of_kind(factors, UnplacedCost)), len(items))
    loads = [f for f in factors if isinstance(f, LoadFactor)]
    largest = [_largest(f, capacity[start[id(f.rows)] :][: len(f.rows.capacity)]) for f in loads]
    must = any_of((f.must for f in of_kind(factors, MustPlace)), len(items))
    return Space(
        items,
        hosts,
        table,
        _binding(tables, penalty, must, items.count),
        penalty,
        must,
        rows,
        offset,
        capacity,
        np.concatenate(largest),
        tables,
    )


def _binding(tables: pricing.Tables, penalty: Ints, must: Bools, count: Ints) -> Ints:
    """Penalties that nothing outweighs for items that have to be placed.

    All of them can stay where they run, so no plan as cheap as that leaves one of them out if doing so costs more than that
    plan does as a whole.
    """
    if not must.any():
        return penalty
    staying = np.flatnonzero(must)
    stays = np.empty(len(staying), np.int64)
    loading.costs(tables, staying, tables.stay[staying], tables.stay_servers[staying], stays, 0, len(staying))
    whole = int((stays * count[staying]).sum()) + int((penalty * count)[~must].sum())
    return np.where(must, whole + 1, penalty)


def _prices_of_staying(problem: Problem) -> dict[tuple[int, int], int]:
    """What it costs to stay, by workload and shard, for what is free and runs where it should not."""
    return {
        (w, shard): price_of_staying(problem, w, shard, broken)
        for (w, shard), broken in disturbed.in_force(problem).items()
        if problem.workloads[w].is_free(shard)
    }


def _standing(problem: Problem) -> dict[str, list[tuple[Ints, Ints]]]:
    """What is in force loads the rows of each rule with, table by table, and the part of it that stays as it is."""
    items, hosts, now = standing_items(problem), standing_hosts(problem), problem.in_force
    onward = walk(problem, now).onward
    arc = now.route_link + len(problem.links) * ~onward
    back = now.route_link + len(problem.links) * onward
    found: dict[str, list[tuple[Ints, Ints]]] = defaultdict(list)
    for rule in TOTALS:
        for factor in rule.compile(problem, items, hosts):
            if not isinstance(factor, LoadFactor):
                continue
            entries: list[tuple[Ints, Ints, Ints]] = []
            everyone = np.arange(len(now), dtype=np.int64)
            match factor:
                case HostRows(row=row, per_server=amount):
                    entries.append((everyone, row, amount * now.servers))
                case ItemRows(row=row, amount=amount):
                    entries.append((everyone, row, amount))
                case RouteRows(up=up, down=down):
                    entries += [(now.route_row, arc, up[now.route_row]), (now.route_row, back, down[now.route_row])]
                case PairRows(base=base, slot=slot, amount=amount):
                    entries.append((everyone, np.where((base < 0) | (slot < 0), -1, base + slot), amount))
            held = np.zeros((2, len(factor.rows.capacity)), np.int64)
            for placement, row, amount in entries:
                loads = row >= 0
                np.add.at(held[0], row[loads], amount[loads])
                loads &= problem.fixed[placement]
                np.add.at(held[1], row[loads], amount[loads])
            found[factor.rows.rule].append((held[0], held[1]))
    return found


def _stays(items: Items, hosts: Hosts, table: Routes, variants: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
    """Where items stay: place, servers, the host that it is, the variant of the ways, and the arcs of the route.

    `variants[k]` are the trees of item k.
    """
    problem, now = items.problem, items.problem.in_force
    size, regular = len(items), int(hosts.lane_ptr[-1])
    place, servers, home, variant = (np.full(size, -1, np.int64) for _ in range(4))
    place[hosts.stay_item] = regular + np.arange(len(hosts.stay_item))
    running = np.flatnonzero(items.stay >= 0)
    row = items.stay[running]
    servers[running] = now.servers[row]
    columns = (column[:regular].tolist() for column in (hosts.node, hosts.pool, hosts.profile))
    known = {key: h for h, key in enumerate(zip(*columns, strict=True))}
    onward = walk(problem, now).onward
    arcs = now.route_link + len(problem.links) * ~onward
    ways = [arcs[now.route_ptr[r] : now.route_ptr[r + 1]] for r in row.tolist()]
    for k, way, stay in zip(running.tolist(), ways, place[running].tolist(), strict=True):
        n = int(hosts.node[stay])
        home[k] = known.get((n, int(hosts.pool[stay]), int(hosts.profile[stay])), -1)
        for v, tree in enumerate(variants[k].tolist()):
            reached = tree >= 0 and table.way_us[tree, n] != UNREACHABLE_US
            if reached and table.path(tree, n) == way.tolist():
                variant[k] = v
                break
    ptr = np.zeros(size + 1, np.int64)
    ptr[running + 1] = [len(way) for way in ways]
    return place, servers, home, variant, np.cumsum(ptr), np.concatenate([*ways, np.zeros(0, np.int64)]).astype(np.int64)


def _in_parts(executor: Executor | None, cuts: list[int], work: Callable[[int, int], R]) -> list[R]:
    """The work on each stretch between two cuts."""
    return pricing.side_by_side(executor, lambda part: work(*part), pairwise(cuts))


def _merged(packing: Packing, rows: int, also: Loads, new: Loads, order: Ints) -> Loads:
    """The loads of a packing's options, with those on further rows after its `rows`, and of new options, in a new order."""
    entries = len(packing.load_row) + len(also[1]) + len(new[1])
    ptr, row, amount = np.zeros(len(order) + 1, np.int64), np.empty(entries, np.int64), np.empty(entries, np.int64)
    loading.merge(
        order < len(packing.option_cost), packing.load_ptr, packing.load_row, packing.load_amount,
        also[0], also[1] + rows, also[2], *new, ptr, row, amount,
    )  # fmt: skip
    return ptr, row, amount


def _largest(factor: LoadFactor, capacity: Ints) -> Ints:
    size = len(factor.rows.capacity)
    if isinstance(factor, RouteRows):
        return np.full(size, max(1, int(factor.up.max(initial=0)), int(factor.down.max(initial=0))))
    if isinstance(factor, PairRows):
        return np.full(size, max(1, int(factor.amount.max(initial=0))))
    # An option that would overfill a row of a host or an item on its own is not legal.
    return np.maximum(1, capacity)


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


def _trees(
    problem: Problem, items: Items, doors: Sequence[OpenLinks], arcs: Arcs, executor: Executor | None
) -> tuple[Ints, Routes, Bools]:
    """One shortest-path tree for each (entry node, allowed links) that some item needs: the tree of each item, all trees,
    and the links that each mask of theirs leaves open."""
    entry = np.array([problem.node_index[problem.access_of(w).node] for w in items.like], np.int64)
    mask, links_open = met([door.key for door in doors], [door.open for door in doors], len(items), len(problem.links))
    # Masks that leave the same links open share their trees.
    links_open, same = np.unique(links_open, axis=0, return_inverse=True)
    mask = same.reshape(-1)[mask]
    sources, tree = np.unique(np.stack((entry, mask)), axis=1, return_inverse=True)
    table = routes(arcs, sources[0].astype(np.int64), sources[1].astype(np.int64), links_open, executor)
    keep_routes(problem, table, links_open)
    return tree.reshape(-1).astype(np.int64), table, links_open


def _sizes(problem: Problem, items: Items, hosts: Hosts, time_left: Ints, farthest: Ints, most: Ints) -> tuple[Ints, Sizes]:
    """Size every load that occurs on each lane of its model; the first table of each item, and the tables.

    `time_left[k]` is what of item k's deadline is left for transport, waiting and service, `farthest[k]` the longest round
    trip that any of its hosts can ask for, both in microseconds, and `most[h]` the servers that host h has room for.
    """
    model = {name: m for m, name in enumerate(hosts.models)}
    rates = items.devices * np.array([workload.rate_mhz for workload in items.like], np.int64)
    number: dict[tuple[int, int], int] = {}
    load = np.array(
        [
            number.setdefault((model[workload.model], rate), len(number))
            for workload, rate in zip(items.like, rates.tolist(), strict=True)
        ],
        np.int64,
    )
    # One table for each lane of a load's model, side by side.
    lanes = [np.arange(*hosts.model_lane[[m, m + 1]].tolist()) for m, _ in number]
    width = np.array([len(of_model) for of_model in lanes], np.int64)
    least, longest = np.full(len(number), np.int64(1) << 60), np.full(len(number), -(np.int64(1) << 60))
    np.minimum.at(least, load, time_left - farthest)
    np.maximum.at(longest, load, time_left)
    lane = np.concatenate([*lanes, np.zeros(0, np.int64)]).astype(np.int64)
    first_host = hosts.lane_ptr[:-1]
    regular = int(hosts.lane_ptr[-1])
    room = np.maximum.reduceat(most[:regular], first_host) if regular else most[:0]
    sized = sizes(
        [problem.profiles[f] for f in hosts.profile[first_host[lane]].tolist()],
        np.repeat(np.array([rate for _, rate in number], np.int64), width),
        np.repeat(least, width), np.repeat(longest, width), room[lane],
    )  # fmt: skip
    return (np.cumsum(width) - width)[load], sized
