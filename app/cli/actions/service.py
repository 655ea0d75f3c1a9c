"""What `edgeplan serve` and `edgeplan worker` do: the one place where the command line starts the service."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from app.cli.failures import BadInput
from app.settings import Settings


def serve(given: dict[str, Any]) -> None:
    """Run the service with these settings until Ctrl-C."""
    # The service takes seconds to load; what is wrong with its settings is told before.
    settings = settings_from(given)
    from app.serving import CannotStart
    from app.serving import serve as serve_until_stopped

    try:
        serve_until_stopped(settings)
    except KeyboardInterrupt:
        # The way a service is stopped: everything has been put away by now.
        return
    except CannotStart as error:
        raise BadInput(str(error), "How to serve elsewhere: edgeplan serve --help") from error


def work() -> None:
    """Run a solver beside a service until Ctrl-C."""
    settings_from({})
    from app.store.opening import CannotOpen
    from app.worker import main

    try:
        main()
    except CannotOpen as error:
        raise BadInput(str(error)) from error


def settings_from(given: dict[str, Any]) -> Settings:
    """The settings of a service: what is given, then the environment's, then the defaults.

    Raises
    ------
    BadInput
        If an option or a variable is not what it must be.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        # What is wrong with several together has no place of its own, and names them.
        wrong = [
            f"EDGEPLAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else str(e["ctx"]["error"])
            for e in error.errors()
        ]
        raise BadInput("The service cannot be set like this.", "app/settings.py says what can be set.", wrong) from error
