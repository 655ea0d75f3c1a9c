"""Takes up waiting solves, keeps their leases, and sees to it that each of them ends.

Any number of supervisors may share a store: in service processes, in workers, on one machine or several. A solve
belongs to whoever holds its lease. A supervisor that dies stops renewing, its solve processes notice and end
themselves, and whoever watches the leases ends what they left with its newest draft, or has it taken up again.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import structlog

from app.errors import Unavailable
from app.identity.caller import SERVICE
from app.jobs.leases import Leases
from app.jobs.overtime import Overtime
from app.jobs.processes import Child
from app.jobs.solve_process import STOP, Board, Order, State, run
from app.service.ending import give_back, lose
from app.settings import Settings
from app.store.port import Store
from app.store.records import Claim
from app.trouble import Trouble
from solver.running.handover import Mailbox
from solver.running.resident import resident_mib

log = structlog.get_logger(__name__)

#: How long whoever keeps the time of solves waits for a busy store before it looks at other things.
PATIENCE_MS = 2_000
#: How often the supervisor looks around.
TICK_SECONDS = 0.1
#: How often it looks for waiting solves although nothing has happened.
LOOK_SECONDS = 1.0
#: How long a stop waits for the supervisor to finish what it is at.
_STOP_SECONDS = 3.0
#: What a solve without a plan gets beyond its time: machine code may have to be made first, and a first plan of a large
#: request takes its time, seconds a workload.
_FIRST_SECONDS, _SECONDS_A_WORKLOAD = 30.0, 1e-3


@dataclass(slots=True)
class _Solve:
    """A solve that runs: its process, the line to it, and what it has put by. Times are monotonic seconds.

    `seconds` is what the request allows, of so many `workloads`. `overtime` counts what the process has spent beyond that,
    or beyond being told to stop.
    """

    claim: Claim
    child: Child
    line: Connection
    drafts: Mailbox
    board: Board
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
        elif self.drafts.empty:
            most = min(told.overtime_seconds, _FIRST_SECONDS + self.seconds + _SECONDS_A_WORKLOAD * self.workloads)
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
    """Runs solves of one store in child processes, from a thread."""

    store: Store
    settings: Settings
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
            solve.child.kill()
        for solve in self._solves:
            try:
                give_back(self.store, solve.claim, next(solve.drafts.newest(), None))
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
        return [(solve.claim.id, solve.child.pid) for solve in list(self._solves)]

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
        ours, theirs = multiprocessing.Pipe()
        drafts, board = Mailbox(), Board()
        try:
            child = Child(run, (Order(self.settings, claim, drafts, board), theirs), f"solve-{claim.id}")
        except BaseException:
            for end in (ours, drafts, board):
                end.close()
            raise
        finally:
            theirs.close()
        log.info("solve.began", plan=claim.id, attempt=claim.attempt, pid=child.pid)
        return _Solve(claim, child, ours, drafts, board, seconds, workloads, time.monotonic())

    def _reap(self) -> None:
        """See to solves whose process has ended. What the store is too busy for is seen to the next time."""
        for solve in [solve for solve in self._solves if not solve.child.alive]:
            code = solve.child.exitcode
            if solve.why_killed is not None or code != 0:
                solve.state = solve.board.read()
                why = solve.why_killed or _cause(code)
                log.warning("solve.lost", plan=solve.claim.id, attempt=solve.claim.attempt, why=why)
                lose(
                    self.store,
                    solve.claim,
                    why,
                    self.settings.attempts,
                    record=next(solve.drafts.newest(), None),
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
                self._say_stop(solve)

    def _renew(self) -> None:
        """Give a sign of life for each solve."""
        for solve in self._solves:
            with self.store.writing(SERVICE) as session:
                stop = session.jobs.renew(solve.claim)
            if stop is None and solve.child.alive and not self._ended(solve):
                log.warning("solve.void", plan=solve.claim.id, attempt=solve.claim.attempt)
                solve.child.kill()

    def _ended(self, solve: _Solve) -> bool:
        """Whether the solve has stored its end and its process is only about to leave."""
        with self.store.reading() as session:
            plan = session.plans.get(solve.claim.id)
        return plan is not None and plan.finished_ms is not None

    def _say_stop(self, solve: _Solve) -> None:
        try:
            solve.line.send_bytes(STOP)
        except OSError:
            log.info("solve.gone", plan=solve.claim.id)

    def _kill_late(self) -> None:
        """Kill what does not end in its time or holds too much memory."""
        for solve in self._solves:
            if solve.why_killed is None and (why := self._too_much(solve)) is not None:
                solve.why_killed = why
                log.error("solve.killed", plan=solve.claim.id, why=why)
                solve.child.kill()
                solve.child.wait(TICK_SECONDS)
                self.wake()

    def _too_much(self, solve: _Solve) -> str | None:
        """Why a solve has to be killed now, if it has to."""
        limit = self.settings.solve_memory_mib
        if limit is not None and resident_mib(solve.child.pid) > limit:
            return f"it held more than {limit} MiB of memory"
        now, cpu = time.monotonic(), solve.child.cpu_seconds
        solve.state = solve.board.read()
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
        solve.child.wait(_STOP_SECONDS)
        solve.child.close()
        solve.line.close()
        solve.drafts.close()
        solve.board.close()


def _cause(exitcode: int | None) -> str:
    if exitcode is None:
        return "its process ended, and nobody saw how"
    if exitcode < 0:
        return f"its process was ended by signal {-exitcode}"
    return f"its process ended with code {exitcode}"
