"""The best pattern of a block: a bounded knapsack with several rows, by branch and bound in whole numbers.

Of the candidates of a block (each with a profit, a load on each of the block's rows, and a greatest number of copies) the
pattern of greatest profit that fits the rows is sought. The rows are added up at multipliers to one *surrogate* row (Glover
1968), whose fractional optimum (Dantzig 1957) bounds every branch; the search is depth first, best ratio first
(Horowitz and Sahni 1974). All that the answer rests on is int64: multipliers may be any whole numbers, only the
strength of the bound depends on them, so floating point may choose them.

The search may stop early, by its node limit or because only patterns of more than some profit are asked for; the answer then
brackets the optimum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.compiled import inner, kernel
from solver.packing import IntArray

Reals = NDArray[np.float64]

#: The surrogate row's capacity at most: products of two of its numbers then fit 64 bits.
_WIDEST = 2**30


@kernel
def best_pattern(
    profit: IntArray,
    load: NDArray[np.int64],
    most: IntArray,
    group: IntArray,
    group_most: IntArray,
    capacity: IntArray,
    price: Reals,
    rounds: int,
    least: int,
    limit: int,
    pattern: IntArray,
) -> tuple[int, int, int]:
    """Maximise ``profit @ pattern`` over the patterns that fit.

    Longer than a screen: cut into kernels it took a quarter to a half more time for the pattern bound on planes.

    Parameters
    ----------
    profit : int64[K]
        Gain of one copy; candidates without gain are never taken.
    load : int64[K, D]
        What one copy loads on each row, non-negative.
    most : int64[K]
        Most copies of each candidate; so many must fit the rows if nothing else is taken.
    group, group_most : int64[K], int64[G]
        Candidates of one group (options of one item) together take at most ``group_most`` copies.
    capacity : int64[D]
        Of the rows.
    price : float64[D]
        Dual value of a unit of each row, positive; improved in place, a good start for the next call at similar profits.
    rounds : int
        Rounds of that improvement.
    least : int
        Profit that is of no use: branches that promise no more are not searched.
    limit : int
        Most nodes to visit.
    pattern : int64[K]
        On entry a legal pattern to start from (zeros will do), on return the best found.

    Returns
    -------
    value, bound, nodes : int
        Profit of `pattern`, an upper bound on the profit of any pattern, and the nodes visited.
    """
    rows = capacity.size
    value = 0
    gainful = 0
    for at in range(profit.size):
        value += int(profit[at] * pattern[at])
        gainful += profit[at] > 0
    if gainful == 0:
        # Nor would prices learn anything from it.
        pattern[:] = 0
        return 0, 0, 0
    multiplier = _multipliers(capacity, _fit_price(profit, load, most, capacity, price, rounds))
    order = np.empty(gainful, dtype=np.int64)
    ratio = np.empty(gainful)
    weight = np.zeros(profit.size, dtype=np.int64)
    gainful = 0
    for at in range(profit.size):
        if profit[at] > 0:
            for row in range(rows):
                weight[at] += multiplier[row] * load[at, row]
            order[gainful] = at
            ratio[gainful] = profit[at] / weight[at] if weight[at] > 0 else np.inf
            gainful += 1
    order = order[np.argsort(-ratio)]
    _settle(order, profit, weight)
    room = 0
    for row in range(rows):
        room += multiplier[row] * capacity[row]

    left = capacity.copy()
    spare = group_most.copy()
    greedy = np.zeros(profit.size, dtype=np.int64)
    reached = 0
    for place in range(order.size):
        at = order[place]
        greedy[at] = fitting(load, at, min(most[at], spare[group[at]]), left)
        for row in range(rows):
            left[row] -= greedy[at] * load[at, row]
        spare[group[at]] -= greedy[at]
        reached += int(greedy[at] * profit[at])
    if reached > value:
        value = reached
        pattern[:] = greedy

    bound, split = _fractional(order, profit, weight, most, room)
    if rows == 1 and split < order.size:
        price[0] = multiplier[0] * profit[order[split]] / weight[order[split]]
    aim = max(value, least)
    if bound <= aim:
        return value, max(value, bound), 0
    # What cannot be in, or out of, any pattern worth looking for, by the fractional optimum's own ratio.
    core = np.empty(order.size, dtype=np.int64)
    size, fixed = 0, 0
    missed = value
    left[:] = capacity
    spare[:] = group_most
    for place in range(order.size):
        at = order[place]
        loss = 0
        if split < order.size:
            mark = order[split]
            whole, rest = profit[mark] // weight[mark], profit[mark] % weight[mark]
            loss = whole * weight[at] + rest * weight[at] // weight[mark] - profit[at]
            if place < split:
                loss = max(0, -loss - 1)
        if place == split or loss <= 0 or bound - loss > aim:
            core[size] = at
            size += 1
            continue
        missed = max(missed, bound - loss)
        if place < split:
            if fitting(load, at, min(most[at], spare[group[at]]), left) < most[at]:
                return value, missed, 0
            fixed += most[at] * profit[at]
            room -= most[at] * weight[at]
            spare[group[at]] -= most[at]
            for row in range(rows):
                left[row] -= most[at] * load[at, row]

    core = core[:size]
    found, missed, nodes, taken = _search(
        profit[core],
        weight[core],
        load[core],
        most[core],
        group[core],
        spare,
        left,
        room,
        aim - fixed,
        missed - fixed,
        limit,
    )
    if found > aim - fixed:
        # Everything fixed is in by all its copies; what was ruled out is not.
        pattern[:] = 0
        for place in range(split):
            pattern[order[place]] = most[order[place]]
        for at in range(size):
            pattern[core[at]] = taken[at]
        value = found + fixed
    return value, max(value, least, missed + fixed), nodes


@inner
def fitting(load: NDArray[np.int64], at: int, copies: int, left: IntArray) -> int:
    """How many of so many copies of candidate `at` fit into what rows have left."""
    for row in range(left.size):
        if load[at, row] * copies > left[row]:
            copies = left[row] // load[at, row]
    return copies


@inner
def _settle(order: IntArray, profit: IntArray, weight: IntArray) -> None:
    """Put an almost sorted order right: falling profit over weight, compared without rounding."""
    for place in range(1, order.size):
        mover = order[place]
        slot = place
        while slot > 0 and _better(profit, weight, mover, order[slot - 1]):
            order[slot] = order[slot - 1]
            slot -= 1
        order[slot] = mover


@inner
def _better(profit: IntArray, weight: IntArray, one: int, other: int) -> bool:
    """Whether profit over weight of `one` is strictly the greater."""
    if weight[one] == 0 or weight[other] == 0:
        return bool(weight[one] == 0 and weight[other] > 0)
    whole, other_whole = profit[one] // weight[one], profit[other] // weight[other]
    if whole != other_whole:
        return bool(whole > other_whole)
    rest, other_rest = profit[one] % weight[one], profit[other] % weight[other]
    return bool(rest * weight[other] > other_rest * weight[one])


@inner
def _fractional(order: IntArray, profit: IntArray, weight: IntArray, most: IntArray, room: int) -> tuple[int, int]:
    """Dantzig's bound on the surrogate row alone, rounded down, and the place in the order at which the row is full."""
    total = 0
    for place in range(order.size):
        at = order[place]
        heavy = weight[at] * most[at]
        if heavy > room:
            whole, rest = profit[at] // weight[at], profit[at] % weight[at]
            return total + whole * room + rest * room // weight[at], place
        room -= heavy
        total += profit[at] * most[at]
    return total, order.size


