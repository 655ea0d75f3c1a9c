"""What the server that child processes are forked from has loaded from its first moment: the solver with its machine code,
and what the judge and the reader are asked for.

It is imported there only. Code that is missing or stale is left for the first solve to compile: a server that compiled would
keep everybody waiting, those too who need none of it.
"""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

# OR-Tools is imported by the first who needs it: here that is every solve.
import ortools.math_opt.python.mathopt
import ortools.sat.python.cp_model  # noqa: F401

import app.jobs.judge_pool
import app.jobs.solve_process  # noqa: F401
from app import service
from solver import compiled

for use_cases in pkgutil.iter_modules(service.__path__, f"{service.__name__}."):
    import_module(use_cases.name)
compiled.load()
# All this stays. Looking for garbage in it would write to its pages, and each child would get a copy of its own.
gc.freeze()
