"""Time beyond a limit counts by what a process could do in it."""

from __future__ import annotations

from app.jobs.overtime import Overtime


def test_a_process_that_computes_uses_its_time_up() -> None:
    overtime = Overtime.since(100.0, 7.0)
    assert overtime.look(101.0, 8.0) == 1.0
    assert overtime.look(103.0, 12.0) == 3.0


def test_a_process_that_is_starved_gets_four_times_as_long_and_no_more() -> None:
    overtime = Overtime.since(100.0, 7.0)
    assert overtime.look(102.0, 8.0) == 1.0
    assert overtime.look(106.0, 8.01) == 2.0


def test_a_process_that_hangs_gets_no_more_than_its_time() -> None:
    overtime = Overtime.since(100.0, 7.0)
    assert overtime.look(101.0, 7.0) == 0.25
    assert overtime.look(102.0, 7.0) == 0.5
    for second in range(103, 113):
        seen = overtime.look(float(second), 7.0)
    assert seen > 9
