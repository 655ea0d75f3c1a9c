"""The product of items and hosts under all rules: which pairs are legal, what each costs and loads.

:class:`Space` holds the compiled factors of every rule; it speaks of all legal options without listing them.
:meth:`Space.scan` prices the whole product and keeps the best few of each item; :meth:`Space.expand` writes chosen
options out as a :class:`solver.packing.Packing` for the engines.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from solver.facts.routes import Routes
from solver.packing import Packing
from solver.rules.factors import Rows
from solver.rules.items import Hosts, Items
from solver.space import loading, pricing
from solver.space.parts import PARTS, over_cuts
from solver.space.price_tables import PriceTables, price_tables_of
from solver.space.pricing import Options, Scan
from solver.space.tables import Tables

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

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
    plan costs. `capacity` is what is free for items: what stays as it is has its capacity already.
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
    tables: Tables

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

    def routes_to(self, item: Ints, place: Ints) -> tuple[Ints, Ints]:
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
        kinds, which = np.unique(np.stack((t.model, t.open_nodes.key)), axis=1, return_inverse=True)
        hosts = [
            int((opened[t.node[a:b]] & (t.most[a:b] > 0)).sum())
            for model, opened in zip(kinds[0].tolist(), t.open_nodes.open[kinds[1]], strict=True)
            for a, b in [self.hosts.model_ptr[[model, model + 1]].tolist()]
        ]
        variants = (t.variant >= 0).sum(axis=1)[t.tree]
        new = np.where(t.placeable, np.where(t.stay_at.bound, len(t.group), 1 << 60), 0).clip(
            max=np.array(hosts, np.int64)[which.reshape(-1)]
        )
        every: Ints = new * variants + (t.stay >= 0)
        return every

    def price_tables(self, prices: Ints | None = None, scale: int = 1) -> PriceTables:
        """Prices made ready for the compiled loops.

        Parameters
        ----------
        prices : int64 array of shape (row_count,), or None for zeros
            Price of a unit of load on each row, in 1/`scale` of a unit.
        scale : int
            Parts of a unit of money; option costs are multiplied by it.
        """
        return price_tables_of(self.tables, prices, scale)

    def scan(
        self, price_tables: PriceTables, limit: Ints, residual: Ints | None = None, executor: Executor | None = None
    ) -> Scan:
        """Price every legal option and keep the cheapest ``limit[k]`` of each item k.

        With `residual`, the capacity left on every row, hosts without enough of it are passed over.
        """
        return pricing.scan(self.tables, price_tables, np.minimum(limit, self.at_most), residual, executor)

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
        cuts = np.unique(options.ptr[np.linspace(0, len(options.ptr) - 1, PARTS + 1).astype(np.int64)]).tolist()
        columns = options.item, options.host, options.servers
        peaks = partial(loading.peaks, self.tables, *columns, self.items.count, self.capacity, alone)
        peak = np.zeros(self.row_count, np.int64)
        for part in over_cuts(executor, cuts, peaks):
            peak += part
        return options if alone.all() else options.only(alone), peak

    def _loads(self, options: Options, rows: Ints, executor: Executor | None) -> Loads:
        """What the options load of the given rows, as pointer, position among these rows, and amount."""
        number = np.full(self.row_count, -1, np.int64)
        number[rows] = np.arange(len(rows))
        arcs = len(self.tables.arc_reverse)
        routes = any((number[first : first + arcs] >= 0).any() for first in self.tables.route_rows.first.tolist())
        columns = options.item, options.host, options.servers
        ptr = np.zeros(len(options) + 1, np.int64)
        cuts = np.linspace(0, len(options), PARTS + 1).astype(np.int64).tolist()
        over_cuts(executor, cuts, partial(loading.counts, self.tables, *columns, number, routes, ptr[1:]))
        np.cumsum(ptr, out=ptr)
        row, amount = np.empty(int(ptr[-1]), np.int64), np.empty(int(ptr[-1]), np.int64)
        over_cuts(executor, cuts, partial(loading.write, self.tables, *columns, number, routes, ptr, row, amount))
        return ptr, row, amount

    def _costs(self, options: Options, executor: Executor | None) -> Ints:
        """What each option costs."""
        cost = np.empty(len(options), np.int64)
        cuts = np.linspace(0, len(options), PARTS + 1).astype(np.int64).tolist()
        over_cuts(executor, cuts, partial(loading.costs, self.tables, options.item, options.host, options.servers, cost))
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


def _merged(packing: Packing, rows: int, also: Loads, new: Loads, order: Ints) -> Loads:
    """The loads of a packing's options, with those on further rows after its `rows`, and of new options, in a new order."""
    entries = len(packing.load_row) + len(also[1]) + len(new[1])
    ptr, row, amount = np.zeros(len(order) + 1, np.int64), np.empty(entries, np.int64), np.empty(entries, np.int64)
    loading.merge(
        order < len(packing.option_cost), packing.load_ptr, packing.load_row, packing.load_amount,
        also[0], also[1] + rows, also[2], *new, ptr, row, amount,
    )  # fmt: skip
    return ptr, row, amount
