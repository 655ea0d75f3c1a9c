"""`edgeplan events`: what happens, as it happens."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import completion
from app.cli.commands.options import AsCsv, AsJson, Server
from app.cli.common.session import session

if TYPE_CHECKING:
    from app.cli.answers import EventOut


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
        bool, typer.Option("--logged", help="Leave after what has happened so far, instead of waiting for more.")
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
    from app.cli.common.feed import Feed
    from app.cli.common.naming import plan_id
    from app.cli.views import events as views
    from app.cli.views import sheets

    with session(server, as_json, as_csv) as (service, out):
        id = None if plan is None else plan_id(service, plan)
        feed = Feed(service, types, id, since, lambda what: out.note(what or "connected again"), severity=severity)
        if since is None:
            told: Iterable[EventOut] = feed.lately(last)
            if not logged:
                told = chain(told, feed)
        else:
            told = feed.logged() if logged else feed
        if as_csv:
            out.sheet(sheets.picked(told, sheets.EVENT))
            return
        for event in told:
            if as_json:
                out.line(event)
            else:
                out.show(views.line(event))