@kernel
def _search(
    profit: IntArray,
    weight: IntArray,
    load: NDArray[np.int64],
    most: IntArray,
    group: IntArray,
    spare: IntArray,
    left: IntArray,
    room: int,
    best: int,
    missed: int,
    limit: int,
) -> tuple[int, int, int, IntArray]:
    """Depth-first search over candidates in order of ratio; arguments as in `best_pattern`, here of the core alone.

    Longer than a screen: a step down or back is a few additions on the state that all steps share.

    Returns the best profit above `best` (else `best`), a bound on all that was not searched, the nodes, and the pattern.
    `spare` and `left` are used up.
    """
    size, rows = profit.size, left.size
    before = np.zeros(size + 1, dtype=np.int64)
    heavier = np.zeros(size + 1, dtype=np.int64)
    whole = np.zeros(size, dtype=np.int64)
    rest = np.zeros(size, dtype=np.int64)
    for at in range(size):
        before[at + 1] = before[at] + profit[at] * most[at]
        heavier[at + 1] = heavier[at] + weight[at] * most[at]
        if weight[at] > 0:
            whole[at] = profit[at] // weight[at]
            rest[at] = profit[at] % weight[at]
    take = np.zeros(size, dtype=np.int64)
    kept = np.zeros(size, dtype=np.int64)
    nodes, now, at = 0, 0, 0
    returning = False
    while True:
        descend = at < size
        if descend:
            # Dantzig's bound on the candidates from `at` on.
            reach = heavier[at] + room
            low, high = at, size
            while low < high:
                middle = (low + high) // 2
                if heavier[middle + 1] <= reach:
                    low = middle + 1
                else:
                    high = middle
            bound = now + before[low] - before[at]
            if low < size:
                part = reach - heavier[low]
                bound += whole[low] * part + rest[low] * part // weight[low]
            nodes += 1
            if bound <= best or nodes > limit:
                missed = max(missed, bound)
                descend = False
                if returning:
                    # With still fewer copies of the candidate before, the bound only falls.
                    back = at - 1
                    spare[group[back]] += take[back]
                    room += take[back] * weight[back]
                    now -= take[back] * profit[back]
                    for row in range(rows):
                        left[row] += take[back] * load[back, row]
                    take[back] = 0
        elif now > best:
            best = now
            kept[:] = take
        returning = False
        if descend:
            copies = min(most[at], spare[group[at]])
            for row in range(rows):
                if load[at, row] * copies > left[row]:
                    copies = left[row] // load[at, row]
            take[at] = copies
            if copies > 0:
                spare[group[at]] -= copies
                room -= copies * weight[at]
                now += copies * profit[at]
                for row in range(rows):
                    left[row] -= copies * load[at, row]
            at += 1
            continue
        at -= 1
        while at >= 0 and take[at] == 0:
            at -= 1
        if at < 0:
            return best, missed, nodes, kept
        take[at] -= 1
        spare[group[at]] += 1
        room += weight[at]
        now -= profit[at]
        for row in range(rows):
            left[row] += load[at, row]
        at += 1
        returning = True


