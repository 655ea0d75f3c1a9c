"""How placement is done without an optimiser: simple ways, each shard in the order of the request.

All choose among the options of one :class:`tests.bench.offer.Offer` and take an option only while every row still has
room for it, so what they make is legal. What finds no room stays unplaced.
"""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt

from solver.facts.network import Commitment, NodeState, Tier
from solver.facts.problem import Problem
from solver.packing import Packing, Placement
from tests.bench.offer import Offer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Tiers that count as a data centre.
DATA_CENTRES = (Tier.REGIONAL, Tier.CORE)


def nearest_data_centre(problem: Problem, offer: Offer) -> Placement:
    """Each shard to the nearest operational data centre (regional or core) that policy allows and that has room.

    Near is by one-way latency of the route; in a data centre the cheapest option with room is taken.
    """
    return _preferring(offer, offer.route_us, _operating(problem, DATA_CENTRES)[offer.node])


def nearest_node(problem: Problem, offer: Offer) -> Placement:
    """As :func:`nearest_data_centre`, at operational nodes of every tier: on site and at the edge too."""
    return _preferring(offer, offer.route_us, _operating(problem, tuple(Tier))[offer.node])


def first_fit(problem: Problem, offer: Offer) -> Placement:
    """Each shard to the first node, in the order of the network, that has room; there its cheapest option with room."""
    return _preferring(offer, offer.node, np.ones(offer.packing.options, np.bool_))


def cheapest(problem: Problem, offer: Offer) -> Placement:
    """Each shard to its cheapest option that still has room, wherever that is."""
    return _preferring(offer, offer.packing.option_cost, np.ones(offer.packing.options, np.bool_))


def filter_and_score(problem: Problem, offer: Offer) -> Placement:
    """Each shard as a cluster scheduler would place a pod: drop what is not allowed or has no room, take the best score.

    The score is that of the Kubernetes scheduler's default resource plugins with equal weights, over the accelerators
    asked for, vCPUs, memory and power of the node as it would be with the shard on it: LeastAllocated (mean free share)
    plus BalancedAllocation (1 less the standard deviation of the used shares). Prices play no part; of equal scores the
    first in the order of the network wins.
    """
    resource, need, capacity = _node_resources(problem, offer)
    option = np.lexsort((offer.packing.option_cost, offer.node, offer.packing.option_item)).astype(np.int64)
    used = np.zeros(len(capacity), np.float64)
    return _placement(offer.packing, _score(offer.queue, option, *_arrays(offer.packing), resource, need, capacity, used))


BASELINES: dict[str, Callable[[Problem, Offer], Placement]] = {
    "nearest": nearest_data_centre,
    "nearest+edge": nearest_node,
    "first-fit": first_fit,
    "cheapest": cheapest,
    "filter-and-score": filter_and_score,
}

#: Baselines that may use any node, hence also options that a partial list does not hold.
GO_ANYWHERE = frozenset(BASELINES) - {"nearest"}


def _operating(problem: Problem, tiers: tuple[Tier, ...]) -> npt.NDArray[np.bool_]:
    return np.array(
        [n.tier in tiers and n.commitment is Commitment.OPERATIONAL and n.state is NodeState.ACTIVE for n in problem.nodes]
    )


def _preferring(offer: Offer, rank: Ints, allowed: npt.NDArray[np.bool_]) -> Placement:
    """Each shard to the allowed option with room that ranks first, then costs least."""
    packing = offer.packing
    option = np.lexsort((packing.option_cost, offer.node, rank, packing.option_item)).astype(np.int64)
    return _placement(packing, _in_order(offer.queue, option, allowed, *_arrays(packing)))


def _arrays(packing: Packing) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    if packing.activations:
        raise ValueError("the baselines place one shard at a time and know no cost that shards share")
    residual = packing.row_capacity.copy()
    return packing.item_ptr, packing.load_ptr, packing.load_row, packing.load_amount, residual


def _placement(packing: Packing, taken: Ints) -> Placement:
    """Count how often each option was taken; -1 stands for a shard without a place."""
    option, count = np.unique(taken[taken >= 0], return_counts=True)
    return Placement(packing.option_item[option], option.astype(np.int64), count.astype(np.int64))


