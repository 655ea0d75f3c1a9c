"""What is handed over arrives whole or not at all."""

from __future__ import annotations

import multiprocessing
import os

import numpy as np
import pytest

from solver.running.handover import Mailbox, packed, unpacked


def record(n: int) -> list[memoryview]:
    return packed([np.arange(n), np.zeros(0, dtype=np.int64), np.full(3, n)])


def assert_holds(box: Mailbox, *numbers: int) -> None:
    found = list(box.newest())
    assert len(found) == len(numbers)
    for body, n in zip(found, numbers, strict=True):
        assert [array.tolist() for array in unpacked(body)] == [list(range(n)), [], [n, n, n]]


def test_the_newest_two_are_kept() -> None:
    box = Mailbox()
    assert box.empty
    assert_holds(box)
    box.put(record(5))
    assert not box.empty
    assert_holds(box, 5)
    box.put(record(1000))
    box.put(record(2))
    assert_holds(box, 2, 1000)
    box.close()


@pytest.mark.parametrize("at", [0, 8, 16, 24, 40, 500])
def test_a_record_with_a_changed_byte_is_not_believed(at: int) -> None:
    box = Mailbox()
    box.put(record(100))
    box.put(record(200))
    newest = box._files[0]
    byte = os.pread(newest, 1, at)
    os.pwrite(newest, bytes([byte[0] ^ 1]), at)
    assert_holds(box, 100)
    box.close()


@pytest.mark.parametrize("size", [0, 10, 24, 25, 900])
def test_a_record_that_was_cut_short_is_not_believed(size: int) -> None:
    box = Mailbox()
    box.put(record(100))
    box.put(record(200))
    os.ftruncate(box._files[0], size)
    assert_holds(box, 100)
    box.close()


def test_it_reaches_another_process_however_that_was_started() -> None:
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        box = Mailbox()
        process = context.Process(target=box.put, args=([bytes(part) for part in record(7)],))  # type: ignore[attr-defined]
        process.start()
        process.join()
        assert process.exitcode == 0
        assert_holds(box, 7)
        box.close()
