"""How child processes are started: from a server that has everything imported and no state of ours.

That server may die like anything else. It is then started anew, and those that it has started go on: how a solve is watched
(:class:`solver.running.child.Child`) does without it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

log = structlog.get_logger(__name__)

#: How often a child is asked of the server, which may die under the question and is then started anew.
_TRIES = 5
#: Pause before it is asked again: on a busy machine a server that was killed is not seen to be dead at once.
_PAUSE_SECONDS = 0.1
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
                time.sleep(_PAUSE_SECONDS)
        return ForkServerProcess._Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process


def context() -> ForkServerContext:
    """The context of all child processes. A child costs a fork of a process that has the solver loaded."""
    made = _Context()
    made.set_forkserver_preload(["app.jobs.preloaded"])
    return made


def kill_children() -> None:
    """End all child processes of this one at once: for who has to leave and cannot wait."""
    for child in multiprocessing.active_children():
        if child.pid is not None:
            with suppress(OSError):
                os.kill(child.pid, signal.SIGKILL)
