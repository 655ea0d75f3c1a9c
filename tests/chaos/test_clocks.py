"""Clocks that are a day ahead, a day back, or seconds apart: solves are neither stuck nor taken from those who live."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.asking import Notes
from tests.chaos.clients import at_work
from tests.chaos.scenes import at_rest, judged, tell
from tests.chaos.services import INSIDE, ROOT, Process, running

DAY = 86_400
#: Seconds between two turns of the clock.
LENGTHS = pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(2.0, marks=pytest.mark.slow, id="short"),
        pytest.param(6.0, marks=[pytest.mark.chaos, pytest.mark.timeout(1200)], id="long"),
    ],
)


@LENGTHS
def test_a_clock_that_is_turned_holds_nothing_up(tmp_path: Path, seconds: float) -> None:
    """It is turned while solves run; the service is killed each time, so that what it has noted outlives it."""
    clock = tmp_path / "clock"
    service, notes = Process(tmp_path, solves_at_once="2", CHAOS_CLOCK=str(clock)), Notes()
    with running(service):
        begin = tell(service)
        with at_work(service.port, notes, 5):
            for ahead in (DAY, -DAY):
                time.sleep(seconds / 2)
                clock.write_text(str(ahead))
                time.sleep(seconds / 2)
                service.again()
        history = at_rest(service, notes, begin)
    print(f"clock turned: {len(history.calls)} requests, {len(history.end.plans)} plans")
    judged(history, tmp_path)


@LENGTHS
def test_a_worker_whose_clock_is_ahead_takes_no_living_solve(tmp_path: Path, seconds: float) -> None:
    clock = tmp_path / "clock"
    clock.write_text("20")
    service, worker = Process(tmp_path, solves_at_once="2"), Process(tmp_path, worker=True, CHAOS_CLOCK=str(clock))
    notes = Notes()
    with running(service, worker):
        begin = tell(service)
        with at_work(service.port, notes, 6):
            time.sleep(3 * seconds)
        history = at_rest(service, notes, begin)
    begun = Counter(event["plan"] for event in history.end.events if event["type"] == "plan.started")
    print(f"a worker 20 s ahead: {len(history.end.plans)} plans, at most {max(begun.values(), default=0)} beginnings of one")
    judged(history, tmp_path)
    assert set(begun.values()) <= {1}, f"solves that lived were begun again: {begun.most_common(5)}"


def test_the_turned_clock_is_turned(tmp_path: Path) -> None:
    """What the tests put into a process turns its clock, and its day."""
    (tmp_path / "clock").write_text(str(10 * DAY))
    told = {"CHAOS_CLOCK": str(tmp_path / "clock"), "PYTHONPATH": f"{INSIDE}:{ROOT}"}
    program = "from app.clock import now_ms, today; print(now_ms(), today().toordinal())"
    said = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **told}, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert abs(int(said[0]) / 1000 - time.time() - 10 * DAY) < DAY
    assert abs(int(said[1]) * DAY - 719_163 * DAY - time.time() - 10 * DAY) < 2 * DAY
