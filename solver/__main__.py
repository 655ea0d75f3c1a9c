"""`python -m solver`: solve a packing file, check a plan for one, or make ready for both."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from solver.engines import PHASES, Limits, Progress, SolveParams
from solver.on_files import answer, check_file, leave, signals_stop, solve_file
from solver.packing import PackingError
from solver.prepare import prepare

_DESCRIPTION = """\
Place copies of items on options at least cost within row capacities (the packing format is described in
solver/packing.py), or check such a placement.
"""

_SOLVE = """\
Solve a packing file. The engines run in a process of their own; whatever becomes of it, the answer is there within
about half a second of the time limit, of SIGTERM or SIGINT (Ctrl-C), or of the memory limit. Prints one JSON line:
  cost, bound      cost of the plan found; no plan costs less than bound
  gap              (cost - bound) / max(1, |cost|), a fraction: 0.01 is one percent
  status           "optimal" (cost = bound) or "feasible"
  unplaced         copies left unplaced
  seconds          wall-clock time of the solve
  bound_seconds    time at which the bound was last improved
  ended            "finished" (the engines handed in their plan by themselves), or what cut them off: "time",
                   "memory", "stopped" (a signal), "lost" (they crashed; stderr says how). The plan is then the best
                   one that they had handed over by then and that passed an independent check
Exit code 0, or 2 if the file cannot be read or is no packing.
"""

_PREPARE = """\
Compile all kernels and keep the machine code beside the source. Takes about a minute, once after each
installation and each change of the source; `make` does it. Without it the first solves pay for it out of their
own time limit.
"""

_CHECK = """\
Recompute cost and legality of a plan, independently of the solver. Prints one JSON line with cost, legal and
violations. Exit code 0 if the plan is legal, 1 if not, 2 if a file cannot be read.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "prepare":
            prepare()
            return 0
        return _solve(given) if given.command == "solve" else _check(given)
    except (PackingError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m solver", description=_DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    solving = commands.add_parser("solve", help="solve a packing file", description=_SOLVE, formatter_class=raw)
    solving.add_argument("file", type=Path, metavar="FILE.npz", help="the packing")
    solving.add_argument("--seconds", type=_positive, default=60.0, help="wall-clock limit (default 60)")
    solving.add_argument("--workers", type=_count, default=2, help="processor cores to use (default 2)")
    solving.add_argument("--seed", type=int, default=0, help="start of all random sequences (default 0)")
    solving.add_argument(
        "--work",
        type=_count,
        default=None,
        help="stop after so many units of work: repeatable with --workers 1",
    )
    solving.add_argument(
        "--memory-mib",
        type=_count,
        default=None,
        help="hard limit on the resident memory of the solving process, in MiB, the packing included (default: none)",
    )
    solving.add_argument(
        "--start",
        type=Path,
        metavar="PLAN.npz",
        help="begin with this earlier plan; what of it does not fit is left behind",
    )
    solving.add_argument(
        "--without",
        action="append",
        default=[],
        choices=[phase.name for phase in PHASES],
        metavar="PHASE",
        help="leave out a phase (%(choices)s); may be given again, the answer stays legal and the bound true",
    )
    solving.add_argument("--out", type=Path, metavar="PLAN.npz", help="write the plan: item, option, count")
    solving.add_argument("--progress", action="store_true", help="print each improvement to stderr")
    checking = commands.add_parser("check", help="check a plan", description=_CHECK, formatter_class=raw)
    checking.add_argument("file", type=Path, metavar="FILE.npz", help="the packing")
    checking.add_argument("plan", type=Path, metavar="PLAN.npz", help="the plan: item, option (global index), count")
    commands.add_parser("prepare", help="compile ahead of time", description=_PREPARE, formatter_class=raw)
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("must be a positive number of seconds")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _solve(given: argparse.Namespace) -> int:
    limits = Limits(given.seconds, given.workers, given.seed, given.work, given.memory_mib)
    params = SolveParams(without=frozenset(given.without))
    # Until the answer is printed: a second signal must not lose it.
    with signals_stop() as stopped:
        told = _show if given.progress else None
        outcome = solve_file(given.file, limits, given.out, given.start, told, stopped, params)
        if outcome.loss is not None:
            print(f"error: {outcome.loss}; the answer is its last plan that is legal", file=sys.stderr)
        print(json.dumps(answer(outcome)), flush=True)
    return 0


def _show(progress: Progress) -> None:
    print(
        f"{progress.seconds:8.2f} s  cost {progress.cost}  bound {progress.bound}  "
        f"unplaced {progress.unplaced}  {progress.phase}",
        file=sys.stderr,
        flush=True,
    )


def _check(given: argparse.Namespace) -> int:
    judgement = check_file(given.file, given.plan)
    print(json.dumps(judgement.answer), flush=True)
    return 1 if judgement.violations else 0


if __name__ == "__main__":
    leave(main())
