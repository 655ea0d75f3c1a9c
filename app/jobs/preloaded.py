"""What the server that child processes are forked from has loaded from its first moment: the solver and its machine code.

It is imported there only. Code that is missing or stale is left for the first solve to compile: a server that compiled would
keep everybody waiting, those too who need none of it.
"""

from __future__ import annotations

import app.jobs.solve_process  # noqa: F401
from solver import compiled

compiled.load()
