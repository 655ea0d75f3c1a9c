"""Large-neighbourhood search: free a few dozen copies around the largest losses, let CP-SAT place them best, keep gains.

A copy's loss is the reduced cost of its option over the least of its item's: what it pays for not
getting the place that the prices would give it. The neighbourhood is everything on the rows where the loser would like
to be. Columns whose reduced cost alone exceeds the proven gap cannot be part of a better plan and stay
out (reduced-cost fixing). Threads share one state: chosen and applied under a lock, solved outside it.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.compiled import kernel
from solver.engines.cpsat import Effort, Subproblem, solve_subproblem
from solver.engines.state import (
    COST,
    USED,
    WAITING,
    State,
    fitting,
    place_all,
    place_while_legal,
    state_of,
    withdraw_all,
)
from solver.packing import IntArray
from solver.running.budget import AnyBudget

Reals = NDArray[np.float64]


class Neighbourhoods:
    """One shared placement, improved by any number of threads that call `step`.

    Parameters
    ----------
    view : CompiledPacking
        The packing.
    taken : int64[O]
        A legal placement to start from.
    guide : ReducedCosts
        Excess of options.
    """

    def __init__(self, view: CompiledPacking, taken: IntArray, guide: ReducedCosts) -> None:
        self.view = view
        self.state: State = state_of(view, taken)
        self._guide = guide
        self._excess = guide.excess
        self._lock = threading.Lock()

    def cost(self) -> int:
        """Cost of the current placement."""
        return int(self.state.total[COST])

    def taken(self) -> IntArray:
        """A copy of the current placement."""
        with self._lock:
            return self.state.taken.copy()

    def step(
        self,
        random: np.random.Generator,
        size: int,
        gap: float,
        effort: Effort,
        budget: AnyBudget,
    ) -> tuple[int, bool]:
        """Free one neighbourhood of about `size` option groups and re-place it.

        Returns
        -------
        gain : int
            By how much the placement became cheaper.
        solved : bool
            Whether the neighbourhood was solved to the end.
        """
        with self._lock:
            old = self._choose(random, size)
            copies = self.state.taken[old]
            part = self._part(old, gap) if old.size else None
        if part is None or part.options.size == 0:
            return 0, True
        answer = solve_subproblem(self.view, part, effort, budget)
        if answer.taken is None:
            return 0, False
        with self._lock:
            return self._apply(old, copies, part, answer.taken), answer.optimal

    def _choose(self, random: np.random.Generator, size: int) -> IntArray:
        """Used options to free, up to `size`: those on the rows of a loser's preferred options, then on rows of items that
        are found there."""
        view, state = self.view, self.state
        item = self._loser(random)
        if item < 0:
            return np.zeros(0, dtype=np.int64)
        chosen: dict[int, None] = {}
        rows_seen: set[int] = set()
        asking = [item]
        while asking and len(chosen) < size:
            item = asking.pop(int(random.integers(len(asking))))
            first, end = view.item_ptr[item], view.item_ptr[item + 1]
            preferred = (
                first + np.argsort(self._excess[first:end] + random.random(end - first))[: 2 + int(random.integers(3))]
            )
            for option in [*(first + np.flatnonzero(state.taken[first:end])), *preferred]:
                for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
                    row = int(view.load_row[at])
                    if row in rows_seen:
                        continue
                    rows_seen.add(row)
                    base = view.row_ptr[row]
                    guests = view.load_option[state.member[base : base + state.members[row]]]
                    if guests.size > size:
                        guests = random.choice(guests, size // 2, replace=False)
                    for guest in guests.tolist():
                        if guest not in chosen:
                            chosen[guest] = None
                            asking.append(int(view.option_item[guest]))
                if len(chosen) >= size:
                    break
        own = view.item_ptr[item] + np.flatnonzero(state.taken[view.item_ptr[item] : view.item_ptr[item + 1]])
        return np.unique(np.array([*chosen, *own.tolist()], dtype=np.int64))

    def _loser(self, random: np.random.Generator) -> int:
        """An item with an unplaced copy if there is one (half of the time), else the worst of a few drawn."""
        state = self.state
        waiting, used = int(state.total[WAITING]), int(state.total[USED])
        if waiting and (used == 0 or random.random() < 0.5):
            return int(state.queue[random.integers(waiting)])
        if used == 0:
            return -1
        drawn = state.used[random.integers(used, size=4)]
        return int(self.view.option_item[drawn[np.argmax(self._excess[drawn])]])

    def _part(self, old: IntArray, gap: float) -> Subproblem:
        """The neighbourhood as a part: its items' freed and unplaced copies, columns that could be in a better plan."""
        view, state = self.view, self.state
        items = np.unique(view.option_item[old]).astype(np.int64)
        waiting = self._some_waiting()
        items = np.union1d(items, waiting)
        before = state.waiting[items]
        copies = before.copy()
        np.add.at(copies, np.searchsorted(items, view.option_item[old]), state.taken[old])
        held = state.taken[old]
        withdraw_all(view, state, old, held)
        options, most = _columns(view, state, items, copies, self._excess, gap, old)
        part = Subproblem(
            options=options,
            most=most,
            items=items,
            copies=copies,
            free=state.free.copy(),
            open=state.users > 0,
            start=np.zeros(options.size, dtype=np.int64),
            must_place=(self._guide.left_out[items] > gap) & (before == 0),
        )
        part.start[np.searchsorted(options, old)] = held
        place_all(view, state, old, held)
        return part

    def _some_waiting(self) -> IntArray:
        """A few items with unplaced copies, sorted: every neighbourhood gets a chance to take them in."""
        waiting = int(self.state.total[WAITING])
        return np.sort(self.state.queue[: min(waiting, 8)].astype(np.int64))

    def _apply(self, old: IntArray, copies: IntArray, part: Subproblem, taken: IntArray) -> int:
        """Move to the new placement of the part if it still fits and is cheaper; returns the gain."""
        view, state = self.view, self.state
        if (state.taken[old] != copies).any():
            return 0
        before = int(state.total[COST])
        chosen = np.flatnonzero(taken)
        withdraw_all(view, state, old, copies)
        done = place_while_legal(view, state, part.options[chosen], taken[chosen])
        if done == chosen.size and state.total[COST] < before:
            return before - int(state.total[COST])
        withdraw_all(view, state, part.options[chosen[:done]], taken[chosen[:done]])
        place_all(view, state, old, copies)
        return 0


@kernel
def _columns(
    view: CompiledPacking, state: State, items: IntArray, copies: IntArray, excess: Reals, gap: float, old: IntArray
) -> tuple[IntArray, IntArray]:
    """Options of the items that have room and could be in a plan better by their excess, and their room; those
    in `old` (sorted) always."""
    length = 0
    for item in items:
        length += view.item_ptr[item + 1] - view.item_ptr[item]
    options = np.empty(length, dtype=np.int64)
    most = np.empty(length, dtype=np.int64)
    filled = 0
    for index in range(items.size):
        item = items[index]
        for option in range(view.item_ptr[item], view.item_ptr[item + 1]):
            if excess[option] > gap:
                position = np.searchsorted(old, option)
                if position == old.size or old[position] != option:
                    continue
            room = fitting(view, state, option, copies[index])
            if room > 0:
                options[filled], most[filled] = option, room
                filled += 1
    return options[:filled].copy(), most[:filled].copy()
