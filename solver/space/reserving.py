# mypy: disallow-untyped-calls=False
"""Taking capacity of rows of which several threads take some at once.

An entry is taken off its row in one step that no other thread comes between (a fetch-and-add), and given back if the row
turns out not to have held as much. So rows are never overfilled, whatever the threads do; one may see a row short that
another is about to give back, and look elsewhere.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from solver.compiled import kernel

Ints = npt.NDArray[np.int64]

_in_turn = Lock()


def _one_step(_typing: object, array: Any, index: Any, amount: Any) -> tuple[Any, Any]:
    """``array[index] += amount`` as one step of the processor; gives what stood there before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: tuple[Any, Any, Any]) -> Any:
        kind = signature.args[0]
        inside = make_array(kind)(context, builder, arguments[0])
        where = cgutils.get_item_pointer(context, builder, kind, inside, [arguments[1]], wraparound=False)
        return builder.atomic_rmw("add", where, arguments[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), generate


def _under_lock(array: Ints, index: int, amount: int) -> int:
    """The same where kernels are not compiled (`NUMBA_DISABLE_JIT`)."""
    with _in_turn:
        before = int(array[index])
        array[index] += amount
        return before


add_at_once: Any = _under_lock if config.DISABLE_JIT else intrinsic(_one_step)  # type: ignore[attr-defined]


@kernel
def reserve(residual: Ints, row: Ints, amount: Ints, size: int) -> bool:
    """Take ``amount[e]`` off ``residual[row[e]]`` for the first `size` entries, or nothing if one row has less left."""
    for e in range(size):
        # A look first: most tries that fail then cost no other thread anything.
        if amount[e] > residual[row[e]]:
            return False
    for e in range(size):
        if add_at_once(residual, row[e], -amount[e]) < amount[e]:
            for taken in range(e + 1):
                add_at_once(residual, row[taken], amount[taken])
            return False
    return True
