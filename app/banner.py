"""What a person at the terminal sees when the service starts: how the first plan comes along, and where to look."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from app.schemas.plans import PlanOut, ProgressPoint
from app.seed import load_reference
from app.service.money import money_of
from app.service.plans import ENDED, see
from app.settings import Settings
from app.store.port import Store
from solver.facts.money import Money

#: How often the plan is looked at.
LOOK_SECONDS = 0.5


class FirstStart:
    """The reference network, loaded into a store that holds nothing, and its request, asked once."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings

    def load(self, out: TextIO) -> str | None:
        """Load what is not there yet, telling of it; the plan that is solved now, if one is."""
        _say("Loading the reference network, if nothing is stored yet ...", out)
        loaded = load_reference(self._store, self._settings.reference_dir, self._settings.default_seconds)
        if loaded is None:
            return None
        counts = ", ".join(f"{count} {kind}" for kind, count in loaded.counts.items())
        _say(f"Loaded the reference network: {counts}.", out)
        return loaded.plan


def greet(store: Store, base: str, first: FirstStart | None, serving: Callable[[], bool], out: TextIO = sys.stdout) -> None:
    """Say where to look as soon as there is something to see; load what a first start loads, and follow its plan to the end.

    The service answers meanwhile. Returns early once nothing is served.
    """
    while not serving():
        time.sleep(0.05)
    plan = None if first is None else first.load(out)
    if plan is None:
        print(f"\nEdgeplan is at {base}, with what was stored before.", file=out)
        print(f"  dashboard        {base}/", file=out)
        print(f"  documentation    {base}/docs", file=out)
        print(f"  what is in force curl -s {base}/v1/allocations/summary", file=out)
        print(f"  plans            curl -s {base}/v1/plans", file=out, flush=True)
        return
    _say(f"The dashboard is at {base}/. Solving the reference request meanwhile ...", out)
    with store.reading() as session:
        money = money_of(session).solver()
    shown: float | None = None
    while serving():
        seen = see(store, plan)
        if seen.best is not None and seen.best.seconds != shown:
            shown = seen.best.seconds
            print(f"  {_line(ProgressPoint.of(seen.best), money)}", file=out, flush=True)
        if seen.row.status in ENDED:
            _tell(PlanOut.of(seen.row, seen.best), base, out)
            return
        time.sleep(LOOK_SECONDS)


def _say(line: str, out: TextIO) -> None:
    print(line, file=out, flush=True)


def _line(point: ProgressPoint, money: Money) -> str:
    return (
        f"{point.seconds:6.1f} s  cost {money.said(point.cost)} a month, proven at least {money.amount(point.bound)} "
        f"(gap {point.gap:.2%}), {point.unplaced} unplaced, {point.phase}"
    )


def _tell(plan: PlanOut, base: str, out: TextIO) -> None:
    result = plan.result
    if result is None:
        why = plan.failure.reason if plan.failure is not None else plan.status
        print(f"There is no plan: {why}", file=out)
    else:
        summary, cost = result.summary, result.money.solver().said(result.cost)
        for warning in result.warnings:
            print(f"\n{warning.message}", file=out)
        print(
            f"\nPlaced {summary.placed.workloads} workloads ({summary.placed.devices:,} devices) as "
            f"{summary.placed.shards} shards; {summary.refused.workloads} fit nowhere, each with its reasons.\n"
            f"Cost {cost} a month; proven to be within {result.gap:.2%} of the least possible; "
            f"verified; {result.seconds:.1f} s.",
            file=out,
        )
    print(f"\n  dashboard        {base}/\n  documentation    {base}/docs", file=out)
    print(f"  what fits nowhere, and why\n    curl -s '{base}/v1/plans/{plan.id}/unplaced?limit=5'", file=out)
    print(f"  make it the allocation\n    curl -s -X POST {base}/v1/plans/{plan.id}/apply", file=out, flush=True)
