"""Solving and checking packing files, for whichever command line asks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from solver.engines import Limits, solve
from solver.packing import load, load_placement, save_placement
from solver.packing.check import check
from solver.packing.solution import OnProgress, ShouldStop
from solver.params import DEFAULTS, SolveParams
from solver.running import contained

#: Seconds that the command waits for a killed process to be gone.
_PARTING = 0.1


def solve_file(
    file: Path,
    limits: Limits,
    out: Path | None = None,
    start: Path | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    params: SolveParams = DEFAULTS,
) -> contained.Outcome:
    """Solve a packing file, and write the plan to `out`.

    Parameters
    ----------
    start
        The file of an earlier plan to begin with; what of it does not fit this packing is left behind.
    on_progress, should_stop, params
        As for :func:`solver.running.contained.solve`.

    Raises
    ------
    PackingError, OSError
        If a file cannot be read or written, or is not what it should be.
    """
    packing = load(file)
    begin = None if start is None else load_placement(start)
    outcome = contained.solve(solve, packing, limits, on_progress, should_stop, begin, params=params)
    if out is not None:
        save_placement(out, outcome.solution.placement)
    return outcome


def answer(outcome: contained.Outcome) -> dict[str, Any]:
    """What a solve came to, as it is printed."""
    solution = outcome.solution
    return {
        "cost": solution.cost,
        "bound": solution.bound,
        "gap": round(solution.gap, 9),
        "status": solution.status,
        "unplaced": solution.unplaced,
        "seconds": round(solution.seconds, 3),
        "bound_seconds": round(solution.bound_seconds, 3),
        "ended": outcome.ended,
    }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checker says of a plan; it is legal exactly when there are no violations."""

    cost: int
    violations: list[str]

    @property
    def answer(self) -> dict[str, Any]:
        """As it is printed."""
        return {"cost": self.cost, "legal": not self.violations, "violations": self.violations}


def check_file(file: Path, plan: Path) -> Judgement:
    """Recompute cost and legality of a plan, independently of the solver.

    Raises
    ------
    PackingError, OSError
        If a file cannot be read, or is not what it should be.
    """
    packing = load(file)
    placement = load_placement(plan)
    return Judgement(*check(packing, placement.item, placement.option, placement.count))


@contextmanager
def signals_stop() -> Iterator[Callable[[], bool]]:
    """Meanwhile SIGTERM and SIGINT do not end this process; what is handed out tells whether either has come."""
    told = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True

    before = [(one, signal.signal(one, note)) for one in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield lambda: told
    finally:
        for one, handler in before:
            signal.signal(one, handler)


def leave(code: int) -> NoReturn:
    """End the process now: taking apart an interpreter that has the solver loaded takes a third of a second."""
    for child in multiprocessing.active_children():
        # A killed process; with little memory left to let go of it has ended by now.
        child.join(_PARTING)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
