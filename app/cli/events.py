"""`edgeplan events`: what happens, as it happens."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import completing
from app.cli.options import AsJson, Server
from app.cli.session import session


def events(
    types: Annotated[
        str | None,
        typer.Option(metavar="TYPE,...", help="Only these: plan, node, generation, or a whole type such as plan.finished."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", autocompletion=completing.plans, help="Only what this plan goes through.")
    ] = None,
    since: Annotated[
        int | None, typer.Option(min=0, metavar="ID", help="Begin after this event (0: with the oldest that is kept).")
    ] = None,
    logged: Annotated[
        bool, typer.Option("--logged", help="Leave after what has happened so far, instead of waiting for more.")
    ] = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Follow what happens at the service: plans, changes of what is stored, nodes that drain or fail.

    Goes on until Ctrl-C, through lost connections too. With --json each event is one line.

    \b
    Example:
      edgeplan events --types node,plan.applied
      edgeplan events --since 0 --logged --json | jq -r .type | sort | uniq -c
    """
    from app.cli.feed import Feed
    from app.cli.naming import plan_id
    from app.cli.views import happenings

    with session(server, as_json) as (service, out):
        feed = Feed(
            service,
            types,
            None if plan is None else plan_id(service, plan),
            0 if logged and since is None else since,
            lambda what: out.note(what or "connected again"),
        )
        if not logged and since is None:
            out.note(f"What happens after event {feed.place}; Ctrl-C ends it.")
        for event in feed.logged() if logged else feed:
            if as_json:
                out.line(event)
            else:
                out.show(happenings.line(event))
