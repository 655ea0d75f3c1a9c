"""The packing: the canonical form that every engine solves, and the file it travels in.

A packing asks: of each *item* (in `item_count` identical copies) let every copy take at most one of the item's
*options*, so that no *row* carries more than its capacity and the total cost is least. A copy that takes nothing
costs the item's penalty. An option may belong to an *activation*: as soon as any copy takes an option of it, the
activation's own cost and loads are paid, once (a node switched on, weights loaded once for several workloads).

Everything is a whole number; nothing here knows what an item or a row stands for.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]

#: No total that an engine or the checker may form exceeds this, so every sum fits a signed 64-bit integer.
LARGEST_TOTAL = 2**61

_OPTIONAL = (
    "option_activation",
    "activation_cost",
    "activation_load_ptr",
    "activation_load_row",
    "activation_load_amount",
)


class PackingError(ValueError):
    """A packing or a placement that cannot be read: names the array, the position and what was expected."""


def _empty() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Packing:
    """One packing problem as flat arrays (I items, O options, L loads, R rows, A activations).

    Attributes
    ----------
    item_ptr : int64[I+1]
        The options of item i are ``item_ptr[i] .. item_ptr[i+1]-1``; an item may have none.
    item_count : int64[I]
        Identical copies of the item; each takes at most one option.
    item_penalty : int64[I]
        Cost of one copy left unplaced.
    option_cost : int64[O]
        Cost of one copy taking the option; several copies may take the same one.
    load_ptr : int64[O+1], load_row : int64[L], load_amount : int64[L]
        What one copy on the option loads; a row named twice is loaded by the sum.
    row_capacity : int64[R]
        The most that a row may carry in total.
    option_activation : int64[O]
        The activation that the option needs, or -1. Left empty: -1 for all.
    activation_cost : int64[A]
        Paid once if any copy takes an option of the activation.
    activation_load_ptr : int64[A+1], activation_load_row : int64[.], activation_load_amount : int64[.]
        Loads of the activation, paid once likewise.

    Raises
    ------
    PackingError
        If an array has the wrong kind or length, a value is negative, an index or pointer is out of range, or
        totals could exceed `LARGEST_TOTAL`.
    """

    item_ptr: IntArray
    item_count: IntArray
    item_penalty: IntArray
    option_cost: IntArray
    load_ptr: IntArray
    load_row: IntArray
    load_amount: IntArray
    row_capacity: IntArray
    option_activation: IntArray = field(default_factory=_empty)
    activation_cost: IntArray = field(default_factory=_empty)
    activation_load_ptr: IntArray = field(default_factory=_empty)
    activation_load_row: IntArray = field(default_factory=_empty)
    activation_load_amount: IntArray = field(default_factory=_empty)

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, _whole_numbers(spec.name, getattr(self, spec.name)))
        if self.option_activation.size == 0:
            object.__setattr__(self, "option_activation", _frozen(np.full(self.options, -1, dtype=np.int64)))
        if self.activation_load_ptr.size == 0 and self.activation_load_row.size == 0:
            zeros = np.zeros(self.activations + 1, dtype=np.int64)
            object.__setattr__(self, "activation_load_ptr", _frozen(zeros))
        _validate(self)

    @property
    def items(self) -> int:
        """Number of items (classes of identical copies)."""
        return int(self.item_count.size)

    @property
    def options(self) -> int:
        """Number of options over all items."""
        return int(self.option_cost.size)

    @property
    def rows(self) -> int:
        """Number of capacity rows."""
        return int(self.row_capacity.size)

    @property
    def activations(self) -> int:
        """Number of activations."""
        return int(self.activation_cost.size)

    @property
    def option_item(self) -> IntArray:
        """The item that each option belongs to, int64[O] (computed on each call)."""
        return np.repeat(np.arange(self.items, dtype=np.int64), np.diff(self.item_ptr))

    def save(self, path: str | Path) -> None:
        """Write the packing as `.npz`; the same packing always gives the same bytes."""
        _save(path, {spec.name: getattr(self, spec.name) for spec in fields(self)})


@dataclass(frozen=True, eq=False)
class Placement:
    """What is placed: `count[k]` copies of `item[k]` on the option with *global* index `option[k]`.

    Copies that appear nowhere are unplaced. Entries may come in any order; an option may appear twice.
    """

    item: IntArray
    option: IntArray
    count: IntArray


def load(path: str | Path) -> Packing:
    """Read a packing file.

    Raises
    ------
    PackingError
        If the file cannot be read, is no `.npz`, lacks an array, or its arrays are not a packing.
    """
    arrays = _read(path)
    for spec in fields(Packing):
        if spec.name not in arrays and spec.name not in _OPTIONAL:
            raise PackingError(f"{path}: array {spec.name} is missing")
    return Packing(**{spec.name: arrays[spec.name] for spec in fields(Packing) if spec.name in arrays})


def save_placement(path: str | Path, placement: Placement) -> None:
    """Write a placement as `.npz` with the arrays `item`, `option` (global index) and `count`."""
    _save(path, {"item": placement.item, "option": placement.option, "count": placement.count})


def load_placement(path: str | Path) -> Placement:
    """Read a placement file; whether it is legal for a packing is the checker's business.

    Raises
    ------
    PackingError
        If the file cannot be read or its three arrays are missing, not whole numbers, or of unequal length.
    """
    arrays = _read(path)
    for name in ("item", "option", "count"):
        if name not in arrays:
            raise PackingError(f"{path}: array {name} is missing")
    placement = Placement(*(_whole_numbers(name, arrays[name]) for name in ("item", "option", "count")))
    if not placement.item.size == placement.option.size == placement.count.size:
        raise PackingError(f"{path}: item, option and count differ in length")
    return placement


def _save(path: str | Path, arrays: dict[str, Any]) -> None:
    # Through an open file, because numpy would append ".npz" to a name that lacks it.
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def _read(path: str | Path) -> dict[str, NDArray[Any]]:
    try:
        if not zipfile.is_zipfile(path):
            raise PackingError(f"{path}: not an .npz file" if Path(path).exists() else f"{path}: no such file")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except PackingError:
        raise
    except Exception as problem:
        # A damaged archive raises whatever its decoder meets first: zlib, struct, tokenizer, memory errors.
        raise PackingError(f"{path}: cannot be read: {problem}") from problem


def _frozen(array: IntArray) -> IntArray:
    array.flags.writeable = False
    return array


def _whole_numbers(name: str, given: object) -> IntArray:
    array = np.asarray(given)
    if array.dtype not in (np.int64, np.int32):
        raise PackingError(f"{name}: expected int64 or int32, got {array.dtype}")
    if array.ndim != 1:
        raise PackingError(f"{name}: expected one dimension, got {array.ndim}")
    # A view of the caller's array where possible, so that freezing ours leaves theirs writable.
    return _frozen(np.ascontiguousarray(array, dtype=np.int64).view())


def _length(name: str, array: IntArray, expected: int, of: str) -> None:
    if array.size != expected:
        raise PackingError(f"{name}: expected {expected} entries ({of}), got {array.size}")


def _pointer(name: str, pointer: IntArray, entries: int, last: int, of: str, into: str) -> None:
    _length(name, pointer, entries + 1, f"one more than {of}")
    if pointer[0] != 0:
        raise PackingError(f"{name}[0]: expected 0, got {pointer[0]}")
    falling = np.flatnonzero(np.diff(pointer) < 0)
    if falling.size:
        raise PackingError(f"{name}[{falling[0] + 1}]: smaller than the entry before it")
    if pointer[-1] != last:
        raise PackingError(f"{name}[{entries}]: expected {last} (the length of {into}), got {pointer[-1]}")


def _no_less(name: str, array: IntArray, least: int) -> None:
    low = np.flatnonzero(array < least)
    if low.size:
        raise PackingError(f"{name}[{low[0]}]: {array[low[0]]} is less than {least}")


def _index(name: str, array: IntArray, least: int, end: int) -> None:
    _no_less(name, array, least)
    high = np.flatnonzero(array >= end)
    if high.size:
        raise PackingError(f"{name}[{high[0]}]: {array[high[0]]} is out of range, there are {end}")


def _validate(packing: Packing) -> None:
    items, options, activations = packing.items, packing.options, packing.activations
    _pointer("item_ptr", packing.item_ptr, items, options, "item_count", "option_cost")
    _length("item_penalty", packing.item_penalty, items, "one for each item")
    _pointer("load_ptr", packing.load_ptr, options, packing.load_row.size, "option_cost", "load_row")
    _length("load_amount", packing.load_amount, packing.load_row.size, "one for each load_row")
    _length("option_activation", packing.option_activation, options, "one for each option")
    _pointer(
        "activation_load_ptr",
        packing.activation_load_ptr,
        activations,
        packing.activation_load_row.size,
        "activation_cost",
        "activation_load_row",
    )
    _length(
        "activation_load_amount",
        packing.activation_load_amount,
        packing.activation_load_row.size,
        "one for each activation_load_row",
    )
    for name in ("item_count", "item_penalty", "option_cost", "load_amount", "row_capacity"):
        _no_less(name, getattr(packing, name), 0)
    _no_less("activation_cost", packing.activation_cost, 0)
    _no_less("activation_load_amount", packing.activation_load_amount, 0)
    _index("load_row", packing.load_row, 0, packing.rows)
    _index("activation_load_row", packing.activation_load_row, 0, packing.rows)
    _index("option_activation", packing.option_activation, -1, activations)
    _guard_totals(packing)


def _guard_totals(packing: Packing) -> None:
    """Refuse magnitudes whose sums could leave int64; float64 is exact enough to judge that."""
    count = packing.item_count.astype(np.float64)
    copies = np.repeat(count, np.diff(packing.item_ptr))
    cost = float(count @ packing.item_penalty) + float(packing.activation_cost.sum(dtype=np.float64))
    cost += float(copies @ packing.option_cost)
    if cost > LARGEST_TOTAL or float(count.sum()) > LARGEST_TOTAL:
        raise PackingError("option_cost, item_penalty, item_count: the total cost could exceed 64 bits")
    weight = np.repeat(copies, np.diff(packing.load_ptr)) * packing.load_amount
    # Counting nothing, bincount forgets the weights' type.
    total = np.zeros(packing.rows)
    total += np.bincount(packing.load_row, weights=weight, minlength=packing.rows)
    total += np.bincount(
        packing.activation_load_row,
        weights=packing.activation_load_amount.astype(np.float64),
        minlength=packing.rows,
    )
    over = np.flatnonzero((total > LARGEST_TOTAL) | (packing.row_capacity > LARGEST_TOTAL))
    if over.size:
        raise PackingError(f"load_amount, row_capacity: the total on row {over[0]} could exceed 64 bits")
