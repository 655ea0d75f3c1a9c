"""Processes of a service and a worker are killed at random moments while sixteen clients are at work."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import psutil

from tests.chaos.asking import Notes
from tests.chaos.clients import at_work
from tests.chaos.history import History
from tests.chaos.scenes import at_rest, tell
from tests.chaos.services import Process, Role, running, until

#: How often each role is chosen, of all kills.
SHARES: dict[Role, int] = {"service": 18, "worker": 12, "solve": 30, "forkserver": 15, "judge": 25}


@dataclass(slots=True)
class Siege:
    """What came of it: the history, and how often whom was killed."""

    history: History
    kills: Counter[str]
    #: How the service and the worker ended when they were told to stop at last.
    stopped: tuple[int, ...]

    def told(self) -> str:
        """In one line, for people."""
        calls = self.history.calls
        silent = sum(call.status is None for call in calls)
        killed = ", ".join(f"{role} {self.kills[role]}" for role in get_args(Role))
        assert self.history.end is not None
        return (
            f"{sum(self.kills.values())} kills ({killed}); {len(calls)} requests, {silent} without an answer; "
            f"{len(self.history.end.plans)} plans, {self.history.end.generation} generations, "
            f"{len(self.history.end.events)} events, {len(self.history.looks)} looks at everything"
        )


def besiege(folder: Path, seed: int, kills: int, pause: tuple[float, float]) -> Siege:
    """Kill processes so many times, with a pause in between, while clients are at work; then let everything come to rest."""
    service, worker = Process(folder, solves_at_once="2"), Process(folder, worker=True)
    dice, killed, notes = random.Random(seed), Counter[str](), Notes()
    with running(service, worker):
        begin = tell(service)
        with at_work(service.port, notes, seed):
            while sum(killed.values()) < kills:
                time.sleep(dice.uniform(*pause))
                role = _strike(dice, service, worker)
                if role is None:
                    continue
                killed[role] += 1
                if role in ("service", "forkserver") and dice.random() < 0.8:
                    _until_at_work_again(notes, len(notes.calls))
        history = at_rest(service, notes, begin)
        stopped = tuple(process.stop() for process in (worker, service))
    return Siege(history, killed, stopped)


def _strike(dice: random.Random, service: Process, worker: Process) -> Role | None:
    """Kill somebody, and start anew what does not start by itself; whom, if there was one."""
    [role] = dice.choices(list(SHARES), list(SHARES.values()))
    if role in ("service", "worker"):
        victim = service if role == "service" else worker
        orphans = _children(victim)
        victim.kill()
        time.sleep(dice.uniform(0, 0.5))
        victim.start()
        until(lambda: not any(map(_lives, orphans)), f"children of a killed {role} go on")
        return role
    pids = [pid for process in (service, worker) for pid in process.pids(role)]
    if not pids:
        return None
    try:
        os.kill(dice.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return None
    return role


def _until_at_work_again(notes: Notes, since: int) -> None:
    """Wait until a request for a plan was accepted, for which all that was killed is needed.

    Otherwise, on a busy machine, nothing would ever have begun when the next one is struck.
    """

    def accepted() -> bool:
        return any(call.path == "/v1/plans" and call.method == "POST" and call.done for call in notes.calls[since:])

    until(accepted, "nothing is planned any more")


def _children(victim: Process) -> list[psutil.Process]:
    assert victim.process is not None
    return psutil.Process(victim.process.pid).children(recursive=True)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
