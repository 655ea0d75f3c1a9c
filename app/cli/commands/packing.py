"""`edgeplan solve` and `check`: the solver by itself, on packing files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands.options import AsJson

Packing = Annotated[Path, typer.Argument(metavar="FILE.npz", help="A packing; docs/packing-file.md has the format.")]


def solve(
    file: Packing,
    seconds: Annotated[float, typer.Option(min=0.001, max=1e9, metavar="N", help="Time limit in seconds.")] = 60.0,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Processor cores to use.")] = 2,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the random numbers.")] = 0,
    work: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Stop after so many units of work: repeatable with --workers 1.", show_default=False
        ),
    ] = None,
    memory_mib: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Hard limit on the memory of the solving process, in MiB.", show_default=False
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(metavar="PLAN.npz", help="Warm start from this plan; what of it is not feasible is left out."),
    ] = None,
    out_file: Annotated[Path | None, typer.Option("--out", "-o", metavar="PLAN.npz", help="Write the plan here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Solve a packing file, without a service: the same as `python -m solver solve`.

    The answer is there within half a second of the time limit or of Ctrl-C, and is the best plan that an independent
    check has found legal. The gap is (cost - bound) / max(1, |cost|).

    \b
    Example:
      edgeplan solve instance.npz --seconds 30 --out plan.npz
      edgeplan check instance.npz plan.npz
    """
    from app.cli.actions import packing as actions
    from solver.engines import Limits

    limits = Limits(seconds, workers, seed, work, memory_mib)
    actions.solve(file, limits, start, out_file, as_json)


def check(
    file: Packing,
    plan: Annotated[Path, typer.Argument(metavar="PLAN.npz", help="A plan for it: item, option, count.")],
    as_json: AsJson = False,
) -> None:
    """Check a plan for a packing file: its cost, and every violation. Exits with 1 if it is not legal.

    Nothing of the solver takes part in it; the same as `python -m solver check`.

    \b
    Example:
      edgeplan check instance.npz plan.npz && echo legal
    """
    from app.cli.actions import packing as actions

    actions.check(file, plan, as_json)
