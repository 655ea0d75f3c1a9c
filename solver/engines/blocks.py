"""Splitting a packing into blocks: groups of rows, such as those of one node, and the options that live on them.

Rows belong together if they are loaded by much the same options; an option's home is the block on which it loads most rows.
A row is *settled* if nothing but the options of one block loads it. All other rows *couple* blocks (links, caps over
many nodes), and only those need a price when the blocks are solved one by one. Any partition gives a valid bound; this one
makes blocks small and leaves few coupling rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.engines.compiled import kernel
from solver.engines.view import View
from solver.packing import IntArray

#: Rows are kin if the options that load both are at least this share of those that load either (Jaccard).
_KIN = 0.25
#: Options of a block beyond which it takes in no further rows.
_LARGEST = 1000
#: Pairs of loads of one option beyond which looking for kin costs more than the bound is worth.
_MOST_PAIRS = 30_000_000


class Blocks(NamedTuple):
    """A partition of the live options of a view into B blocks (M options have a home, the others load nothing).

    Attributes
    ----------
    option_ptr, option : int64[B+1], int64[M]
        The options of block b, ascending, are ``option[option_ptr[b] : option_ptr[b+1]]``.
    row_ptr, row : int64[B+1], int64[.]
        The rows that the patterns of a block must fit.
    capacity : int64[.]
        What each of them has for options, the gate's own load taken off.
    load_ptr, load : int64[B+1], int64[.]
        Loads of the block's options on its rows, a matrix [options, rows] laid flat.
    gate : int64[B]
        The activation that all options of the block, and no others, need; else -1.
    block_of : int64[O]
        Home of each live option, or -1.
    coupling : bool[R]
        Rows that are not settled.
    """

    option_ptr: IntArray
    option: IntArray
    row_ptr: IntArray
    row: IntArray
    capacity: IntArray
    load_ptr: IntArray
    load: IntArray
    gate: IntArray
    block_of: IntArray
    coupling: NDArray[np.bool_]


def blocks_of(view: View) -> Blocks | None:
    """The blocks of a packing; None where loads are too many to tell kin."""
    length = np.diff(view.load_ptr)
    if int((length * (length - 1) // 2).sum()) > _MOST_PAIRS:
        return None
    cluster = _clusters(view)
    options = np.bincount(view.load_row, minlength=cluster.size)
    size = np.zeros(cluster.size, dtype=np.int64)
    np.maximum.at(size, cluster, options)
    home = _homes(view.load_ptr, view.load_row, cluster, size)
    names, block_of = np.unique(home, return_inverse=True)
    block_of = np.asarray(block_of, dtype=np.int64) - int(names.size > 0 and names[0] < 0)
    names = names[names >= 0]
    blocks = names.size
    gate = _gates(view, block_of, blocks)
    settled = _settled(view, block_of, gate)
    row_block = np.where(settled >= 0, settled, -1)
    clustered = np.searchsorted(names, cluster)
    known = clustered < blocks
    known[known] = names[clustered[known]] == cluster[known]
    known &= options > 0
    row_block = np.where((row_block < 0) & known, clustered, row_block)

    option = np.argsort(block_of, kind="stable")
    option = option[np.searchsorted(block_of[option], 0) :]
    option_ptr = np.searchsorted(block_of[option], np.arange(blocks + 1))
    row = np.argsort(row_block, kind="stable")
    row = row[np.searchsorted(row_block[row], 0) :]
    row_ptr = np.searchsorted(row_block[row], np.arange(blocks + 1))
    place = np.full(view.row_capacity.size, -1, dtype=np.int64)
    place[row] = np.arange(row.size) - row_ptr[row_block[row]]
    load_ptr = np.concatenate(([0], np.cumsum(np.diff(option_ptr) * np.diff(row_ptr))))
    load, capacity = _matrices(view, option_ptr, option, row_ptr, row, row_block, place, load_ptr, gate)
    return Blocks(
        option_ptr,
        option,
        row_ptr,
        row,
        capacity,
        load_ptr,
        load,
        gate,
        block_of,
        (settled < 0) & (options > 0) | _loaded(view, gate, settled),
    )


def _loaded(view: View, gate: IntArray, settled: IntArray) -> NDArray[np.bool_]:
    """Unsettled rows that only activations load."""
    loaded = np.zeros(settled.size, dtype=bool)
    loaded[view.activation_load_row] = True
    return loaded & (settled < 0)


def _clusters(view: View) -> IntArray:
    """For each row the name of its cluster: kin rows joined, most alike first."""
    rows = view.row_capacity.size
    first, second = _pairs(view.load_ptr, view.load_row)
    keys, both = np.unique(first * rows + second, return_counts=True)
    first, second = keys // max(rows, 1), keys % max(rows, 1)
    options = np.bincount(view.load_row, minlength=rows)
    likeness = both / np.maximum(options[first] + options[second] - both, 1)
    kin = np.flatnonzero(likeness >= _KIN)
    kin = kin[np.argsort(-likeness[kin], kind="stable")]
    return _joined(rows, first[kin], second[kin], both[kin], options, _LARGEST)


@kernel
def _pairs(load_ptr: IntArray, load_row: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    """Every two rows that an option loads, lesser row first, once for each option."""
    total = 0
    for option in range(load_ptr.size - 1):
        length = load_ptr[option + 1] - load_ptr[option]
        total += length * (length - 1) // 2
    first = np.empty(total, dtype=np.int64)
    second = np.empty(total, dtype=np.int64)
    total = 0
    for option in range(load_ptr.size - 1):
        for one in range(load_ptr[option], load_ptr[option + 1]):
            for other in range(one + 1, load_ptr[option + 1]):
                first[total] = min(load_row[one], load_row[other])
                second[total] = max(load_row[one], load_row[other])
                total += 1
    return first, second


@kernel
def _joined(rows: int, first: IntArray, second: IntArray, both: IntArray, options: IntArray, largest: int) -> IntArray:
    """Union-find over the pairs in order, as long as a cluster stays within `largest` options."""
    parent = np.arange(rows)
    size = options.astype(np.int64)
    for at in range(first.size):
        one, other = first[at], second[at]
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        while parent[other] != other:
            parent[other] = parent[parent[other]]
            other = parent[other]
        if one == other:
            continue
        together = max(size[one], size[other], size[one] + size[other] - both[at])
        if together <= max(largest, size[one], size[other]):
            parent[max(one, other)] = min(one, other)
            size[min(one, other)] = together
    for row in range(rows):
        root = row
        while parent[root] != root:
            root = parent[root]
        parent[row] = root
    return parent


@kernel
def _homes(load_ptr: IntArray, load_row: NDArray[np.int32], cluster: IntArray, size: IntArray) -> IntArray:
    """For each option the cluster on which it loads most rows, the smaller one if two tie; -1 if it loads nothing."""
    home = np.full(load_ptr.size - 1, -1, dtype=np.int64)
    for option in range(home.size):
        most = 0
        for one in range(load_ptr[option], load_ptr[option + 1]):
            name = cluster[load_row[one]]
            votes = 0
            for other in range(load_ptr[option], load_ptr[option + 1]):
                votes += cluster[load_row[other]] == name
            if votes > most or (votes == most and size[name] < size[home[option]]):
                most = votes
                home[option] = name
    return home


def _gates(view: View, block_of: IntArray, blocks: int) -> IntArray:
    """For each block the activation that exactly its options need, or -1."""
    activations = view.activation_cost.size
    low, high = np.full(blocks, activations, dtype=np.int64), np.full(blocks, -2, dtype=np.int64)
    inside = block_of >= 0
    np.minimum.at(low, block_of[inside], view.option_activation[inside])
    np.maximum.at(high, block_of[inside], view.option_activation[inside])
    first, last = np.full(activations, blocks, dtype=np.int64), np.full(activations, -2, dtype=np.int64)
    asking = view.option_activation >= 0
    np.minimum.at(first, view.option_activation[asking], block_of[asking])
    np.maximum.at(last, view.option_activation[asking], block_of[asking])
    gate = np.where((low == high) & (low >= 0), low, -1)
    lone = gate >= 0
    lone[lone] = (first[gate[lone]] == last[gate[lone]]) & (first[gate[lone]] == np.flatnonzero(lone))
    return np.where(lone, gate, -1)


def _settled(view: View, block_of: IntArray, gate: IntArray) -> IntArray:
    """For each row the one block whose options and gate load it, or -1 if others do too, or nobody."""
    activation_block = np.full(view.activation_cost.size, -1, dtype=np.int64)
    activation_block[gate[gate >= 0]] = np.flatnonzero(gate >= 0)
    loader = np.repeat(np.arange(view.activation_cost.size), np.diff(view.activation_load_ptr))
    row = np.concatenate((view.load_row, view.activation_load_row))
    block = np.concatenate((block_of[view.load_option], activation_block[loader]))
    low = np.full(view.row_capacity.size, gate.size, dtype=np.int64)
    high = np.full(view.row_capacity.size, -1, dtype=np.int64)
    np.minimum.at(low, row, block)
    np.maximum.at(high, row, block)
    return np.where(low == high, low, -1)


@kernel
def _matrices(
    view: View,
    option_ptr: IntArray,
    option: IntArray,
    row_ptr: IntArray,
    row: IntArray,
    row_block: IntArray,
    place: IntArray,
    load_ptr: IntArray,
    gate: IntArray,
) -> tuple[IntArray, IntArray]:
    """Loads of each block's options on its rows, and what its rows have for them."""
    load = np.zeros(load_ptr[-1], dtype=np.int64)
    capacity = view.row_capacity[row]
    for block in range(gate.size):
        width = row_ptr[block + 1] - row_ptr[block]
        for at in range(option_ptr[block], option_ptr[block + 1]):
            start = load_ptr[block] + (at - option_ptr[block]) * width
            for entry in range(view.load_ptr[option[at]], view.load_ptr[option[at] + 1]):
                name = view.load_row[entry]
                if row_block[name] == block:
                    load[start + place[name]] += view.load_amount[entry]
        if gate[block] >= 0:
            for entry in range(view.activation_load_ptr[gate[block]], view.activation_load_ptr[gate[block] + 1]):
                name = view.activation_load_row[entry]
                if row_block[name] == block:
                    capacity[row_ptr[block] + place[name]] -= view.activation_load_amount[entry]
    return load, capacity
