"""Takes up waiting solves, keeps their leases, and sees to it that each of them ends.

Any number of supervisors may share a store: in service processes, in workers, on one machine or several. A solve
belongs to whoever holds its lease. A supervisor that dies stops renewing, its solve processes notice and end
themselves, and whoever watches the leases ends what they left with its newest draft, or has it taken up again.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass, field

import structlog

from app.errors import Unavailable
from app.identity.caller import SERVICE
from app.jobs.leases import Leases
from app.jobs.overtime import Overtime
from app.jobs.runner import ProcessRunner, Runner, Running
from app.jobs.solve_process import State
from app.service.ending import give_back, lose
from app.settings import Settings
from app.store.port import Store
from app.store.records import Claim
from app.trouble import Trouble
from solver.params import DEFAULTS
from solver.running.child import ending

log = structlog.get_logger(__name__)

#: How long whoever keeps the time of solves waits for a busy store before it looks at other things.
PATIENCE_MS = 2_000
#: How often the supervisor looks around.
TICK_SECONDS = 0.1
#: How often it looks for waiting solves although nothing has happened.
LOOK_SECONDS = 1.0
#: How long a stop waits for the supervisor to finish what it is at.
_STOP_SECONDS = 3.0
#: What a solve without a plan gets beyond its time, and beyond `first_grace`: a first plan of a large request takes its
#: time, seconds a workload.
_SECONDS_A_WORKLOAD = 1e-3


@dataclass(slots=True)
class _Solve:
    """A solve that is held. Times are monotonic seconds.

    `seconds` is what the request allows, of so many `workloads`. `overtime` counts what it has spent beyond that,
    or beyond being told to stop.
    """

    claim: Claim
    running: Running
    seconds: float
    workloads: int
    began: float
    stopping: bool = False
    state: State = field(default_factory=State)
    overtime: Overtime | None = None
    why_killed: str | None = None

    @property
    def time_up(self) -> float:
        """When its time is over: it begins to run with the search."""
        return (self.state.searching_since or self.began) + self.seconds

    def grace(self, told: Settings) -> float:
        """Seconds that it is given beyond its time, or beyond being told to stop.

        A search that has ended is let store what it found. One that has a better plan than the one it has put by is given
        the time to hand that in.
        """
        if self.state.searched:
            most = told.overtime_seconds
        elif not self.running.drafted:
            most = min(told.overtime_seconds, DEFAULTS.first_grace + self.seconds + _SECONDS_A_WORKLOAD * self.workloads)
        else:
            most = told.catch_up_seconds if self.state.behind else told.cut_seconds
        return min(most, told.stop_seconds) if self.stopping else most

    @property
    def spoilt(self) -> bool:
        """Whether it was killed for what another attempt would do as well; not having begun may be for want of the store."""
        late = self.overtime is not None
        return self.why_killed is not None and not (late and self.state.searching_since is None)


@dataclass(slots=True)
class Supervisor:
    """Has solves of one store carried out, by a runner of processes where none is given, from a thread."""

    store: Store
    settings: Settings
    runner: Runner | None = None
    owner: str = field(default_factory=lambda: f"{socket.gethostname()[:32]}-{os.getpid()}-{time.monotonic_ns()}")
    _solves: list[_Solve] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _leases: Leases | None = None
    _woken: threading.Event = field(default_factory=threading.Event)
    _ending: bool = False
    _idle_at: int | None = None
    _idle_until: float = 0.0
    _trouble: Trouble = field(default_factory=lambda: Trouble("supervisor", TICK_SECONDS, most_seconds=2.0))

    def start(self) -> None:
        """Begin to take up solves."""
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()
        self._leases = Leases(self.store, self.settings)
        self._leases.start()

    def wake(self) -> None:
        """Look for waiting solves now."""
        self._woken.set()

    def stop(self) -> None:
        """End all solve processes and give their solves back with their drafts, to be taken up by the next supervisor.

        What the store is too busy for is left to whoever watches the leases.
        """
        self._ending = True
        self.wake()
        if self._leases is not None:
            self._leases.stop()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
        for solve in self._solves:
            solve.running.kill()
        for solve in self._solves:
            try:
                give_back(self.store, solve.claim, solve.running.draft)
            except Unavailable as error:
                log.warning("solve.left", plan=solve.claim.id, code=error.code)
            self._bury(solve)
        self._solves.clear()

    @property
    def alive(self) -> bool:
        """Whether the supervisor is at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def at_work(self) -> list[tuple[str, int]]:
        """The solves that run here, as (plan, process id)."""
        return [(solve.claim.id, solve.running.pid) for solve in list(self._solves)]

    def _watch(self) -> None:
        beat = 0.0
        while not self._ending:
            try:
                self._reap()
                self._kill_late()
                if time.monotonic() >= beat:
                    beat = time.monotonic() + self.settings.heartbeat_seconds
                    self._renew()
                self._pass_stops_on()
                self._take_up()
            except Exception as error:
                # What has been settled by then is settled; the rest is tried again.
                pause = self._trouble.met(error)
            else:
                pause = TICK_SECONDS
                self._trouble.over()
            self._woken.wait(pause)
            self._woken.clear()

    def _take_up(self) -> None:
        """Start waiting solves while there is room."""
        while len(self._solves) < self.settings.solves_at_once and not self._ending:
            marks = self.store.peek()
            # Whatever makes a solve wait is an event, so without a new one the answer is the same.
            if marks is not None and marks.event == self._idle_at and time.monotonic() < self._idle_until:
                return
            with self.store.reading() as session:
                waiting = session.jobs.waiting()
            if not waiting:
                self._idle_at = None if marks is None else marks.event
                self._idle_until = time.monotonic() + LOOK_SECONDS
                return
            with self.store.writing(SERVICE) as session:
                claim = session.jobs.claim(self.owner)
                plan = None if claim is None else session.plans.get(claim.id)
            if claim is None or plan is None:
                return
            seconds = plan.brief["limits"]["seconds"] or self.settings.default_seconds
            try:
                self._solves.append(self._spawn(claim, seconds, plan.brief["workloads"]))
            except (OSError, EOFError):
                # No fault of the plan's: nothing has been tried.
                log.exception("solve.not_started", plan=claim.id)
                give_back(self.store, claim, None)
                time.sleep(TICK_SECONDS)
                return

    def _spawn(self, claim: Claim, seconds: float, workloads: int) -> _Solve:
        running = (self.runner or ProcessRunner(self.settings)).start(claim)
        log.info("solve.began", plan=claim.id, attempt=claim.attempt, pid=running.pid)
        return _Solve(claim, running, seconds, workloads, time.monotonic())

    def _reap(self) -> None:
        """See to solves that have ended. What the store is too busy for is seen to the next time."""
        for solve in [solve for solve in self._solves if not solve.running.alive]:
            code = solve.running.exitcode
            if solve.why_killed is not None or code != 0:
                solve.state = solve.running.state
                why = solve.why_killed or f"its process {ending(code)}"
                log.warning("solve.lost", plan=solve.claim.id, attempt=solve.claim.attempt, why=why)
                lose(
                    self.store,
                    solve.claim,
                    why,
                    self.settings.attempts,
                    record=solve.running.draft,
                    reported=solve.state.found,
                    killed=solve.spoilt,
                )
            self._solves.remove(solve)
            self._bury(solve)

    def _pass_stops_on(self) -> None:
        """Pass on that a stop is wanted."""
        for solve in self._solves:
            if solve.stopping:
                continue
            with self.store.reading() as session:
                solve.stopping = session.jobs.stop_wanted(solve.claim)
            if solve.stopping:
                solve.overtime = None
                if not solve.running.stop():
                    log.info("solve.gone", plan=solve.claim.id)

    def _renew(self) -> None:
        """Give a sign of life for each solve."""
        for solve in self._solves:
            with self.store.writing(SERVICE) as session:
                stop = session.jobs.renew(solve.claim)
            if stop is None and solve.running.alive and not self._ended(solve):
                log.warning("solve.void", plan=solve.claim.id, attempt=solve.claim.attempt)
                solve.running.kill()

    def _ended(self, solve: _Solve) -> bool:
        """Whether the solve has stored its end and its process is only about to leave."""
        with self.store.reading() as session:
            plan = session.plans.get(solve.claim.id)
        return plan is not None and plan.finished_ms is not None

    def _kill_late(self) -> None:
        """Kill what does not end in its time or holds too much memory."""
        for solve in self._solves:
            if solve.why_killed is None and (why := self._too_much(solve)) is not None:
                solve.why_killed = why
                log.error("solve.killed", plan=solve.claim.id, why=why)
                solve.running.kill()
                solve.running.wait(TICK_SECONDS)
                self.wake()

    def _too_much(self, solve: _Solve) -> str | None:
        """Why a solve has to be killed now, if it has to."""
        limit = self.settings.solve_memory_mib
        if limit is not None and solve.running.resident_mib > limit:
            return f"it held more than {limit} MiB of memory"
        now, cpu = time.monotonic(), solve.running.cpu_seconds
        solve.state = solve.running.state
        if not solve.stopping and now < solve.time_up:
            # What was counted while it had not begun does not count against its search.
            solve.overtime = None
            return None
        solve.overtime = solve.overtime or Overtime.since(now, cpu)
        grace = solve.grace(self.settings)
        if solve.overtime.look(now, cpu) <= grace:
            return None
        since = "being cancelled" if solve.stopping else "the end of its time"
        return f"it did not hand in its plan within {grace:g} s of {since}"

    def _bury(self, solve: _Solve) -> None:
        solve.running.wait(_STOP_SECONDS)
        solve.running.close()
