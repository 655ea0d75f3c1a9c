"""`edgeplan serve` and `edgeplan worker`: the one place where the command line starts the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    from app.cli.failures import BadInput
    from app.serving import CannotStart
    from app.serving import serve as serve_until_stopped

    given: dict[str, Any] = {"host": host, "port": port, "data_dir": data_dir, "seed_reference": seed_reference or None}
    settings = settings_from({name: value for name, value in given.items() if value is not None})
    try:
        serve_until_stopped(settings)
    except KeyboardInterrupt:
        # The way a service is stopped: everything has been put away by now.
        return
    except CannotStart as error:
        raise BadInput(str(error), "How to serve elsewhere: edgeplan serve --help") from error


def worker() -> None:
    """Run one more solver beside a service, on the same store, until Ctrl-C.

    It is set by the same environment variables as the service; what it has to share is EDGEPLAN_DATA_DIR or
    EDGEPLAN_DATABASE_URL.

    \b
    Example:
      EDGEPLAN_DATA_DIR=/var/lib/edgeplan edgeplan worker
    """
    from app.cli.failures import BadInput
    from app.store.opening import CannotOpen
    from app.worker import main

    settings_from({})
    try:
        main()
    except CannotOpen as error:
        raise BadInput(str(error)) from error


def settings_from(given: dict[str, Any]) -> Any:
    """The settings of a service: what is given, then the environment's, then the defaults.

    Raises
    ------
    BadInput
        If an option or a variable is not what it must be.
    """
    from pydantic import ValidationError

    from app.cli.failures import BadInput
    from app.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        # What is wrong with several together has no place of its own, and names them.
        wrong = [
            f"EDGEPLAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else str(e["ctx"]["error"])
            for e in error.errors()
        ]
        raise BadInput("The service cannot be set like this.", "app/settings.py says what can be set.", wrong) from error
