"""`edgeplan bench`: the solver against other solvers."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands.options import AsJson


def bench(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTIONS]", help="Passed to the benchmark.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Benchmark the solver against other solvers, side by side. Needs a checkout of the project.

    Every option but these is the benchmark's own; `edgeplan bench -- --help` lists them.

    \b
    Example:
      edgeplan bench
      edgeplan bench --suite full --extras
    """
    from app.cli.actions.bench import race

    race([*(arguments or []), *(["--json"] if as_json else [])])
