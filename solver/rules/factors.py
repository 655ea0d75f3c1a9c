"""What a rule says about options, without naming a single one of them.

An option pairs an item (a class of identical shards) with a host (a node, a pool and a profile), so the options form a
product, items x hosts. At national size that is a billion pairs, and no rule needs to look at each: every rule speaks
about items, about hosts, about the way between them, or about how an item's group meets a host's domain. Those few
shapes are the factors below. :mod:`solver.space.options` multiplies them out where an option is wanted, or prices the whole
product without doing so. Several rules may return factors of one kind; :mod:`solver.space.kinds` says what each kind means.

Shapes: K items, H hosts, N nodes, L links; link l is arc l from source to target and arc L + l back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.rules.account import Account, Subjects

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class OpenItems:
    """Items that may be placed at all: `open[K]`."""

    open: Bools


@dataclass(frozen=True)
class OpenHosts:
    """Hosts that may be used at all: `open[H]`."""

    open: Bools


@dataclass(frozen=True)
class OpenNodes:
    """Nodes open to each item: `open[key[k], n]`, with few distinct keys."""

    key: Ints
    open: Bools


@dataclass(frozen=True)
class StayAt:
    """Items with `bound[k]` may use node `node[k]` only (-1: none at all)."""

    bound: Bools
    node: Ints


@dataclass(frozen=True)
class MustPlace:
    """Items with `must[k]` run now and are placed in any case: there, if nowhere else."""

    must: Bools


@dataclass(frozen=True)
class OpenLinks:
    """Links that each item's traffic may take: `open[key[k], l]`, with few distinct keys."""

    key: Ints
    open: Bools


@dataclass(frozen=True)
class Fills:
    """Links that demand can fill, `fills[L]`: traffic may take those beside them, between the same two nodes, instead."""

    fills: Bools


@dataclass(frozen=True)
class TimeLeft:
    """Time that remains for transport, service and waiting: `us[K]`, negative when none does."""

    us: Ints


@dataclass(frozen=True)
class Rows:
    """Capacities, one row for each account: `subjects[r]` has `capacity[r]` of `resource` in `unit`.

    Rows depend on the problem alone, so items and hosts of any choosing load the same ones. Where they are `net`, the
    capacity is what is left beside everything that stays as it is; where not, that is still to be taken off.
    """

    rule: str
    resource: str
    unit: str
    subjects: Subjects
    capacity: Ints
    net: bool = False

    def named(self, row: int) -> Account:
        """The account of a row."""
        return Account(self.rule, self.resource, self.unit, self.subjects[row])


@dataclass(frozen=True)
class HostRows:
    """Each server on host h loads row `row[h]` (-1: none) by `per_server[h]`."""

    rows: Rows
    row: Ints
    per_server: Ints


@dataclass(frozen=True)
class ItemRows:
    """Each placed copy of item k loads row `row[k]` (-1: none) by `amount[k]`, wherever it is placed."""

    rows: Rows
    row: Ints
    amount: Ints


@dataclass(frozen=True)
class RouteRows:
    """Each placed copy loads the 2L arcs of its route: by `up[K]` along it, by `down[K]` against it."""

    rows: Rows
    up: Ints
    down: Ints


@dataclass(frozen=True)
class PairRows:
    """Each copy of item k on host h loads row `base[k] + slot[h]` (none where either is -1) by `amount[k]`."""

    rows: Rows
    base: Ints
    slot: Ints
    amount: Ints


@dataclass(frozen=True)
class HostCost:
    """Each server on host h costs `per_server[h]`."""

    per_server: Ints


@dataclass(frozen=True)
class RouteCost:
    """What a copy of item k pays for its route: ``ceil(ceil(sum over c of kbps[c, k] * p[c] / 10**6) * weight / 1000)``.

    p[c] is the sum of ``per_gbps[c, a]`` over the arcs a of the route.
    """

    kbps: Ints
    per_gbps: Ints
    weight: int


@dataclass(frozen=True)
class AwayCost:
    """A copy of item k that runs now costs `cost[k]` wherever it does not stay as it is.

    Where only its node is known, that is on every other node.
    """

    cost: Ints


@dataclass(frozen=True)
class StayCost:
    """A copy of item k that stays as it is costs `cost[k]` for doing so."""

    cost: Ints


@dataclass(frozen=True)
class CrowdCost:
    """A copy of item k that does not stay costs `cost[k]` where it loads a row of one of `accounts`."""

    accounts: frozenset[Account]
    cost: Ints


@dataclass(frozen=True)
class UnplacedCost:
    """Leaving one copy of item k out costs `cost[k]`."""

    cost: Ints


#: Factors that load rows.
LoadFactor = HostRows | ItemRows | RouteRows | PairRows

Factor = (
    OpenItems | OpenHosts | OpenNodes | StayAt | MustPlace | OpenLinks | Fills | TimeLeft | LoadFactor
    | HostCost | RouteCost | AwayCost | StayCost | CrowdCost | UnplacedCost
)  # fmt: skip
