"""Takes up waiting solves, keeps their leases, and sees to it that each of them ends.

Any number of supervisors may share a store: in service processes, in workers, on one machine or several. A solve
belongs to whoever holds its lease. A supervisor that dies stops renewing, its solve processes notice and end
themselves, and another supervisor (or the same one, started again) takes up what they left.
"""

from __future__ import annotations

import os
import pickle
import socket
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import structlog

from app.clock import now_ms
from app.errors import StoreBusy
from app.jobs.processes import context
from app.jobs.solve_process import STOP, Order, run
from app.service import lifecycle
from app.service.drafts import Draft, keep
from app.service.solving import fail, lose
from app.settings import Settings
from app.store.port import Store
from app.store.records import Claim
from solver.handover import Mailbox
from solver.resident import resident_mib

log = structlog.get_logger(__name__)

#: How often the supervisor looks around.
TICK_SECONDS = 0.1

#: How often it looks for waiting solves although nothing has happened: leases run out without an event.
LOOK_SECONDS = 1.0


@dataclass(slots=True)
class _Solve:
    """A solve that runs: its process, the line to it, and what it has put by. Times are monotonic seconds.

    `seconds` is what the request allows, `time_up` when that is over: it begins to run with the search. `found` and
    `drafted` are the costs of the best plan that it has and of the best that it has put by.
    """

    claim: Claim
    process: ForkServerProcess
    pid: int
    line: Connection
    drafts: Mailbox
    seconds: float
    time_up: float
    stopping_since: float | None = None
    searched: bool = False
    found: float | None = None
    drafted: float | None = None
    why_killed: str | None = None

    def grace(self, told: Settings, without: float) -> float:
        """Seconds that it is given beyond its time; `without` where killing it leaves no plan.

        A search that has ended is let store what it found. One that has a better plan than the one it has put by is given
        the time to hand that in: it may have been shown to people already.
        """
        if self.searched or self.drafts.empty:
            return without
        behind = self.found is not None and (self.drafted is None or self.found < self.drafted)
        return min(told.catch_up_seconds, without) if behind else told.cut_seconds


