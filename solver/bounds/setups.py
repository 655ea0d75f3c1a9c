"""The best pattern of a block some of whose candidates need setups: which setups to open, and what to pack then.

An open setup is paid for and takes its own load off the rows; without it its candidates are out (a knapsack with setups).
At dual values of the rows every setup has a *reduced profit*: what its candidates earn beyond the dual value of what they
load, less its own cost and load. The value of the capacity, the candidates without a setup, and the reduced profits of the
open setups sum up to at least the profit of any pattern with these setups (Lagrangian relaxation of the rows). So sets of
setups are tried in the order of that bound, each packed by `knapsack`, until the next one promises no more than the best
pattern found.

As there, all that the answer rests on is int64; floating point chooses the dual values only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.knapsack import best_pattern, fitting
from solver.compiled import kernel, number
from solver.packing import IntArray

Flags = NDArray[np.bool_]
Reals = NDArray[np.float64]

#: How a setup is forced, if it is.
FREE, CLOSED, OPEN = -1, 0, 1
#: The profit where the setups forced OPEN do not fit: less than that of any pattern.
NOTHING = -(2**61)
#: More than any set of setups can lose.
_NEVER_LOST = 2**62
#: The value of all capacity at most, such that sums have bits to spare.
_DEAREST = 2.0**59


class Offer(NamedTuple):
    """What a block can be packed with: K candidates for D rows, in G groups, some of them behind H setups.

    Attributes
    ----------
    profit, load, most, group, group_most, capacity
        As of `best_pattern`.
    setup : int64[K]
        The setup that a candidate needs, or -1.
    setup_cost, setup_load : int64[H], int64[H, D]
        What an open setup costs and loads.
    """

    profit: IntArray
    load: IntArray
    most: IntArray
    group: IntArray
    group_most: IntArray
    capacity: IntArray
    setup: IntArray
    setup_cost: IntArray
    setup_load: IntArray


@kernel
def best_pattern_with_setups(
    offer: Offer,
    forced: NDArray[np.int8],
    price: Reals,
    rounds: int,
    limit: int,
    most_tried: int,
    pattern: IntArray,
    opened: Flags,
) -> tuple[int, int, int]:
    """Maximise ``profit @ pattern - setup_cost @ opened`` over the patterns that fit beside the setups they need.

    Longer than a screen: by its parameters and what it returns. The choice of setups to try is `_changes`.

    Parameters
    ----------
    offer : Offer
        What there is to pack.
    forced : int8[H]
        FREE, CLOSED or OPEN; what is OPEN is paid for whether it is used or not.
    price : float64[D]
        Dual value of a unit of each row, positive; improved in place.
    rounds, limit : int
        As of `best_pattern`, for each set of setups.
    most_tried : int
        Setups that are tried against the sign of their reduced profits, at most: those closest to zero.
    pattern, opened : int64[K], bool[H]
        On entry the answer of an earlier call with the same loads (zeros will do), on return the best found.

    Returns
    -------
    value, bound, nodes : int
        Profit of `pattern`, an upper bound on the profit of any, and nodes visited; twice `NOTHING` where what is forced
        OPEN does not fit.
    """
    if offer.setup_cost.size == 0:
        return best_pattern(
            offer.profit,
            offer.load,
            offer.most,
            offer.group,
            offer.group_most,
            offer.capacity,
            price,
            rounds,
            number(0),
            limit,
            pattern,
        )
    # What was best before is packed first, from the pattern it had: its profit is what others have to exceed.
    likely = (forced == OPEN) | ((forced == FREE) & opened)
    trial = pattern.copy()
    if (opened != likely).any():
        trial[:] = 0
    value, bound, nodes = _behind(offer, likely, price, rounds, number(NOTHING), limit, trial)
    pattern[:], opened[:] = trial, likely

    # Packing has fitted the prices: by these the other sets are judged.
    reduced, rest = _reduced_profits(offer, price)
    preferred = (forced == OPEN) | ((forced == FREE) & (reduced > 0))
    reach = rest + reduced[preferred].sum()
    free, lost, beyond = _changes(forced, reduced, reach - value, most_tried)
    bound = max(bound, reach - beyond)
    for flips in np.argsort(lost):
        if reach - lost[flips] <= value:
            break
        opening = preferred.copy()
        for place in range(free.size):
            opening[free[place]] ^= bool((flips >> place) & 1)
        if (opening == likely).all():
            continue
        trial[:] = 0
        got, least_above, visited = _behind(offer, opening, price, rounds, value, limit, trial)
        nodes += visited
        bound = max(bound, min(least_above, reach - lost[flips]))
        if got > value:
            value = got
            pattern[:], opened[:] = trial, opening
    return value, max(value, bound), nodes


@kernel
def _changes(forced: NDArray[np.int8], reduced: IntArray, gap: int, most_tried: int) -> tuple[IntArray, IntArray, int]:
    """Which setups to try against the sign of their reduced profits, and what that loses.

    Returns
    -------
    free : int64[N]
        The setups that are not forced and whose loss is less than `gap`, least loss first; at most `most_tried`.
    lost : int64[2**N]
        The sum of losses of each set of them, bit n of the index for ``free[n]``.
    beyond : int
        What any set that changes another setup loses at least.
    """
    free = np.flatnonzero(forced == FREE)
    loss = np.abs(reduced[free])
    by_loss = np.argsort(loss)
    free, loss = free[by_loss], loss[by_loss]
    tried = min(most_tried, int(np.searchsorted(loss, gap)))
    # Where the gap, not the number, is the limit, no other setup can be worth a change.
    beyond = loss[tried] if tried == most_tried and free.size > tried else _NEVER_LOST
    lost = np.zeros(1 << tried, dtype=np.int64)
    for place in range(tried):
        lost[1 << place : 2 << place] = lost[: 1 << place] + loss[place]
    return free[:tried], lost, beyond


@kernel
def _reduced_profits(offer: Offer, price: Reals) -> tuple[IntArray, int]:
    """Each setup's reduced profit at the prices, int64[H], and the value of capacity and of candidates without setup."""
    rows = offer.capacity.size
    dear = np.empty(rows, dtype=np.int64)
    rest = 0
    for row in range(rows):
        dear[row] = int(min(price[row], _DEAREST / (rows * max(1, offer.capacity[row]))))
        rest += dear[row] * offer.capacity[row]
    reduced = -offer.setup_cost
    for one in range(reduced.size):
        for row in range(rows):
            reduced[one] -= dear[row] * offer.setup_load[one, row]
    for at in range(offer.profit.size):
        gain = offer.profit[at]
        for row in range(rows):
            if gain <= 0:
                break
            gain -= dear[row] * offer.load[at, row]
        if gain > 0 and offer.setup[at] < 0:
            rest += gain * offer.most[at]
        elif gain > 0:
            reduced[offer.setup[at]] += gain * offer.most[at]
    return reduced, rest


@kernel
def _behind(
    offer: Offer, opening: Flags, price: Reals, rounds: int, least: int, limit: int, pattern: IntArray
) -> tuple[int, int, int]:
    """The best pattern behind just these open setups, bool[H], if it earns more than `least`; `pattern` on entry is a legal
    one, else as above."""
    left = offer.capacity.copy()
    paid = 0
    for one in np.flatnonzero(opening):
        paid += offer.setup_cost[one]
        left -= offer.setup_load[one]
    if (left < 0).any():
        pattern[:] = 0
        return NOTHING, NOTHING, 0
    gain = offer.profit.copy()
    most = offer.most.copy()
    for at in range(gain.size):
        most[at] = fitting(offer.load, at, most[at], left)
        if most[at] == 0 or (offer.setup[at] >= 0 and not opening[offer.setup[at]]):
            gain[at] = 0
    value, bound, nodes = best_pattern(
        gain, offer.load, most, offer.group, offer.group_most, left, price, rounds, least + paid, limit, pattern
    )
    return value - paid, bound - paid, nodes