@kernel
def _multipliers(capacity: IntArray, price: Reals) -> IntArray:
    """Whole multipliers in proportion to the prices, such that the surrogate capacity is within `_WIDEST`."""
    multiplier = np.zeros(capacity.size, dtype=np.int64)
    total = 0.0
    for row in range(capacity.size):
        total += price[row] * capacity[row]
    room = _WIDEST
    for row in range(capacity.size):
        if total > 0.0 and capacity[row] > 0:
            share = int(price[row] * (_WIDEST / total))
            multiplier[row] = max(0, min(share, room // capacity[row]))
            room -= multiplier[row] * capacity[row]
    return multiplier


@kernel
def _fit_price(
    profit: IntArray, load: NDArray[np.int64], most: IntArray, capacity: IntArray, price: Reals, rounds: int
) -> Reals:
    """Lower ``price @ capacity + sum(most * max(0, profit - price @ load))``, the linear relaxation's dual, in place.

    Multiplicative steps against the slope, the best prices seen are kept. With one row any price will do.
    """
    rows = capacity.size
    if rows == 1:
        price[0] = max(price[0], 1.0)
        return price
    trial = price.copy()
    slope = np.empty(rows)
    least = np.inf
    step = 0.25
    for _ in range(rounds + 1):
        value = 0.0
        for row in range(rows):
            value += trial[row] * capacity[row]
            slope[row] = 1.0
        for at in range(profit.size):
            if profit[at] <= 0:
                continue
            gain = float(profit[at])
            for row in range(rows):
                gain -= trial[row] * load[at, row]
            if gain > 0.0:
                value += most[at] * gain
                for row in range(rows):
                    if capacity[row] > 0:
                        slope[row] -= most[at] * load[at, row] / capacity[row]
        if value < least:
            least = value
            price[:] = trial
        else:
            step *= 0.5
        for row in range(rows):
            trial[row] *= np.exp(-step * min(2.0, max(-2.0, slope[row])))
    return price
