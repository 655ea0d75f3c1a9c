"""Local search by annealed ejection chains.

A proposal offers a copy, unplaced or not, another option. If there is room, that is a *shift*. If not, copies in the way
are ejected until there is, and each looks for a new place: a *swap* when it takes the place just left, an
*ejection chain* (Glover 1996) when it must eject others in turn. The whole chain is accepted by the Metropolis rule
(Kirkpatrick et al. 1983), drawn before the chain is built so that hopeless chains stop early. Plans stay legal throughout.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.compiled import inner, kernel
from solver.engines.state import (
    COST,
    USED,
    WAITING,
    State,
    entry_cost,
    fitting,
    lift,
    note_given,
    note_taken,
    note_waiting,
    put,
)
from solver.packing import IntArray
from solver.params import ChainParams

Reals = NDArray[np.float64]


def random_source(seed: int) -> NDArray[np.uint64]:
    """State of the kernels' random generator (xorshift64*, Vigna 2016), uint64[1]."""
    return np.array([np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] | np.uint64(1)])


@inner
def uniform(source: NDArray[np.uint64]) -> float:
    """Next number in [0, 1)."""
    bits = source[0]
    bits ^= bits >> np.uint64(12)
    bits ^= bits << np.uint64(25)
    bits ^= bits >> np.uint64(27)
    source[0] = bits
    return float((bits * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@inner
def _near_the_top(view: CompiledPacking, guide: ReducedCosts, source: NDArray[np.uint64], item: int) -> int:
    """A random option of the item, better-ranked ones more often; -1 if it has none."""
    first = view.item_ptr[item]
    length = view.item_ptr[item + 1] - first
    if length == 0:
        return -1
    draw = uniform(source)
    return int(guide.rank[first + int((length + 1.0) ** draw) - 1])


@inner
def _in_the_way(
    view: CompiledPacking,
    state: State,
    guide: ReducedCosts,
    source: NDArray[np.uint64],
    option: int,
    left: IntArray,
    links: int,
    looks: int,
) -> int:
    """A used option, of another item, on the row that most lacks room for one copy on `option`.

    Of a few drawn at random the one with the largest excess of those that free enough, else the heaviest; -1 if none will
    do. Those in `left[:links]` have given their copy already.
    """
    tightest, worst, lacking = -1, 0.0, 0
    for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
        row = view.load_row[at]
        missing = view.load_amount[at] - state.free[row]
        if missing > 0:
            share = missing / view.row_capacity[row]
            if share > worst:
                worst, tightest, lacking = share, row, missing
    if tightest < 0 or state.members[tightest] == 0:
        return -1
    chosen, chosen_amount = -1, 0
    for _ in range(looks):
        draw = int(uniform(source) * state.members[tightest])
        at = state.member[view.row_ptr[tightest] + draw]
        other = view.load_option[at]
        amount = view.load_amount[at]
        if view.option_item[other] == view.option_item[option]:
            continue
        if chosen >= 0:
            if chosen_amount < lacking:
                better = amount > chosen_amount
            else:
                better = amount >= lacking and guide.excess[other] > guide.excess[chosen]
            if not better:
                continue
        known = False
        for link in range(links):
            known = known or left[link] == other
        if not known:
            chosen, chosen_amount = other, amount
    return chosen


@inner
def _best_place(view: CompiledPacking, state: State, item: int, avoid: int, most: int) -> int:
    """Cheapest option with room for one copy, other than `avoid`, that costs at most `most`; -1 if there is none."""
    best = -1
    for option in range(view.item_ptr[item], view.item_ptr[item + 1]):
        if view.option_cost[option] > most or option == avoid:
            continue
        cost = entry_cost(view, state, option)
        if cost <= most and fitting(view, state, option, 1) > 0:
            best, most = option, cost - 1
    return best


@inner
def _chain(
    view: CompiledPacking,
    state: State,
    guide: ReducedCosts,
    source: NDArray[np.uint64],
    tolerance: float,
    left: IntArray,
    taken: IntArray,
    sums: IntArray,
    chains: ChainParams,
) -> int:
    """Move the copy that left `left[0]` (an item, coded -1 - item, if it was unplaced) to `taken[0]`, and all whom that
    drives out.

    Works on rows and activations only. `sums[0]` carries the change of cost so far. Returns the number of links if the
    chain closed within the tolerance, else minus the number of links to undo, of which `sums[1]` have arrived.
    """
    change, links, arrived = sums[0], 1, 0
    hope = 0
    while arrived < links:
        origin = left[arrived]
        item = -1 - origin if origin < 0 else view.option_item[origin]
        target = taken[0]
        if arrived > 0:
            hope -= guide.cheapest[item]
            most = int(min(tolerance - change - hope, float(guide.penalty[item] - 1)))
            target = _best_place(view, state, item, origin, most)
            if target < 0 and change + hope + guide.penalty[item] <= tolerance:
                taken[arrived] = -1
                change += guide.penalty[item]
                arrived += 1
                continue
            if target < 0:
                target = _near_the_top(view, guide, source, item)
            if target == origin or change + hope + view.option_cost[target] > tolerance:
                break
        while links < chains.longest and fitting(view, state, target, 1) == 0:
            other = _in_the_way(view, state, guide, source, target, left, links, chains.looks)
            if other < 0:
                break
            change -= lift(view, state, other, 1)
            left[links] = other
            links += 1
            hope += guide.cheapest[view.option_item[other]]
            if change + hope > tolerance:
                break
        if fitting(view, state, target, 1) == 0:
            break
        change += put(view, state, target, 1)
        taken[arrived] = target
        arrived += 1
        if change + hope > tolerance:
            break
    sums[0], sums[1] = change, arrived
    if arrived == links and change <= tolerance:
        return links
    return -links


@kernel
def anneal(
    view: CompiledPacking,
    state: State,
    guide: ReducedCosts,
    source: NDArray[np.uint64],
    proposals: int,
    hot: float,
    cold: float,
    chains: ChainParams,
) -> int:
    """Run `proposals` proposals while the temperature falls from `hot` to `cold` (in cost units, geometric).

    Longer than a screen: a kernel that is given these structures by value for each proposal takes several times as long.

    Parameters
    ----------
    view, state : CompiledPacking, State
        The packing and the placement, which is changed in place and stays legal.
    guide : ReducedCosts
        What the prices say. A first step whose excess rises by more than the tolerance is not even tried, but for a
        little that a chain may win back by filling idle room. Its `penalty` is what the search charges for an unplaced
        copy, at least the true one; `state.total` always counts the true one.
    source : uint64[1]
        From `random_source`.
    chains : ChainParams
        How chains are tuned.

    Returns
    -------
    int
        Number of accepted proposals.
    """
    left = np.empty(chains.longest, dtype=np.int64)
    taken = np.empty(chains.longest, dtype=np.int64)
    sums = np.zeros(2, dtype=np.int64)
    accepted = 0
    cooling = (cold / hot) ** (1.0 / max(1, proposals)) if hot > 0.0 else 1.0
    warmth = hot
    allowance = chains.idle * guide.spread
    for _ in range(proposals):
        warmth *= cooling
        used, waiting = state.total[USED], state.total[WAITING]
        draw = uniform(source)
        # Unplaced items come up as often as if they were a tenth of all, however few they are.
        if waiting > 0 and (draw < 0.1 or used == 0):
            item = state.queue[int(uniform(source) * waiting)]
            leaving = -1 - item
        elif used > 0:
            leaving = state.used[int(uniform(source) * used)]
            for _ in range(1, chains.losers):
                other = state.used[int(uniform(source) * used)]
                if guide.excess[other] > guide.excess[leaving]:
                    leaving = other
            item = view.option_item[leaving]
        else:
            continue
        target = _near_the_top(view, guide, source, item)
        if target == leaving or target < 0:
            continue
        tolerance = -warmth * np.log(1.0 - uniform(source))
        lost = guide.left_out[item] if leaving < 0 else guide.excess[leaving]
        if guide.excess[target] - lost > tolerance + allowance:
            continue
        copies = state.waiting[item] if leaving < 0 else state.taken[leaving]
        if copies > 1:
            copies = 1 if draw < 0.55 else 1 + int(uniform(source) * copies)
        change = -copies * guide.penalty[item] if leaving < 0 else -lift(view, state, leaving, copies)
        left[0], taken[0], sums[0] = leaving, target, change
        if copies > 1:
            if fitting(view, state, target, copies) == copies:
                sums[0] += put(view, state, target, copies)
                links = 1 if sums[0] <= tolerance else -1
                sums[1] = 1
            else:
                links, sums[1] = -1, 0
        else:
            links = _chain(view, state, guide, source, tolerance, left, taken, sums, chains)
        if links > 0:
            accepted += 1
            _commit(view, state, guide.penalty, left, taken, links, copies, sums[0])
        else:
            for link in range(sums[1]):
                if taken[link] >= 0:
                    lift(view, state, taken[link], copies if link == 0 else 1)
            for link in range(-links):
                if left[link] >= 0:
                    put(view, state, left[link], copies if link == 0 else 1)
    return accepted


@inner
def _commit(
    view: CompiledPacking,
    state: State,
    penalty: IntArray,
    left: IntArray,
    taken: IntArray,
    links: int,
    copies: int,
    change: int,
) -> None:
    """Enter an accepted chain into the lists, and its change, at true penalties, into the cost."""
    for link in range(links):
        count = copies if link == 0 else 1
        item = -1 - left[link] if left[link] < 0 else view.option_item[left[link]]
        surcharge = penalty[item] - view.item_penalty[item]
        if left[link] >= 0:
            note_given(view, state, left[link], count)
        else:
            note_waiting(state, item, -count)
            change += count * surcharge
        if taken[link] >= 0:
            note_taken(view, state, taken[link], count)
        else:
            note_waiting(state, item, count)
            change -= count * surcharge
    state.total[COST] += change
