"""What each kind of factor means, once more in plain Python and option by option; and random factors of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.rules import factors as of
from solver.rules.account import Subjects
from solver.rules.factors import Factor, Rows

Ints = npt.NDArray[np.int64]
Drawn = tuple[Factor, ...]


@dataclass(frozen=True)
class Option:
    """Item `k` as so many servers on host `h` at node `n`, over `arcs`; `stays` where it stays as it is there."""

    k: int
    h: int
    n: int
    servers: int
    arcs: tuple[int, ...]
    stays: bool
    current: int
    has_stay: bool


@dataclass(frozen=True)
class Size:
    """How many items, hosts, nodes and links there are."""

    items: int
    hosts: int
    nodes: int
    links: int


def allowed(factor: Factor, o: Option) -> bool:
    """Whether a factor leaves an option that does not stay."""
    match factor:
        case of.OpenItems():
            return bool(factor.open[o.k])
        case of.OpenHosts():
            return bool(factor.open[o.h])
        case of.OpenNodes():
            return bool(factor.open[factor.key[o.k], o.n])
        case of.StayAt():
            return bool(not factor.bound[o.k] or factor.node[o.k] == o.n)
        case of.HostRows() | of.ItemRows():
            return all(amount <= factor.rows.capacity[row] for row, amount in loads(factor, o, 0))
    return True


def cost(several: Sequence[Factor], factor: Factor, o: Option, links: int) -> int:
    """What a factor makes an option cost, beside all `several`."""
    match factor:
        case of.HostCost():
            return int(factor.per_server[o.h]) * o.servers
        case of.RouteCost():
            sums = [sum(int(price[arc]) for arc in o.arcs) for price in factor.per_gbps]
            carried = -(-sum(int(kbps[o.k]) * one for kbps, one in zip(factor.kbps, sums, strict=True)) // 10**6)
            return -(-carried * factor.weight // 1000)
        case of.AwayCost():
            moves = o.current >= 0 and not o.stays and (o.has_stay or o.current != o.n)
            return int(factor.cost[o.k]) if moves else 0
        case of.StayCost():
            return int(factor.cost[o.k]) if o.stays else 0
        case of.CrowdCost():
            named = [
                one.rows.named(row) in factor.accounts
                for one in several
                if isinstance(one, of.LoadFactor)
                for row, amount in loads(one, o, links)
                if amount
            ]
            return int(factor.cost[o.k]) if any(named) and not o.stays else 0
    return 0


def loads(factor: Factor, o: Option, links: int) -> Iterator[tuple[int, int]]:
    """The rows of a factor that an option loads, and by how much."""
    match factor:
        case of.HostRows() if factor.row[o.h] >= 0:
            yield int(factor.row[o.h]), int(factor.per_server[o.h]) * o.servers
        case of.ItemRows() if factor.row[o.k] >= 0:
            yield int(factor.row[o.k]), int(factor.amount[o.k])
        case of.RouteRows():
            for arc in o.arcs:
                yield arc, int(factor.up[o.k])
                yield (arc + links) % (2 * links), int(factor.down[o.k])
        case of.PairRows() if factor.base[o.k] >= 0 and factor.slot[o.h] >= 0:
            yield int(factor.base[o.k] + factor.slot[o.h]), int(factor.amount[o.k])


def _rows(rng: np.random.Generator, count: int) -> Rows:
    name = f"r{rng.integers(10**9)}"
    return Rows(
        name, "room", "units", Subjects({"name": [str(r) for r in range(count)]}), rng.integers(0, 60, count), net=True
    )


def _keys(rng: np.random.Generator, items: int, width: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    return rng.integers(0, 2, items), rng.random((2, width)) < 0.7


def _host_rows(rng: np.random.Generator, s: Size) -> Drawn:
    return (of.HostRows(_rows(rng, 3), rng.integers(-1, 3, s.hosts), rng.integers(0, 9, s.hosts)),)


def _item_rows(rng: np.random.Generator, s: Size) -> Drawn:
    return (of.ItemRows(_rows(rng, 3), rng.integers(-1, 3, s.items), rng.integers(0, 40, s.items)),)


def _route_rows(rng: np.random.Generator, s: Size) -> Drawn:
    return (of.RouteRows(_rows(rng, 2 * s.links), rng.integers(0, 9, s.items), rng.integers(0, 9, s.items)),)


def _pair_rows(rng: np.random.Generator, s: Size) -> Drawn:
    base, slot = np.where(rng.random(s.items) < 0.3, -1, 2), rng.integers(-1, 2, s.hosts)
    return (of.PairRows(_rows(rng, 4), base, slot, rng.integers(0, 5, s.items)),)


def _crowd_cost(rng: np.random.Generator, s: Size) -> Drawn:
    """Charges for some rows of each kind, with these rows."""
    full = [one for drawn in (_host_rows, _item_rows, _route_rows, _pair_rows) for one in drawn(rng, s)]
    named = [
        one.rows.named(row)
        for one in full
        if isinstance(one, of.LoadFactor)
        for row in range(len(one.rows.subjects))
        if rng.random() < 0.15
    ]
    first, second = rng.integers(0, 99, (2, s.items))
    return (*full, of.CrowdCost(frozenset(named), first), of.CrowdCost(frozenset(named), second))


def _route_cost(rng: np.random.Generator, s: Size) -> Drawn:
    kbps, per_gbps = rng.integers(0, 90_000, (2, s.items)), rng.integers(0, 9_999, (2, 2 * s.links))
    return (of.RouteCost(kbps, per_gbps, int(rng.integers(1, 2_000))),)


#: A random factor of each class, with what it takes to say something.
DRAWN: dict[Any, Callable[[np.random.Generator, Size], Drawn]] = {
    of.OpenItems: lambda rng, s: (of.OpenItems(rng.random(s.items) < 0.7),),
    of.OpenHosts: lambda rng, s: (of.OpenHosts(rng.random(s.hosts) < 0.7),),
    of.OpenNodes: lambda rng, s: (of.OpenNodes(*_keys(rng, s.items, s.nodes)),),
    of.StayAt: lambda rng, s: (of.StayAt(rng.random(s.items) < 0.7, rng.integers(0, 2, s.items)),),
    of.MustPlace: lambda rng, s: (of.MustPlace(np.zeros(s.items, bool)),),
    of.OpenLinks: lambda rng, s: (of.OpenLinks(*_keys(rng, s.items, s.links)),),
    of.Fills: lambda rng, s: (of.Fills(rng.random(s.links) < 0.5),),
    of.TimeLeft: lambda rng, s: (of.TimeLeft(rng.integers(1_000, 300_000, s.items)),),
    of.HostRows: _host_rows,
    of.ItemRows: _item_rows,
    of.RouteRows: _route_rows,
    of.PairRows: _pair_rows,
    of.HostCost: lambda rng, s: (of.HostCost(rng.integers(0, 999, s.hosts)),),
    of.RouteCost: _route_cost,
    of.AwayCost: lambda rng, s: (of.AwayCost(rng.integers(0, 999, s.items)),),
    of.StayCost: lambda rng, s: (of.StayCost(rng.integers(0, 999, s.items)),),
    of.CrowdCost: _crowd_cost,
    of.UnplacedCost: lambda rng, s: (of.UnplacedCost(rng.integers(0, 10**6, s.items)),),
}
