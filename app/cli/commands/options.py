"""The options that every command shares. They may stand before the command's name as well as after it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

#: Where the service listens unless said otherwise.
DEFAULT_SERVER = "http://127.0.0.1:8000"
SERVER_VARIABLE = "EDGEPLAN_SERVER"


def _or_as_said_before(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """The value given after the command's name, or else the one given before it."""
    return value or context.find_root().params.get(str(parameter.name), value)


Server = Annotated[
    str,
    typer.Option(
        "--server",
        metavar="URL",
        callback=_or_as_said_before,
        show_default=False,
        help=f"Address of the service (default: ${SERVER_VARIABLE}, or {DEFAULT_SERVER}).",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        callback=_or_as_said_before,
        show_default=False,
        help="Print JSON for machines, and nothing else; errors are JSON on standard error.",
    ),
]
AsCsv = Annotated[
    bool,
    typer.Option(
        "--csv", show_default=False, help="Print the table as comma-separated values, with the names and values of --json."
    ),
]
RootServer = Annotated[
    str, typer.Option("--server", metavar="URL", envvar=SERVER_VARIABLE, show_envvar=True, help="Address of the service.")
]
RootAsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON for machines, and nothing else; errors are JSON on standard error."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", show_default=False, help="Do not ask, go on.")]
