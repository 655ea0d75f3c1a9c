"""`edgeplan serve` and `edgeplan worker`: the service, and a further solver beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on (default 127.0.0.1: this machine alone).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, metavar="N", help="Port to listen on (default 8000).")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the service keeps what it stores (default ./var).")
    ] = None,
    seed_reference: Annotated[
        bool, typer.Option("--seed-reference", help="Load Korea's reference network into an empty store, and plan it once.")
    ] = False,
) -> None:
    """Run the service: the REST API, the dashboard, and the solver behind them, until Ctrl-C.

    Everything else that can be set is an environment variable EDGEPLAN_<NAME>, such as EDGEPLAN_DEFAULT_SECONDS=60;
    app/settings.py lists them.

    \b
    Example:
      edgeplan serve --seed-reference
      edgeplan serve --port 8080 --data-dir /var/lib/edgeplan
    """
    # Said before the seconds that the rest takes to import.
    typer.echo("Starting Edgeplan ...")
    from app.cli.actions import service as actions

    given = {"host": host, "port": port, "data_dir": data_dir, "seed_reference": seed_reference or None}
    actions.serve({name: value for name, value in given.items() if value is not None})


def worker() -> None:
    """Run one more solver beside a service, on the same store, until Ctrl-C.

    It is set by the same environment variables as the service; what it has to share is EDGEPLAN_DATA_DIR or
    EDGEPLAN_DATABASE_URL.

    \b
    Example:
      EDGEPLAN_DATA_DIR=/var/lib/edgeplan edgeplan worker
    """
    from app.cli.actions import service as actions

    actions.work()
