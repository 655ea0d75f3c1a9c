"""Splitting a packing into blocks: groups of rows, such as those of one node, and the options that live on them.

Rows belong together if they are loaded by much the same options; an option's home is the block on which it loads most rows.
A row is *settled* if nothing but the options of one block loads it. All other rows *couple* blocks (links, caps over
many nodes), and only those need a price when the blocks are solved one by one. Any partition gives a valid bound; this one
makes blocks small and leaves few coupling rows.

A *setup* is an activation that options of one block alone need: a node switched on, the weights of one of its models. It is
decided with the block; all other activations are paid for by shares.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking
from solver.compiled import kernel
from solver.packing import IntArray
from solver.params import DEFAULTS, BlockParams


class Blocks(NamedTuple):
    """A partition of the live options of a view into B blocks (M options have a home, the others load nothing).

    Attributes
    ----------
    option_ptr, option : int64[B+1], int64[M]
        The options of block b, ascending, are ``option[option_ptr[b] : option_ptr[b+1]]``.
    row_ptr, row : int64[B+1], int64[.]
        The rows that the patterns of a block must fit.
    capacity : int64[.]
        Of each of them.
    load_ptr, load : int64[B+1], int64[.]
        Loads of the block's options on its rows, a matrix [options, rows] laid flat.
    setup_ptr, setup : int64[B+1], int64[G]
        The activations that are setups of block b, ascending, are ``setup[setup_ptr[b] : setup_ptr[b+1]]``.
    setup_load_ptr, setup_load : int64[B+1], int64[.]
        Loads of the block's setups on its rows, a matrix [setups, rows] laid flat.
    asked : int64[M]
        Which of its block's setups an option at home needs, counted from 0, or -1.
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
    setup_ptr: IntArray
    setup: IntArray
    setup_load_ptr: IntArray
    setup_load: IntArray
    asked: IntArray
    block_of: IntArray
    coupling: NDArray[np.bool_]


