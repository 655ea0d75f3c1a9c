"""How child processes are started: from a server that has everything imported and no state of ours."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

#: Exit code of a child whose parent is gone.
ORPHANED = 17


def context() -> ForkServerContext:
    """The context of all child processes. A child costs a fork of a process that has the solver loaded."""
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(["app.jobs.solve_process"])
    return forkserver
