"""Dense assignments as matrices: every item one copy, every option one row, each row at most once per item.

Generalised assignment is the pure case. Matrices by row and item let the engines for it do without pointers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking, Index
from solver.bounds.reduced_costs import ReducedCosts
from solver.packing import IntArray
from solver.params import MatrixParams


class AssignmentMatrix(NamedTuple):
    """A packing by row and item (R rows, I items), one set of prices included.

    Attributes
    ----------
    option : int32[R, I]
        The live option of the item on the row, or -1. Only where there is one do the other matrices say anything.
    cost, amount : int64[R, I]
        What the option costs, and what it loads, in `unit`s rounded up; without an option more than any row can carry.
    excess : float32[R, I]
        Reduced cost over the least of the item; without an option infinite.
    near : int32[I, K]
        The rows of least excess, least first.
    capacity : int64[R]
        The most that a row may carry, in units rounded down: what keeps to it is legal.
    price : float64[R]
        What a unit of the row is worth, in cost units.
    floor : float64[I]
        Least reduced cost of the item; 0 if it has no option.
    spread : float
        Natural unit of cost differences.
    """

    option: NDArray[np.int32]
    cost: NDArray[np.int64]
    amount: NDArray[np.int64]
    excess: NDArray[np.float32]
    near: NDArray[np.int32]
    capacity: IntArray
    price: NDArray[np.float64]
    floor: NDArray[np.float64]
    spread: float


def applies(view: CompiledPacking, params: MatrixParams) -> bool:
    """Whether the packing is a dense assignment: single copies, each option of an item on a row of its own."""
    items, rows, options = view.item_count.size, view.row_capacity.size, view.option_cost.size
    return bool(
        options
        and view.activation_cost.size == 0
        and (view.item_count == 1).all()
        and (np.diff(view.load_ptr) == 1).all()
        and params.dense * items * rows <= options
        and items * rows <= params.largest
        and np.unique(view.option_item * np.int64(rows) + view.load_row).size == options
    )


def matrix_of(
    view: CompiledPacking, guide: ReducedCosts, price: NDArray[np.float64], params: MatrixParams
) -> AssignmentMatrix:
    """The matrix of a packing that applies; `price` float64[R] are the prices behind the guide."""
    shape = view.row_capacity.size, view.item_count.size
    cell = view.load_row, view.option_item
    option = np.full(shape, -1, dtype=np.int32)
    option[cell] = np.arange(view.option_cost.size)
    cost = np.zeros(shape, dtype=np.int64)
    cost[cell] = view.option_cost
    unit = max(1, -(-int(view.row_capacity.max()) // params.finest))
    capacity = view.row_capacity // unit
    amount = np.full(shape, int(capacity.max()) + 1, dtype=np.int64)
    amount[cell] = -(-view.load_amount // unit)
    excess = np.full(shape, np.inf, dtype=np.float32)
    excess[cell] = guide.excess
    floor = np.full(shape[1], np.inf)
    np.minimum.at(floor, view.option_item, view.option_cost + view.load_amount * price[view.load_row])
    floor[np.diff(view.item_ptr) == 0] = 0.0
    return AssignmentMatrix(
        option=option,
        cost=cost,
        amount=amount,
        excess=excess,
        near=np.ascontiguousarray(np.argsort(excess, axis=0, kind="stable")[: params.near].T.astype(np.int32)),
        capacity=capacity,
        price=price * unit,
        floor=floor,
        spread=guide.spread,
    )


def rows_of(view: CompiledPacking, taken: IntArray) -> Index:
    """The row of each item, int32[I] (-1: unplaced), in a placement given as copies on each live option."""
    row = np.full(view.item_count.size, -1, dtype=np.int32)
    chosen = np.flatnonzero(taken)
    row[view.option_item[chosen]] = view.load_row[chosen]
    return row


def taken_of(matrix: AssignmentMatrix, view: CompiledPacking, row: Index) -> IntArray:
    """The reverse of `rows_of`, int64[O]."""
    taken = np.zeros(view.option_cost.size, dtype=np.int64)
    placed = np.flatnonzero(row >= 0)
    taken[matrix.option[row[placed], placed]] = 1
    return taken
