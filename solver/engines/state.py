"""A placement being worked on, with everything a move needs to know kept up to date.

Copies are never spelled out: the state counts how many copies sit on each option, so an item with a million copies
is as cheap as one with a single copy. Moves are priced by the light pair `lift` / `put`, which touch only what rows
have left and who uses an activation; only an accepted move pays for the lists (`note_taken`, `note_given`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.bounds.compiled_packing import CompiledPacking, Index
from solver.compiled import inner
from solver.packing import IntArray

# Positions in State.total.
COST, USED, WAITING = 0, 1, 2


class State(NamedTuple):
    """Working arrays of one search; one writer at a time.

    Attributes
    ----------
    taken : int64[O]
        Copies on each option.
    waiting : int64[I]
        Copies of each item that are unplaced.
    free : int64[R]
        What each row has left.
    users : int64[A]
        Copies that use each activation.
    used, used_at : int32[O]
        The options with copies, in any order, and where each stands in that list (-1: nowhere).
    queue, queue_at : int32[I]
        The items with unplaced copies, likewise.
    member, member_at : int32[L], members : int32[R]
        For each row r the loads (positions in `load_row`) of used options on it, in
        ``member[row_ptr[r] : row_ptr[r] + members[r]]``, and where each load stands there.
    total : int64[3]
        Cost, length of `used`, length of `queue`.
    """

    taken: IntArray
    waiting: IntArray
    free: IntArray
    users: IntArray
    used: Index
    used_at: Index
    queue: Index
    queue_at: Index
    member: Index
    member_at: Index
    members: Index
    total: IntArray


def empty_state(view: CompiledPacking) -> State:
    """Nothing placed."""
    options, items, loads = view.option_cost.size, view.item_count.size, view.load_row.size
    waiting_items = np.flatnonzero(view.item_count > 0)
    queue = np.zeros(items, dtype=np.int32)
    queue[: waiting_items.size] = waiting_items
    queue_at = np.full(items, -1, dtype=np.int32)
    queue_at[waiting_items] = np.arange(waiting_items.size)
    cost = int((view.item_count * view.item_penalty).sum())
    return State(
        taken=np.zeros(options, dtype=np.int64),
        waiting=view.item_count.copy(),
        free=view.row_capacity.copy(),
        users=np.zeros(view.activation_cost.size, dtype=np.int64),
        used=np.zeros(options, dtype=np.int32),
        used_at=np.full(options, -1, dtype=np.int32),
        queue=queue,
        queue_at=queue_at,
        member=np.zeros(loads, dtype=np.int32),
        member_at=np.full(loads, -1, dtype=np.int32),
        members=np.zeros(view.row_capacity.size, dtype=np.int32),
        total=np.array([cost, 0, waiting_items.size], dtype=np.int64),
    )


def state_of(view: CompiledPacking, taken: IntArray) -> State:
    """The state in which `taken[o]` copies sit on each live option; the caller vouches that it is legal."""
    state = empty_state(view)
    chosen = np.flatnonzero(taken)
    place_all(view, state, chosen, taken[chosen])
    return state


@inner
def lift(view: CompiledPacking, state: State, option: int, copies: int) -> int:
    """Take copies off an option (rows and activation only); returns what that saves, without penalties."""
    for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
        state.free[view.load_row[at]] += copies * view.load_amount[at]
    saved = copies * view.option_cost[option]
    activation = view.option_activation[option]
    if activation >= 0:
        state.users[activation] -= copies
        if state.users[activation] == 0:
            saved += view.activation_cost[activation]
            for at in range(view.activation_load_ptr[activation], view.activation_load_ptr[activation + 1]):
                state.free[view.activation_load_row[at]] += view.activation_load_amount[at]
    return int(saved)


@inner
def put(view: CompiledPacking, state: State, option: int, copies: int) -> int:
    """Undo of `lift`: put copies on an option; returns what that costs. Rows may go below zero."""
    for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
        state.free[view.load_row[at]] -= copies * view.load_amount[at]
    paid = copies * view.option_cost[option]
    activation = view.option_activation[option]
    if activation >= 0:
        if state.users[activation] == 0:
            paid += view.activation_cost[activation]
            for at in range(view.activation_load_ptr[activation], view.activation_load_ptr[activation + 1]):
                state.free[view.activation_load_row[at]] -= view.activation_load_amount[at]
        state.users[activation] += copies
    return int(paid)


@inner
def fitting(view: CompiledPacking, state: State, option: int, most: int) -> int:
    """How many copies, at most `most`, the option can take now."""
    copies = most
    activation = view.option_activation[option]
    closed = activation >= 0 and state.users[activation] == 0
    for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
        left = state.free[view.load_row[at]]
        amount = view.load_amount[at]
        if closed:
            for other in range(view.activation_load_ptr[activation], view.activation_load_ptr[activation + 1]):
                if view.activation_load_row[other] == view.load_row[at]:
                    left -= view.activation_load_amount[other]
        if amount * copies > left:
            if left < amount:
                return 0
            copies = left // amount
    if closed:
        for at in range(view.activation_load_ptr[activation], view.activation_load_ptr[activation + 1]):
            if view.activation_load_amount[at] > state.free[view.activation_load_row[at]]:
                return 0
    return copies


@inner
def entry_cost(view: CompiledPacking, state: State, option: int) -> int:
    """What the first further copy on the option would cost now, its activation included."""
    activation = view.option_activation[option]
    if activation >= 0 and state.users[activation] == 0:
        return int(view.option_cost[option] + view.activation_cost[activation])
    return int(view.option_cost[option])


@inner
def note_taken(view: CompiledPacking, state: State, option: int, copies: int) -> None:
    """Enter copies, already `put` on an option, into the lists."""
    if state.taken[option] == 0:
        state.used[state.total[USED]] = option
        state.used_at[option] = state.total[USED]
        state.total[USED] += 1
        for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
            row = view.load_row[at]
            state.member[view.row_ptr[row] + state.members[row]] = at
            state.member_at[at] = state.members[row]
            state.members[row] += 1
    state.taken[option] += copies


@inner
def note_given(view: CompiledPacking, state: State, option: int, copies: int) -> None:
    """Strike copies, already `lift`ed off an option, from the lists."""
    state.taken[option] -= copies
    if state.taken[option] > 0:
        return
    last = state.used[state.total[USED] - 1]
    hole = state.used_at[option]
    state.used[hole] = last
    state.used_at[last] = hole
    state.used_at[option] = -1
    state.total[USED] -= 1
    for at in range(view.load_ptr[option], view.load_ptr[option + 1]):
        row = view.load_row[at]
        base = view.row_ptr[row]
        state.members[row] -= 1
        moved = state.member[base + state.members[row]]
        gap = state.member_at[at]
        state.member[base + gap] = moved
        state.member_at[moved] = gap
        state.member_at[at] = -1


@inner
def note_waiting(state: State, item: int, copies: int) -> None:
    """Change the number of unplaced copies of an item by `copies` (negative: they found a place)."""
    before = state.waiting[item]
    state.waiting[item] += copies
    if before == 0 and copies > 0:
        state.queue[state.total[WAITING]] = item
        state.queue_at[item] = state.total[WAITING]
        state.total[WAITING] += 1
    elif before > 0 and state.waiting[item] == 0:
        last = state.queue[state.total[WAITING] - 1]
        hole = state.queue_at[item]
        state.queue[hole] = last
        state.queue_at[last] = hole
        state.queue_at[item] = -1
        state.total[WAITING] -= 1


@inner
def place(view: CompiledPacking, state: State, option: int, copies: int) -> None:
    """Place unplaced copies of the option's item on it, lists and cost included."""
    item = view.option_item[option]
    state.total[COST] += put(view, state, option, copies) - copies * view.item_penalty[item]
    note_taken(view, state, option, copies)
    note_waiting(state, item, -copies)