@dataclass(slots=True)
class Supervisor:
    """Runs solves of one store in child processes, from a thread."""

    store: Store
    settings: Settings
    owner: str = field(default_factory=lambda: f"{socket.gethostname()[:32]}-{os.getpid()}-{time.monotonic_ns()}")
    _solves: list[_Solve] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _woken: threading.Event = field(default_factory=threading.Event)
    _ending: bool = False
    _idle_at: int | None = None
    _idle_until: float = 0.0

    def start(self) -> None:
        """Begin to take up solves."""
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for waiting solves now."""
        self._woken.set()

    def stop(self) -> None:
        """End all solve processes and give their solves back, to be taken up by the next supervisor."""
        self._ending = True
        self.wake()
        if self._thread is not None:
            self._thread.join()
        for solve in self._solves:
            solve.process.kill()
            solve.process.join()
            lose(self.store, solve.claim, None, self.settings.attempts)
            self._bury(solve)
        self._solves.clear()

    @property
    def alive(self) -> bool:
        """Whether the supervisor is at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def at_work(self) -> list[tuple[str, int]]:
        """The solves that run here, as (plan, process id)."""
        return [(solve.claim.id, solve.pid) for solve in list(self._solves)]

    def _watch(self) -> None:
        beat = 0.0
        while not self._ending:
            try:
                self._reap()
                if time.monotonic() >= beat:
                    beat = time.monotonic() + self.settings.heartbeat_seconds
                    self._renew()
                    self._give_up()
                self._listen()
                self._kill_late()
                self._take_up()
            except StoreBusy:
                log.warning("supervisor.store_busy")
            except Exception:
                log.exception("supervisor.broke")
                time.sleep(TICK_SECONDS)
            self._woken.wait(TICK_SECONDS)
            self._woken.clear()

    def _take_up(self) -> None:
        """Start waiting solves while there is room."""
        while len(self._solves) < self.settings.solves_at_once and not self._ending:
            now, marks = now_ms(), self.store.peek()
            # Whatever makes a solve wait is an event, so without a new one the answer is the same.
            if marks is not None and marks.event == self._idle_at and time.monotonic() < self._idle_until:
                return
            with self.store.reading() as session:
                waiting = session.jobs.waiting(now)
            if not waiting:
                self._idle_at = None if marks is None else marks.event
                self._idle_until = time.monotonic() + LOOK_SECONDS
                return
            with self.store.writing() as session:
                lease = int(self.settings.lease_seconds * 1000)
                claim = session.jobs.claim(self.owner, now, lease, self.settings.attempts)
                plan = None if claim is None else session.plans.get(claim.id)
            if claim is None or plan is None:
                return
            seconds = plan.brief["limits"]["seconds"] or self.settings.default_seconds
            self._solves.append(self._spawn(claim, seconds))

    def _spawn(self, claim: Claim, seconds: float) -> _Solve:
        ours, theirs = context().Pipe()
        drafts = Mailbox()
        order = Order(self.settings, claim, drafts)
        process = context().Process(target=run, args=(order, theirs), name=f"solve-{claim.id}")
        process.start()
        theirs.close()
        log.info("solve.began", plan=claim.id, attempt=claim.attempt, pid=process.pid)
        return _Solve(claim, process, process.pid or 0, ours, drafts, seconds, time.monotonic() + seconds)

    def _reap(self) -> None:
        """See to solves whose process has ended. What the store is too busy for is seen to the next time."""
        for solve in [solve for solve in self._solves if not solve.process.is_alive()]:
            code = solve.process.exitcode
            if solve.why_killed is not None:
                self._settle(solve, solve.why_killed)
            elif code != 0:
                log.warning("solve.lost", plan=solve.claim.id, attempt=solve.claim.attempt, exitcode=code)
                lose(self.store, solve.claim, _cause(code), self.settings.attempts)
            self._solves.remove(solve)
            self._bury(solve)

    def _settle(self, solve: _Solve, why: str) -> None:
        """End the plan of a solve that was killed: with the last plan that it put by, if it had one."""
        cancelled = solve.stopping_since is not None
        for record in solve.drafts.newest():
            draft: Draft = pickle.loads(record)
            keep(self.store, solve.claim, draft, "cancelled" if cancelled else "finished", cut_off=why)
            return
        fail(self.store, solve.claim, "solve.killed", why, "cancelled" if cancelled else "failed")

    def _listen(self) -> None:
        """Hear how far the solves are, and pass on that a stop is wanted."""
        for solve in self._solves:
            self._hear(solve)
            if solve.stopping_since is None:
                with self.store.reading() as session:
                    stop = session.jobs.stop_wanted(solve.claim)
                if stop:
                    solve.stopping_since = time.monotonic()
                    self._say_stop(solve)

    def _hear(self, solve: _Solve) -> None:
        try:
            while solve.line.poll():
                what, value = solve.line.recv()
                if what == "found":
                    solve.found = value if solve.found is None else min(value, solve.found)
                elif what == "drafted":
                    solve.drafted = value
                elif what == "searching":
                    solve.time_up = value + solve.seconds
                else:
                    solve.searched = True
        except (EOFError, OSError):
            # It has ended, which is seen to elsewhere.
            return

    def _renew(self) -> None:
        """Prolong the leases."""
        for solve in self._solves:
            with self.store.writing() as session:
                until = now_ms() + int(self.settings.lease_seconds * 1000)
                stop = session.jobs.renew(solve.claim, until)
            if stop is None and solve.process.is_alive() and not self._ended(solve):
                log.warning("solve.void", plan=solve.claim.id, attempt=solve.claim.attempt)
                solve.process.kill()

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
        """Kill what does not end in its time or holds too much memory; it gets no second attempt."""
        for solve in self._solves:
            if solve.why_killed is None and (why := self._too_much(solve)) is not None:
                solve.why_killed = why
                log.error("solve.killed", plan=solve.claim.id, why=why)
                solve.process.kill()
                solve.process.join(TICK_SECONDS)
                self.wake()

    def _too_much(self, solve: _Solve) -> str | None:
        """Why a solve has to be killed now, if it has to."""
        now, told = time.monotonic(), self.settings
        stop_grace = solve.grace(told, told.stop_seconds)
        if solve.stopping_since is not None and now > solve.stopping_since + stop_grace:
            return f"It did not hand in its plan within {stop_grace:g} s of being cancelled."
        grace = solve.grace(told, told.overtime_seconds)
        if now > solve.time_up + grace:
            return f"It ran {grace:g} s beyond its time."
        if told.solve_memory_mib is not None and resident_mib(solve.pid) > told.solve_memory_mib:
            return f"It held more than {told.solve_memory_mib} MiB of memory."
        return None

    def _give_up(self) -> None:
        """End plans that were lost too often by supervisors that are gone."""
        with self.store.reading() as session:
            spent = session.jobs.spent(now_ms(), self.settings.attempts)
        if not spent:
            return
        with self.store.writing() as session:
            for id, failure in session.jobs.spent(now_ms(), self.settings.attempts):
                session.jobs.end(id)
                reason = (
                    f"The solve was lost {self.settings.attempts} times; "
                    f"the last time: {failure or 'its supervisor was gone'}"
                )
                lifecycle.ended(session, id, "failed", failure={"code": "solve.lost", "reason": reason})

    def _bury(self, solve: _Solve) -> None:
        solve.process.join()
        solve.process.close()
        solve.line.close()
        solve.drafts.close()


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"its process was ended by signal {-exitcode}"
    return f"its process ended with code {exitcode}"
