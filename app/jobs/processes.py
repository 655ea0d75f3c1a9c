"""How child processes are started, watched and ended: from a server that has everything imported and no state of ours.

That server may die like anything else. It is then started anew, and those that it has started go on: whether a child lives
is asked of the kernel, since what its parent is told through the server ends with the server.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

log = structlog.get_logger(__name__)

#: Exit code of a child whose parent is gone.
ORPHANED = 17
#: How often a child is asked of the server, which may die under the question and is then started anew.
_TRIES = 5
#: What a child is said to have ended with when its server is gone and nobody knows.
_LOST = 255
#: How long the server is given to say how a child has ended.
_SERVER_SECONDS = 5.0
#: What is heard from a server that is gone.
_GONE = (ConnectionError, EOFError, FileNotFoundError)


class _Process(ForkServerProcess):
    """A process that is asked for again when the server dies under the question."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:
        for _ in range(_TRIES - 1):
            try:
                return ForkServerProcess._Popen(process_obj)
            except _GONE as error:
                log.warning("forkserver.gone", error=type(error).__name__)
        return ForkServerProcess._Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process


def context() -> ForkServerContext:
    """The context of all child processes. A child costs a fork of a process that has the solver loaded."""
    made = _Context()
    made.set_forkserver_preload(["app.jobs.preloaded"])
    return made


class Child:
    """A child process, as the kernel knows it.

    Raises
    ------
    OSError, EOFError
        If it cannot be started.
    """

    def __init__(self, target: Callable[..., object], args: tuple[object, ...], name: str) -> None:
        self._process = context().Process(target=target, args=args, name=name)
        self._process.start()
        self.pid = self._process.pid or 0
        try:
            self._handle: int | None = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self._handle = None

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._handle is not None and not select.select([self._handle], [], [], 0)[0]

    @property
    def exitcode(self) -> int | None:
        """How it ended: a code, minus a signal, or None where nobody can say because its server is gone, too."""
        self._process.join(_SERVER_SECONDS)
        code = self._process.exitcode
        return None if code == _LOST else code

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it has had."""
        return cpu_seconds(self.pid)

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, after waiting for that."""
        return self._handle is None or bool(select.select([self._handle], [], [], seconds)[0])

    def close(self) -> None:
        """Let go of one that has ended."""
        with suppress(ValueError):
            # Raised where the server has not said that it has ended.
            self._process.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has had; 0 where it cannot be told, as when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def kill_children() -> None:
    """End all child processes of this one at once: for who has to leave and cannot wait."""
    for child in multiprocessing.active_children():
        if child.pid is not None:
            with suppress(OSError):
                os.kill(child.pid, signal.SIGKILL)
