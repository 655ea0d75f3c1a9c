"""What one solve leaves to the next: its plan, its prices and its columns, carried over to a changed problem by ids.

Nothing of it is believed. Placements that are no longer legal, or no longer fit, are left behind; sizes are worked out anew;
prices only steer, and bound whatever they bound in the new problem.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.facts.plan import Plan
from solver.rules.account import Account, Subject, subject_of, text_of
from solver.rules.former import account_of
from solver.space.construct import PlacedCopies
from solver.space.options import Listed, Space
from solver.space.tables import servers_needed

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WarmStart:
    """A finished solve, by the ids of its problem.

    Attributes
    ----------
    workloads, nodes, profiles : tuple of str
        The ids that the numbers below stand for.
    placed : int64[4, P]
        The plan: workload, shard, node and profile of each placement.
    columns : int64[3, C]
        Options that the engines looked at: a workload that may take it, node and profile.
    accounts : tuple of Account
        Rows with a price, and
    price : float64[accounts]
        what a unit of each is worth, in money a month.
    """

    workloads: tuple[str, ...]
    nodes: tuple[str, ...]
    profiles: tuple[str, ...]
    placed: Ints
    columns: Ints
    accounts: tuple[Account, ...]
    price: npt.NDArray[np.float64]

    def to_bytes(self) -> bytes:
        """The warm start as the bytes of a compressed `.npz` archive, for :meth:`from_bytes`."""
        out = io.BytesIO()
        arrays: dict[str, npt.NDArray[Any]] = {name: np.array(getattr(self, name), np.str_) for name in _WORDS}
        told = [(account.rule, account.resource, account.unit, text_of(account.subject)) for account in self.accounts]
        arrays["accounts"] = np.array(told, np.str_).reshape(len(told), 4)
        arrays["placed"], arrays["columns"] = self.placed.astype(np.int32), self.columns.astype(np.int32)
        np.savez_compressed(out, allow_pickle=False, price=self.price, **arrays)
        return out.getvalue()

    @staticmethod
    def from_bytes(raw: bytes) -> WarmStart:
        """Read what :meth:`to_bytes` wrote, here or before accounts were structured.

        Raises
        ------
        ValueError
            If these are other bytes.
        """
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
                words = {name: tuple(archive[name].tolist()) for name in _WORDS}
                accounts = _accounts(archive)
                placed, columns = archive["placed"].astype(np.int64), archive["columns"].astype(np.int64)
                return WarmStart(**words, placed=placed, columns=columns, accounts=accounts, price=archive["price"])
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError(f"not what a solve remembers: {error}") from error


_WORDS = ("workloads", "nodes", "profiles")


def _accounts(archive: Mapping[str, npt.NDArray[Any]]) -> tuple[Account, ...]:
    """The accounts of an archive; before they were structured it had (rule, key, resource) of each."""
    if "accounts" not in archive:
        return tuple(account_of(rule, key, resource) for rule, key, resource in archive["rows"].tolist())
    return tuple(
        Account(rule, resource, unit, subject_of(json.loads(text)))
        for rule, resource, unit, text in archive["accounts"].tolist()
    )


@dataclass(frozen=True)
class Carried:
    """A warm start in the numbers of a new space.

    `plan` holds the copies whose old place is still legal by itself; together they may overfill rows. `item`, `host` and
    `servers` are the columns. `price` is a unit's worth on every row of the space, in 1/`scale` of a unit.
    """

    plan: PlacedCopies
    item: Ints
    host: Ints
    servers: Ints
    price: Ints
    scale: int


#: Parts of a unit of money in which prices are carried over.
_SCALE = 1024


def warm_start_of(space: Space, listed: Listed, plan: Plan, row_price: Ints, scale: int) -> WarmStart:
    """What a solve leaves behind: its plan, the listed options and the prices of the listed rows."""
    items, hosts = space.items, space.hosts
    priced = np.flatnonzero(row_price)
    labels = [space.row_label(row) for row in listed.row[priced].tolist()]
    problem, position = items.problem, space.host_at(listed.host)
    return WarmStart(
        tuple(w.id for w in problem.workloads), tuple(n.id for n in problem.nodes), tuple(p.id for p in problem.profiles),
        np.stack((plan.workload, plan.shard, plan.node, plan.profile)),
        np.stack((items.workload[listed.item], hosts.node[position], hosts.profile[position])),
        tuple(rows.named(r) for rows, r in labels), row_price[priced] / scale,
    )  # fmt: skip


def carry_over(space: Space, before: WarmStart) -> Carried:
    """Bring a warm start into the numbers of a space; what has no counterpart there is dropped."""
    new, items = space.items.problem, space.items
    workload = _renumber(before.workloads, {w.id: n for n, w in enumerate(new.workloads)})
    node = _renumber(before.nodes, new.node_index)
    profile = _renumber(before.profiles, {p.id: n for n, p in enumerate(new.profiles)})
    shards = np.array([w.shards for w in new.workloads], np.int64)
    first = np.concatenate(([0], np.cumsum(shards)))
    item_of = np.full(int(first[-1]), -1, np.int64)
    item_of[first[items.member_workload] + items.member_shard] = np.repeat(np.arange(len(items)), items.count)

    def found(w: Ints, shard: Ints, n: Ints, f: Ints) -> tuple[Ints, Ints, Ints]:
        """The legal ones among (workload, shard, node, profile), as item, host and servers."""
        known = (w >= 0) & (n >= 0) & (f >= 0)
        known[known] = shard[known] < shards[w[known]]
        item = item_of[first[w[known]] + shard[known]]
        known[known] = item >= 0
        item = item[item >= 0]
        host = _hosts(space, item, n[known], f[known])
        item, host = item[host >= 0], host[host >= 0]
        servers = servers_needed(space.tables, item, host)
        return item[servers > 0], host[servers > 0], servers[servers > 0]

    w, shard, n, f = before.placed
    kept = PlacedCopies(*found(workload[w], shard, node[n], profile[f]))
    w, n, f = before.columns
    columns = found(workload[w], np.zeros_like(w), node[n], profile[f])
    return Carried(kept, *columns, _prices(space, before), _SCALE)


def _renumber(old: Sequence[str], new: dict[str, int]) -> Ints:
    return np.array([new.get(name, -1) for name in old], np.int64)


def _hosts(space: Space, item: Ints, node: Ints, profile: Ints) -> Ints:
    """The host of each (node, profile) that runs the item's model, or -1."""
    hosts, nodes, regular = space.hosts, len(space.items.problem.nodes), space.tables.regular
    if not regular or not len(item):
        return np.full(len(item), -1, np.int64)
    key = hosts.profile[:regular] * nodes + hosts.node[:regular]
    order = np.argsort(key, kind="stable")
    asked = profile * nodes + node
    at = np.minimum(np.searchsorted(key[order], asked), len(order) - 1)
    host = order[at]
    model = np.searchsorted(hosts.model_ptr, host, side="right") - 1
    return np.where((key[host] == asked) & (model == space.tables.model[item]), host, -1)


def _prices(space: Space, before: WarmStart) -> Ints:
    price = np.zeros(space.row_count, np.int64)
    known: dict[tuple[str, str], dict[Subject, float]] = defaultdict(dict)
    for account, worth in zip(before.accounts, before.price.tolist(), strict=True):
        known[account.rule, account.resource][account.subject] = worth
    for offset, rows in zip(space.row_offset.tolist(), space.rows, strict=False):
        priced = known.get((rows.rule, rows.resource))
        if priced is None:
            continue
        for position, subject in enumerate(rows.subjects):
            worth = priced.get(subject)
            if worth is not None:
                price[offset + position] = int(min(worth * _SCALE, 2.0**50))
    return price
