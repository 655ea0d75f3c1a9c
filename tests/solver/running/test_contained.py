"""A contained solve answers in time with a legal plan, whatever becomes of the process that solves."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from solver import engines
from solver.engines import Limits, Prices, Progress, Solution
from solver.packing import Packing, Placement
from solver.packing.check import check
from solver.packing.solution import OnBest, OnProgress, ShouldStop
from solver.params import DEFAULTS, SolveParams
from solver.running import contained
from solver.running.contained import Engine, Outcome
from tests.bench.instances import random_plane

#: Far longer than any test may take: what ends earlier was cut off.
LONG = 600.0


def packing() -> Packing:
    return random_plane(300, 30, 6, 2, 0.8, seed=3)


def plan(packing: Packing) -> Solution:
    """A plan that every process finds the same."""
    return engines.solve(packing, Limits(seconds=60, workers=1, seed=1, work=2))


def good(
    packing: Packing,
    limits: Limits,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    start: Placement | None = None,
    prices: Prices | None = None,
    on_best: OnBest | None = None,
    params: SolveParams = DEFAULTS,
) -> Solution:
    """An engine that has one plan, and no time."""
    assert on_best is not None
    assert on_progress is not None
    found = plan(packing)
    on_best(found)
    on_progress(Progress(0.0, found.cost, found.bound, found.unplaced, "good"))
    return found


def sleep_with_the_lock() -> None:
    """Hang in foreign code that never lets another Python thread run."""
    ctypes.PyDLL(None).sleep(ctypes.c_uint(int(LONG)))


def hangs(packing: Packing, *rest: object, **more: object) -> Solution:
    found = good(packing, *rest, **more)  # type: ignore[arg-type]
    sleep_with_the_lock()
    return found


def hangs_at_once(packing: Packing, *rest: object, **more: object) -> Solution:
    sleep_with_the_lock()
    raise AssertionError("it slept for too short a time")


def crashes(packing: Packing, *rest: object, **more: object) -> Solution:
    good(packing, *rest, **more)  # type: ignore[arg-type]
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it outlived its death")


def crashes_at_once(packing: Packing, *rest: object, **more: object) -> Solution:
    os._exit(3)


def raises(packing: Packing, *rest: object, **more: object) -> Solution:
    good(packing, *rest, **more)  # type: ignore[arg-type]
    raise ValueError("no idea")


def says_its_params(packing: Packing, *rest: object, params: SolveParams, **more: object) -> Solution:
    raise RuntimeError(", ".join(sorted(params.without)))


def swells(packing: Packing, *rest: object, **more: object) -> Solution:
    good(packing, *rest, **more)  # type: ignore[arg-type]
    held = []
    while len(held) < 4096:
        held.append(np.ones(2**17, dtype=np.int64))
        time.sleep(0.001)
    sleep_with_the_lock()
    raise AssertionError("nobody minded 4 GiB")


def lies(packing: Packing, *rest: object, on_best: OnBest, **more: object) -> Solution:
    found = good(packing, *rest, on_best=on_best, **more)  # type: ignore[arg-type]
    time.sleep(0.5)
    on_best(replace(found, item=found.item[1:] * 1, cost=found.cost - 10**6))
    time.sleep(0.5)
    on_best(replace(found, item=found.item * 1, count=found.count * 10**6, cost=found.cost - 10**7))
    sleep_with_the_lock()
    return found


def solved(engine: Engine, limits: Limits, **more: object) -> Outcome:
    """The outcome, which holds a legal plan in any case."""
    given = packing()
    outcome = contained.solve(engine, given, limits, **more)  # type: ignore[arg-type]
    solution = outcome.solution
    cost, violations = check(given, solution.item, solution.option, solution.count)
    assert not violations
    assert cost == solution.cost
    assert solution.unplaced == given.item_count.sum() - solution.count.sum()
    assert solution.bound <= solution.cost
    assert solution.seconds < LONG / 4
    return outcome


def assert_the_plan(outcome: Outcome) -> None:
    known = plan(packing())
    assert np.array_equal(outcome.solution.item, known.item)
    assert np.array_equal(outcome.solution.option, known.option)
    assert np.array_equal(outcome.solution.count, known.count)
    assert (outcome.solution.cost, outcome.solution.unplaced) == (known.cost, known.unplaced)


def assert_the_bound(outcome: Outcome) -> None:
    known = plan(packing())
    assert outcome.solution.bound == known.bound > 0
    assert np.array_equal(outcome.solution.prices.row, known.prices.row)
    assert outcome.solution.prices.scale == known.prices.scale


def test_it_changes_nothing_in_the_result() -> None:
    limits = Limits(seconds=300, workers=1, seed=5, work=3)
    steps: list[Progress] = []
    outcome = solved(engines.solve, limits, on_progress=steps.append)
    alone = engines.solve(packing(), limits)
    assert (outcome.ended, outcome.loss) == ("finished", None)
    for name in ("item", "option", "count"):
        assert np.array_equal(getattr(outcome.solution, name), getattr(alone, name))
    assert (outcome.solution.cost, outcome.solution.bound) == (alone.cost, alone.bound)
    assert np.array_equal(outcome.solution.prices.row, alone.prices.row)
    assert np.array_equal(outcome.solution.prices.share, alone.prices.share)
    assert (steps[-1].cost, steps[-1].bound) == (alone.cost, alone.bound)


def test_an_engine_that_hangs_is_cut_off_at_the_limit() -> None:
    outcome = solved(hangs, Limits(seconds=25.0, workers=1))
    assert (outcome.ended, outcome.loss) == ("time", None)
    assert_the_plan(outcome)
    assert_the_bound(outcome)


def test_a_stop_does_not_wait_for_an_engine_that_hangs() -> None:
    seen: list[Progress] = []
    outcome = solved(hangs, Limits(seconds=LONG, workers=1), on_progress=seen.append, should_stop=lambda: bool(seen))
    assert (outcome.ended, outcome.loss) == ("stopped", None)
    assert_the_plan(outcome)


def test_a_stop_does_not_wait_for_a_first_plan() -> None:
    outcome = solved(hangs_at_once, Limits(seconds=LONG, workers=1), should_stop=lambda: True)
    assert outcome.ended == "stopped"
    assert outcome.solution.count.size == 0


def test_a_crash_keeps_the_plan() -> None:
    outcome = solved(crashes, Limits(seconds=LONG, workers=1))
    assert (outcome.ended, outcome.loss) == ("lost", "the solving process was ended by signal 9")
    assert_the_plan(outcome)
    assert_the_bound(outcome)


def test_a_crash_keeps_the_plan_that_it_was_given() -> None:
    outcome = solved(crashes_at_once, Limits(seconds=LONG, workers=1), start=plan(packing()).placement)
    assert (outcome.ended, outcome.loss) == ("lost", "the solving process ended with code 3")
    assert_the_plan(outcome)


def test_an_engine_that_raises_keeps_its_plan_and_says_why() -> None:
    outcome = solved(raises, Limits(seconds=LONG, workers=1))
    assert (outcome.ended, outcome.loss) == ("lost", "ValueError: no idea")
    assert_the_plan(outcome)


def test_an_engine_that_swells_is_ended() -> None:
    outcome = solved(swells, Limits(seconds=LONG, workers=1, memory_mib=1000))
    assert (outcome.ended, outcome.loss) == ("memory", None)
    assert_the_plan(outcome)


@pytest.mark.slow
def test_plans_that_are_not_legal_are_not_believed() -> None:
    # Both records that are kept are wrong: then nothing is the only plan that can be vouched for.
    outcome = solved(lies, Limits(seconds=25.0, workers=1))
    assert outcome.ended == "time"
    assert outcome.solution.count.size == 0


def test_the_engine_is_given_the_parameters() -> None:
    outcome = solved(says_its_params, Limits(seconds=LONG), params=SolveParams(without=frozenset({"exact", "dives"})))
    assert (outcome.ended, outcome.loss) == ("lost", "RuntimeError: dives, exact")
