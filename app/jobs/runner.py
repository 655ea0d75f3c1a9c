"""Where a solve runs. A supervisor keeps leases and time, and asks a runner for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.jobs.processes import context
from app.jobs.solve_process import Board, Order, State, run
from app.settings import Settings
from app.store.records import Claim
from solver.running.child import Child
from solver.running.handover import Mailbox


class Running(Protocol):
    """A solve that has been started, as whoever keeps its time sees it."""

    @property
    def pid(self) -> int:
        """The process that solves."""

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""

    @property
    def exitcode(self) -> int | None:
        """How it ended: a code, minus a signal, or None where nobody can say."""

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it has had."""

    @property
    def resident_mib(self) -> float:
        """Memory that it holds."""

    @property
    def state(self) -> State:
        """How far it has said to be."""

    @property
    def drafted(self) -> bool:
        """Whether it has put any plan by."""

    @property
    def draft(self) -> memoryview | None:
        """The newest plan that it has put by."""

    def stop(self) -> bool:
        """Tell it to hand in the best plan so far; False where it is ending by itself."""

    def kill(self) -> None:
        """End it, whatever it does."""

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after waiting for that."""

    def close(self) -> None:
        """Let go of it and of what it has put by."""


class Runner(Protocol):
    """Starts solves."""

    def start(self, claim: Claim) -> Running:
        """Have a claimed solve carried out.

        Raises
        ------
        OSError, EOFError
            If it cannot be started.
        """


@dataclass(frozen=True, slots=True)
class ProcessRunner:
    """Runs each solve in a process of its own on this machine."""

    settings: Settings

    def start(self, claim: Claim) -> Running:
        drafts, board = Mailbox(), Board()
        try:
            child = Child(context(), run, (Order(self.settings, claim, drafts, board),), f"solve-{claim.id}")
        except BaseException:
            drafts.close()
            board.close()
            raise
        return _InProcess(child, drafts, board)


@dataclass(frozen=True, slots=True)
class _InProcess:
    """A solve in a process, and what it has put by, which is there without it."""

    child: Child
    drafts: Mailbox
    board: Board

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def alive(self) -> bool:
        return self.child.alive

    @property
    def exitcode(self) -> int | None:
        return self.child.exitcode

    @property
    def cpu_seconds(self) -> float:
        return self.child.cpu_seconds

    @property
    def resident_mib(self) -> float:
        return self.child.resident_mib

    @property
    def state(self) -> State:
        return self.board.read()

    @property
    def drafted(self) -> bool:
        return not self.drafts.empty

    @property
    def draft(self) -> memoryview | None:
        return next(self.drafts.newest(), None)

    def stop(self) -> bool:
        return self.child.stop()

    def kill(self) -> None:
        self.child.kill()

    def wait(self, seconds: float) -> bool:
        return self.child.wait(seconds)

    def close(self) -> None:
        self.child.close()
        self.drafts.close()
        self.board.close()
