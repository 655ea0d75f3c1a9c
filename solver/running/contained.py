"""A solve in a process of its own, so that the answer comes in time whatever becomes of that process.

The calling process keeps the clock. The solving process hands over its best plan again and again; at the limit, at a
stop, beyond the memory or when it dies, it is killed and the last plan that the checker finds legal is the answer.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

import numpy as np

from solver.packing import Packing, Placement
from solver.packing.check import check
from solver.packing.solution import Limits, OnBest, OnProgress, Prices, ShouldStop, Solution
from solver.params import DEFAULTS, SolveParams
from solver.running.budget import Budget
from solver.running.child import Caller, Child, ending
from solver.running.handover import Mailbox, packed, unpacked
from solver.running.incumbent import Incumbent, WrongAnswer

#: How a solve ended: by itself; cut off at its time limit or beyond its memory; told to stop; or its process was lost.
Ended: TypeAlias = Literal["finished", "time", "memory", "stopped", "lost"]

#: Seconds between two looks at the process.
_TICK = 0.02
#: Seconds beyond a limit or a stop in which the process may hand in its answer in good order. Engines take up to 0.3.
_GRACE = 0.36
#: Seconds, and share of the limit, that the engines end earlier, so that the answer is there at the limit.
_KEPT, _KEPT_SHARE = 0.3, 0.03
#: Seconds more than the engines take beyond the limit for a first plan (`first_grace`), so that it is handed over.
_HANDING = 1.0
#: Handing over takes one part in so many of the time.
_SPARING = 40
#: Seconds after which a process that nobody watches any more ends, beyond its limit.
_ABANDONED = 60.0


class Engine(Protocol):
    """Whatever solves packings the way :func:`solver.engines.solve` does. Importable by name."""

    def __call__(
        self,
        packing: Packing,
        limits: Limits,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
        start: Placement | None = None,
        prices: Prices | None = None,
        on_best: OnBest | None = None,
        params: SolveParams = DEFAULTS,
    ) -> Solution: ...


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer of a contained solve.

    `solution` is legal by the checker in any case; at worst it leaves everything unplaced. `loss` says why the process
    was lost, and is None unless `ended` is "lost".
    """

    solution: Solution
    ended: Ended
    loss: str | None = None


@dataclass(frozen=True, eq=False)
class _Task:
    packing: Packing
    limits: Limits
    start: Placement | None
    prices: Prices | None
    params: SolveParams
    engine: Engine
    #: Monotonic seconds, which all processes of a machine share.
    began: float
    plans: Mailbox
    dual: Mailbox


@dataclass(frozen=True, slots=True)
class _End:
    """Sent last: what the process reached; or, with a `fault`, that an engine raised."""

    bound: int = 0
    bound_seconds: float = 0.0
    phase_seconds: Mapping[str, float] = field(default_factory=dict)
    fault: str | None = None


def solve(
    engine: Engine,
    packing: Packing,
    limits: Limits,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    start: Placement | None = None,
    prices: Prices | None = None,
    params: SolveParams = DEFAULTS,
) -> Outcome:
    """Have an engine solve a packing in a process of its own; arguments as for :func:`solver.engines.solve`.

    The answer is there within about half a second of the time limit or of a stop, whatever the engines do. A limit
    too short for a first plan still buys one, a stop does not wait for it. `limits.memory_mib` is hard: a process that
    holds more (what it shares with this one included) is killed at once.
    """
    began = time.monotonic()
    clock = Budget(replace(limits, memory_mib=None), should_stop)
    plans, dual = Mailbox(), Mailbox()
    try:
        task = _Task(packing, limits, start, prices, params, engine, began, plans, dual)
        watch = _Watch(task, clock, on_progress)
        try:
            ended, loss = watch.until_the_end()
        finally:
            watch.kill()
        return Outcome(_answer(task, clock, watch), ended, loss)
    finally:
        plans.close()
        dual.close()


class _Watch:
    """The calling process's view of the one that solves."""

    def __init__(self, task: _Task, clock: Budget, on_progress: OnProgress | None) -> None:
        self.bound, self.bound_seconds = 0, 0.0
        self.phase_seconds: Mapping[str, float] = {}
        self._task = task
        self._clock = clock
        self._tell = on_progress
        self._child = _child(task)

    def until_the_end(self) -> tuple[Ended, str | None]:
        """Follow the process until it has answered or has to be cut off; says which, and why it was lost if it was."""
        memory, first_grace = self._task.limits.memory_mib, self._task.params.first_grace
        until: float | None = None
        while True:
            self._child.line.poll(_TICK)
            dead = not self._child.alive
            try:
                end = self._hear()
            except (EOFError, OSError):
                return ("lost", self._cause()) if until is None else ("stopped", None)
            if end is not None and end.fault is not None:
                return "lost", end.fault
            if end is not None:
                self._raise(end.bound, end.bound_seconds)
                self.phase_seconds = end.phase_seconds
                return ("finished" if until is None else "stopped"), None
            if dead:
                return "lost", self._cause()
            if memory is not None and self._child.resident_mib > memory:
                return "memory", None
            over = self._clock.watch()
            if self._clock.halted and until is None:
                until = time.monotonic() + _GRACE
                self._child.stop()
            if until is not None and time.monotonic() > until:
                return "stopped", None
            if over and self._clock.left() < -(first_grace + _HANDING if self._task.plans.empty else _GRACE):
                return "time", None

    def kill(self) -> None:
        """End the process, whatever it does. Its last moments are not waited for: letting go of much memory takes long."""
        self._child.kill()
        self._child.wait(_TICK)
        self._child.close()

    def _hear(self) -> _End | None:
        """Pass on what the process has said."""
        while self._child.line.poll():
            said = self._child.line.recv()
            if isinstance(said, _End):
                return said
            self._raise(said.bound, said.seconds)
            if self._tell is not None:
                self._tell(said)
        return None

    def _raise(self, bound: int, seconds: float) -> None:
        if bound > self.bound:
            self.bound, self.bound_seconds = bound, seconds

    def _cause(self) -> str:
        """Why the process was lost, which is given a moment to be gone."""
        return f"the solving process {ending(self._child.exitcode if self._child.wait(_GRACE) else None)}"


