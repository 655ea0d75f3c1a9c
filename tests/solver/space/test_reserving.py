"""Taking room: all of an option's entries or none, and never more than there is, however many threads take it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import numpy.typing as npt

from solver.space.reserving import reserve

Ints = npt.NDArray[np.int64]


def test_all_is_taken_or_nothing() -> None:
    residual = np.array([5, 3, 9])
    assert reserve(residual, np.array([0, 1]), np.array([2, 3]), 2)
    assert residual.tolist() == [3, 0, 9]
    assert not reserve(residual, np.array([2, 1]), np.array([4, 1]), 2)
    assert residual.tolist() == [3, 0, 9]


def test_a_row_that_is_named_twice_must_hold_both() -> None:
    residual = np.array([3, 1])
    assert not reserve(residual, np.array([0, 1, 0]), np.array([2, 1, 2]), 3)
    assert residual.tolist() == [3, 1]


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def take_all(residual: Ints, row: Ints, amount: Ints, tries: int) -> int:
    taken = 0
    for _ in range(tries):
        taken += reserve(residual, row, amount, len(row))
    return taken


def test_threads_together_take_what_there_is() -> None:
    # So many that no thread is through before the next one begins.
    tries, threads = 10_000_000, 4
    residual = np.array([3 * tries, 2 * tries])
    take_all(residual.copy(), np.array([0, 1]), np.array([3, 2]), 1)
    with ThreadPoolExecutor(threads) as pool:
        each = pool.map(lambda _: take_all(residual, np.array([0, 1]), np.array([3, 2]), tries), range(threads))
        taken = sum(each)
    assert (residual >= 0).all()
    assert residual.tolist() == [3 * (tries - taken), 2 * (tries - taken)]
    # A thread may find short what another is about to give back; at the very end only.
    assert taken > 0.99 * tries
