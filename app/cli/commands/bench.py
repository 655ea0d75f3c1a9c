"""`edgeplan bench`: the solver against other ways of solving."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands.options import AsJson


def bench(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTIONS]", help="Handed on to the contest.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Race the solver against other ways of solving, side by side. Needs a checkout of the project.

    Every option but these is the contest's own; `edgeplan bench -- --help` lists them.

    \b
    Example:
      edgeplan bench
      edgeplan bench --suite full --extras
    """
    from app.cli.actions.bench import race

    race([*(arguments or []), *(["--json"] if as_json else [])])