@inner
def withdraw(view: CompiledPacking, state: State, option: int, copies: int) -> None:
    """Undo of `place`."""
    item = view.option_item[option]
    state.total[COST] += copies * view.item_penalty[item] - lift(view, state, option, copies)
    note_given(view, state, option, copies)
    note_waiting(state, item, copies)


@inner
def place_all(view: CompiledPacking, state: State, option: IntArray, copies: IntArray) -> None:
    """Place a list of options, in order."""
    for at in range(option.size):
        place(view, state, option[at], copies[at])


@inner
def withdraw_all(view: CompiledPacking, state: State, option: IntArray, copies: IntArray) -> None:
    """Undo of `place_all`."""
    for at in range(option.size):
        withdraw(view, state, option[at], copies[at])


@inner
def place_while_legal(view: CompiledPacking, state: State, option: IntArray, copies: IntArray) -> int:
    """Place a list of options as far as copies and room last; returns how many entries were placed."""
    for at in range(option.size):
        if state.waiting[view.option_item[option[at]]] < copies[at]:
            return at
        if fitting(view, state, option[at], copies[at]) < copies[at]:
            return at
        place(view, state, option[at], copies[at])
    return option.size


@inner
def place_fitting(view: CompiledPacking, state: State, option: IntArray, copies: IntArray) -> None:
    """Place of each entry as many copies as there are and as fit."""
    for at in range(option.size):
        most = min(copies[at], state.waiting[view.option_item[option[at]]])
        room = fitting(view, state, option[at], most)
        if room > 0:
            place(view, state, option[at], room)
