"""`edgeplan events`: what happens, as it happens."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands import completion
from app.cli.commands.options import AsCsv, AsJson, Server
from app.cli.common.session import session


def events(
    types: Annotated[
        str | None,
        typer.Option(metavar="TYPE,...", help="Only these: plan, node, generation, or a whole type such as plan.finished."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", autocompletion=completion.plans, help="Only what this plan goes through.")
    ] = None,
    severity: Annotated[
        str | None, typer.Option(metavar="SEVERITY,...", help="Only these: info, notice, warning, critical.")
    ] = None,
    last: Annotated[int, typer.Option(min=0, max=1000, metavar="N", help="Begin with the last so many.")] = 10,
    since: Annotated[
        int | None, typer.Option(min=0, metavar="ID", help="Begin after this event instead; its number is its id.")
    ] = None,
    logged: Annotated[
        bool, typer.Option("--logged", help="Exit after what has happened so far, instead of waiting for more.")
    ] = False,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Follow what happens at the service: plans, changes of what is stored, nodes that drain or fail.

    Goes on until Ctrl-C, through lost connections too. With --json each event is one line.

    \b
    Example:
      edgeplan events --types node,plan.applied
      edgeplan events --severity warning,critical
      edgeplan events --last 1000 --logged --json | jq -r .type | sort | uniq -c
    """
    from app.cli.actions import events as actions

    with session(server, as_json, as_csv) as (service, out):
        asked = actions.Asked(types, plan, severity)
        actions.events(service, out, asked, last, since, logged)