def blocks_of(view: CompiledPacking, params: BlockParams = DEFAULTS.patterns.blocks) -> Blocks | None:
    """The blocks of a packing; None where loads are too many to compare rows."""
    length = np.diff(view.load_ptr)
    if int((length * (length - 1) // 2).sum()) > params.most_pairs:
        return None
    cluster = _clusters(view, params)
    options = np.bincount(view.load_row, minlength=cluster.size)
    size = np.zeros(cluster.size, dtype=np.int64)
    np.maximum.at(size, cluster, options)
    home = _homes(view.load_ptr, view.load_row, cluster, size)
    names, block_of = np.unique(home, return_inverse=True)
    block_of = np.asarray(block_of, dtype=np.int64) - int(names.size > 0 and names[0] < 0)
    names = names[names >= 0]
    blocks = names.size
    opener = _openers(view, block_of, blocks)
    settled = _settled(view, block_of, opener, blocks)
    row_block = np.where(settled >= 0, settled, -1)
    clustered = np.searchsorted(names, cluster)
    known = clustered < blocks
    known[known] = names[clustered[known]] == cluster[known]
    known &= options > 0
    row_block = np.where((row_block < 0) & known, clustered, row_block)

    option_ptr, option = _members(block_of, blocks)
    row_ptr, row = _members(row_block, blocks)
    setup_ptr, setup = _members(opener, blocks)
    place = _places(view.row_capacity.size, row, row_ptr[row_block[row]])
    number = _places(opener.size + 1, setup, setup_ptr[opener[setup]])
    width = np.diff(row_ptr)
    loads = view.load_ptr, view.load_row, view.load_amount
    setup_loads = view.activation_load_ptr, view.activation_load_row, view.activation_load_amount
    load_ptr = np.concatenate(([0], np.cumsum(np.diff(option_ptr) * width)))
    setup_load_ptr = np.concatenate(([0], np.cumsum(np.diff(setup_ptr) * width)))
    return Blocks(
        option_ptr=option_ptr,
        option=option,
        row_ptr=row_ptr,
        row=row,
        capacity=view.row_capacity[row],
        load_ptr=load_ptr,
        load=_matrices(option_ptr, option, load_ptr, row_block, place, width, *loads),
        setup_ptr=setup_ptr,
        setup=setup,
        setup_load_ptr=setup_load_ptr,
        setup_load=_matrices(setup_ptr, setup, setup_load_ptr, row_block, place, width, *setup_loads),
        asked=number[view.option_activation[option]],
        block_of=block_of,
        coupling=(settled < 0) & ((options > 0) | _loaded(view)),
    )


def _members(block: IntArray, blocks: int) -> tuple[IntArray, IntArray]:
    """Those that have a block, by block and ascending, and where each block's begin, int64[B+1]."""
    member = np.argsort(block, kind="stable")
    member = member[np.searchsorted(block[member], 0) :]
    return np.searchsorted(block[member], np.arange(blocks + 1)), member


def _places(size: int, member: IntArray, begin: IntArray) -> IntArray:
    """The place of each member in its block, int64[size]; -1 for all others."""
    place = np.full(size, -1, dtype=np.int64)
    place[member] = np.arange(member.size) - begin
    return place


def _loaded(view: CompiledPacking) -> NDArray[np.bool_]:
    """Rows that activations load, bool[R]."""
    loaded = np.zeros(view.row_capacity.size, dtype=bool)
    loaded[view.activation_load_row] = True
    return loaded


def _clusters(view: CompiledPacking, params: BlockParams) -> IntArray:
    """For each row the name of its cluster: similar rows joined, most similar first."""
    rows = view.row_capacity.size
    first, second = _pairs(view.load_ptr, view.load_row)
    keys, both = np.unique(first * rows + second, return_counts=True)
    first, second = keys // max(rows, 1), keys % max(rows, 1)
    options = np.bincount(view.load_row, minlength=rows)
    similarity = both / np.maximum(options[first] + options[second] - both, 1)
    similar = np.flatnonzero(similarity >= params.similar)
    similar = similar[np.argsort(-similarity[similar], kind="stable")]
    return _joined(rows, first[similar], second[similar], both[similar], options, params.largest)


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


def _openers(view: CompiledPacking, block_of: IntArray, blocks: int) -> IntArray:
    """For each activation the one block whose options need it, or -1 if others do too, or nobody."""
    asking = np.flatnonzero(view.option_activation >= 0)
    return _alone(view.activation_cost.size, view.option_activation[asking], block_of[asking], blocks)


def _settled(view: CompiledPacking, block_of: IntArray, opener: IntArray, blocks: int) -> IntArray:
    """For each row the one block whose options and setups load it, or -1 if others do too, or nobody."""
    loader = np.repeat(np.arange(opener.size), np.diff(view.activation_load_ptr))
    row = np.concatenate((view.load_row, view.activation_load_row))
    return _alone(view.row_capacity.size, row, np.concatenate((block_of[view.load_option], opener[loader])), blocks)


def _alone(size: int, index: NDArray[np.integer[Any]], block: IntArray, blocks: int) -> IntArray:
    """For each index the block that alone comes with it, int64[size]; -1 if several do, or none."""
    low, high = np.full(size, blocks, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    np.minimum.at(low, index, block)
    np.maximum.at(high, index, block)
    return np.where(low == high, low, -1)


@kernel
def _matrices(
    member_ptr: IntArray,
    member: IntArray,
    matrix_ptr: IntArray,
    row_block: IntArray,
    place: IntArray,
    width: IntArray,
    load_ptr: IntArray,
    load_row: NDArray[np.int32],
    load_amount: IntArray,
) -> NDArray[np.int64]:
    """Loads of each block's members (its options, or its setups) on its rows, a matrix [members, rows] each, laid flat."""
    load = np.zeros(matrix_ptr[-1], dtype=np.int64)
    for block in range(width.size):
        for at in range(member_ptr[block], member_ptr[block + 1]):
            start = matrix_ptr[block] + (at - member_ptr[block]) * width[block]
            for entry in range(load_ptr[member[at]], load_ptr[member[at] + 1]):
                name = load_row[entry]
                if row_block[name] == block:
                    load[start + place[name]] += load_amount[entry]
    return load