def _node_resources(problem: Problem, offer: Offer) -> tuple[Ints, Floats, Floats]:
    """Accelerators, vCPU, memory and power of each option's node: number of the account (-1: none), need, and the
    capacity of every account, in thousandths of a card or vCPU, MiB and W.
    """
    nodes, profiles = problem.nodes, problem.profiles
    pools = np.concatenate(([0], np.cumsum([len(node.pools) for node in nodes]))).astype(np.int64)
    capacity = [1000 * pool.count for node in nodes for pool in node.pools]
    for per_node in ([1000 * n.vcpu for n in nodes], [n.memory_mib for n in nodes], [n.power_w for n in nodes]):
        capacity.extend(per_node)
    account = np.stack(
        [np.where(offer.pool < 0, -1, pools[offer.node] + offer.pool)]
        + [int(pools[-1]) + kind * len(nodes) + offer.node for kind in range(3)]
    )
    server = np.array([(p.slice_permille, p.vcpu_milli, p.host_memory_mib, p.power_w) for p in profiles], np.float64)
    need = np.ascontiguousarray(server[offer.profile].T * offer.servers)
    return account.astype(np.int64), need, np.array(capacity, np.float64)


@numba.njit(cache=True)
def _fits(o: int, load_ptr: Ints, load_row: Ints, load_amount: Ints, residual: Ints) -> bool:
    """Whether every row has room for option o; a row that it names twice must have room for the sum."""
    room = True
    for entry in range(load_ptr[o], load_ptr[o + 1]):
        residual[load_row[entry]] -= load_amount[entry]
        room &= residual[load_row[entry]] >= 0
    for entry in range(load_ptr[o], load_ptr[o + 1]):
        residual[load_row[entry]] += load_amount[entry]
    return room


@numba.njit(cache=True)
def _in_order(
    queue: Ints, option: Ints, allowed: npt.NDArray[np.bool_], item_ptr: Ints, load_ptr: Ints, load_row: Ints,
    load_amount: Ints, residual: Ints,
) -> Ints:  # fmt: skip
    """Options taken, shard by shard. Room only shrinks, so an option that once had none is not looked at again."""
    taken = np.full(len(queue), -1, np.int64)
    cursor = item_ptr[:-1].copy()
    for position in range(len(queue)):
        k = queue[position]
        while cursor[k] < item_ptr[k + 1]:
            o = option[cursor[k]]
            if allowed[o] and _fits(o, load_ptr, load_row, load_amount, residual):
                for entry in range(load_ptr[o], load_ptr[o + 1]):
                    residual[load_row[entry]] -= load_amount[entry]
                taken[position] = o
                break
            cursor[k] += 1
    return taken


@numba.njit(cache=True)
def _score(
    queue: Ints, option: Ints, item_ptr: Ints, load_ptr: Ints, load_row: Ints, load_amount: Ints, residual: Ints,
    account: Ints, need: Floats, capacity: Floats, used: Floats,
) -> Ints:  # fmt: skip
    taken = np.full(len(queue), -1, np.int64)
    kinds = len(account)
    for position in range(len(queue)):
        k = queue[position]
        best, winner = -1.0, -1
        for place in range(item_ptr[k], item_ptr[k + 1]):
            o = option[place]
            if not _fits(o, load_ptr, load_row, load_amount, residual):
                continue
            asked, total, squares = 0, 0.0, 0.0
            for kind in range(kinds):
                a = account[kind, o]
                if a >= 0 and need[kind, o] > 0:
                    share = min(1.0, (used[a] + need[kind, o]) / max(1.0, capacity[a]))
                    asked += 1
                    total += share
                    squares += share * share
            mean = total / max(1, asked)
            spread = np.sqrt(max(0.0, squares / max(1, asked) - mean * mean))
            score = (1.0 - mean) + (1.0 - spread)
            if score > best:
                best, winner = score, o
        if winner >= 0:
            taken[position] = winner
            for entry in range(load_ptr[winner], load_ptr[winner + 1]):
                residual[load_row[entry]] -= load_amount[entry]
            for kind in range(kinds):
                if account[kind, winner] >= 0:
                    used[account[kind, winner]] += need[kind, winner]
    return taken
