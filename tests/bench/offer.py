"""What every contestant is given: the options that Edgeplan's engines see, with where each of them would run.

One listing is made for a problem, kept as a file, and read by every baseline, so that all choose from the same options.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from solver.columns import generate
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.packing import Packing, Placement
from solver.packing.solution import Limits
from solver.place import written_out
from solver.running.budget import Budget
from solver.space.compiling import space_of
from solver.space.construct import PlacedCopies, construct_in_turn
from solver.space.options import Listed, Space
from solver.space.pricing import Options

Ints = npt.NDArray[np.int64]

_OWN = ("host", "servers", "row", "peak", "node", "pool", "profile", "route_us", "queue", "complete")


@dataclass(frozen=True)
class Offer:
    """A packing whose option o is `servers[o]` servers of `profile[o]` on `node[o]`, `route_us[o]` from the item's entry.

    `pool[o]` is the position of the accelerator pool in the node (-1: vCPUs alone) and `host[o]` Edgeplan's number for
    (node, pool, profile). Row r of the packing is row `row[r]` of the whole space; `peak` is as in `Listed`. `queue` holds
    the item of every shard in the order of the request. `complete` says whether these are all legal options or only the
    most promising ones.
    """

    packing: Packing
    host: Ints
    servers: Ints
    row: Ints
    peak: Ints
    node: Ints
    pool: Ints
    profile: Ints
    route_us: Ints
    queue: Ints
    complete: Ints

    @property
    def listed(self) -> Listed:
        """The same options as Edgeplan writes them."""
        return Listed(self.packing, self.packing.option_item, self.host, self.servers, self.row, self.peak)

    def save(self, path: Path) -> None:
        """Write the offer as one `.npz`."""
        packing = {f"packing_{spec.name}": getattr(self.packing, spec.name) for spec in fields(Packing)}
        with open(path, "wb") as file:
            np.savez(file, **packing, **{name: getattr(self, name) for name in _OWN})


def load_offer(path: Path) -> Offer:
    """Read what :meth:`Offer.save` wrote."""
    with np.load(path) as archive:
        packing = Packing(**{spec.name: archive[f"packing_{spec.name}"] for spec in fields(Packing)})
        return Offer(packing, **{name: archive[name] for name in _OWN})


class _Silent:
    """Hears of plans and bounds, and tells nobody."""

    def plan(self, cost: int, unplaced: int, phase: str) -> None:
        """Do nothing."""

    def bound(self, bound: int, phase: str) -> None:
        """Do nothing."""


def offer_of(problem: Problem, workers: int, seconds: float) -> tuple[Space, Offer]:
    """List the options of a problem as :func:`solver.place.place` does, which ends a partial list so that it and a plan from
    it fit into `seconds`.
    """
    budget = Budget(Limits(seconds, workers))
    with ThreadPoolExecutor(workers) as executor:
        space = space_of(problem, executor)

        master = generate(space, workers, budget, _Silent(), executor=executor)
    listed, items, hosts = master.listed, space.items, space.hosts
    at = space.host_at(listed.host)
    node = hosts.node[at]
    item_of_member = np.repeat(np.arange(len(items), dtype=np.int64), items.count)
    return space, Offer(
        listed.packing, listed.host, listed.servers, listed.row, listed.peak,
        node, hosts.pool[at], hosts.profile[at],
        space.routes.route_us[space.tables.tree[listed.item], node].astype(np.int64),
        item_of_member[np.lexsort((items.member_shard, items.member_workload))],
        np.array([master.complete], np.int64),
    )  # fmt: skip


def second_chance(space: Space, offer: Offer, placement: Placement) -> tuple[Listed, Placement]:
    """Find room for what a baseline left out of a partial list: each such item, in the order of the request, at the
    cheapest of *all* legal hosts that still have room. Gives the options taken as a list, and the placement in it.
    """
    item, host, servers = placement.item, offer.host[placement.option], offer.servers[placement.option]
    residual = space.capacity - space.loads(item, host, servers, placement.count)
    missing = space.items.count.copy()
    np.subtract.at(missing, item, placement.count)
    waiting = np.flatnonzero(missing)
    filled = construct_in_turn(space, space.price_tables(), waiting, missing[waiting], residual)
    pair = np.concatenate((np.repeat(item * space.places + host, placement.count),
                           filled.item * space.places + filled.host))  # fmt: skip
    taken, first, count = np.unique(pair, return_index=True, return_counts=True)
    of = np.concatenate((np.repeat(servers, placement.count), filled.servers))[first]
    item = taken // space.places
    ptr = np.searchsorted(item, np.arange(len(space.items) + 1)).astype(np.int64)
    listed = space.expand(Options(ptr, taken % space.places, of))
    return listed, Placement(listed.item, np.arange(len(taken), dtype=np.int64), count.astype(np.int64))


def plan_for(space: Space, listed: Listed, placement: Placement) -> Plan:
    """A baseline's placement as a plan that the verifier can judge."""
    option = np.repeat(placement.option, placement.count)
    copies = PlacedCopies(np.repeat(placement.item, placement.count), listed.host[option], listed.servers[option])
    return written_out(space, copies)[0]


def accelerators_in_use(problem: Problem, offer: Offer, plan: Plan) -> float:
    """Share of the cards at nodes where at least one option runs that a plan takes, all kinds of card added up."""
    cards: int = sum(pool.count for n in np.unique(offer.node).tolist() for pool in problem.nodes[n].pools)
    permille = np.array([0 if p.accelerator is None else p.slice_permille for p in problem.profiles], np.int64)
    taken: int = int((permille[plan.profile] * plan.servers).sum())
    return taken / max(1, 1000 * cards)