def _child(task: _Task) -> Child:
    """The process that solves.

    A fork has the packing and all imports at once, and where this process runs no other Python thread nothing can be
    locked in it for ever: neither numba nor OR-Tools has begun anything before the first solve, and the linear algebra
    libraries see to their own threads at a fork. Beside other threads a fresh interpreter is started, whose imports
    then take a second or two of the time.
    """
    context = multiprocessing.get_context("fork" if threading.active_count() == 1 else "spawn")
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside any thread warns, those of a linear algebra library included.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Child(context, _run, (task,), "edgeplan-contained", daemon=True)


def _answer(task: _Task, clock: Budget, watch: _Watch) -> Solution:
    """The newest plan that is whole and legal by this process's own check, with the bound and the prices beside it."""
    best = Incumbent(task.packing, clock)
    for record in task.plans.newest():
        try:
            best.offer_placement(Placement(*unpacked(record)), "handover")
        except WrongAnswer:
            continue
        break
    else:
        # Killed before it had looked even at the plan that it was given.
        start = task.start
        if start is not None and not check(task.packing, start.item, start.option, start.count)[1]:
            best.offer_placement(start, "start")
    best.believe(watch.bound, "handover")
    prices = Prices.zero(task.packing.rows)
    for row, share, scale in map(unpacked, task.dual.newest()):
        prices = Prices(row, share, int(scale[0]))
        break
    return replace(best.solution(), bound_seconds=watch.bound_seconds, prices=prices, phase_seconds=watch.phase_seconds)


def _run(task: _Task, caller: Caller) -> None:
    """Solve, in the process made for it."""
    stop = caller.listen()
    # Without a caller even an engine that hangs and lets no other thread run has to end: the kernel sees to it.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, task.limits.seconds + task.params.first_grace + _HANDING + _ABANDONED)
    late = time.monotonic() - task.began
    limits = replace(task.limits, memory_mib=None)
    if limits.work is None:
        # With a work limit the seconds shape the search a little: they stay as given, so that it can be repeated.
        kept = min(_KEPT, _KEPT_SHARE * limits.seconds)
        limits = replace(limits, seconds=max(0.0, limits.seconds - late - kept))
    sharing = _Sharing(task.plans, task.dual)
    try:
        solution = task.engine(
            task.packing,
            limits,
            on_progress=lambda progress: caller.tell(replace(progress, seconds=progress.seconds + late)),
            should_stop=stop.is_set,
            start=task.start,
            prices=task.prices,
            on_best=sharing,
            params=task.params,
        )
        sharing.put_plan(solution)
        sharing.put_prices(solution.prices)
        end = _End(solution.bound, solution.bound_seconds + late, solution.phase_seconds)
    except BaseException as problem:
        end = _End(fault=f"{type(problem).__name__}: {problem}")
    caller.tell(end)


class _Sharing:
    """Hands over what is new, the first plan at once and the others so seldom that it costs next to nothing."""

    def __init__(self, plans: Mailbox, dual: Mailbox) -> None:
        self._plans = plans
        self._dual = dual
        self._item: object = None
        self._prices: object = None
        self._plan_due = self._prices_due = 0.0

    def __call__(self, best: Solution) -> None:
        now = time.monotonic()
        if now >= self._plan_due:
            self.put_plan(best)
            self._plan_due = _due(now)
        now = time.monotonic()
        if now >= self._prices_due:
            self.put_prices(best.prices)
            self._prices_due = _due(now)

    def put_plan(self, best: Solution) -> None:
        """Hand over a plan, unless it was the last one already."""
        if best.item is not self._item:
            self._plans.put(packed([best.item, best.option, best.count]))
            self._item = best.item

    def put_prices(self, prices: Prices) -> None:
        """Hand over prices, unless they were the last ones already."""
        if prices is not self._prices:
            self._dual.put(packed([prices.row, prices.share, np.array([prices.scale])]))
            self._prices = prices


def _due(began: float) -> float:
    """When to hand over again, after doing so since `began`."""
    now = time.monotonic()
    return now + (_SPARING - 1) * (now - began)
