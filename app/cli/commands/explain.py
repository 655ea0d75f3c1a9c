"""`edgeplan explain`: the story of one workload."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands import completion
from app.cli.commands.options import AsCsv, AsJson, Server
from app.cli.common.session import session


def explain(
    workload: Annotated[
        str, typer.Argument(metavar="WORKLOAD", autocompletion=completion.workloads, help="Id of the workload.")
    ],
    plan: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN",
            autocompletion=completion.plans,
            help="Under this plan (default: the one in force, or the newest).",
        ),
    ] = None,
    candidates: Annotated[int, typer.Option(min=0, max=1000, metavar="N", help="Nodes to list where it is refused.")] = 10,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell why a workload runs where it does, or why it runs nowhere and what would make it fit.

    For what is placed: where its time goes as a bar, what it costs, its cards and its batch limit, the next-best node and
    what that would cost more. For what is not: the rules that say no, with what is needed and what is there, at the nodes
    that come nearest; what to change for it to fit; who holds the room, and which scope would free it. With --csv there is a
    line for each shard that is placed, and one for each node and rule that says no.

    \b
    Example:
      edgeplan explain hmc-ulsan-amr-perception
      edgeplan explain port-busan-new-crane --plan latest --json
    """
    from app.cli.actions.network import site_of
    from app.cli.answers import AllocationSummary, Decision, ExplanationOut
    from app.cli.common.client import in_path
    from app.cli.common.naming import LATEST, plan_id
    from app.cli.views import explain as views
    from app.cli.views import sheets

    with session(server, as_json, as_csv) as (service, out):
        if plan is None:
            in_force = service.get("/v1/allocations/summary", AllocationSummary)["plan"]
            plan = in_force or LATEST
        path = f"/v1/plans/{in_path(plan_id(service, plan))}"
        with out.waiting("Looking into it"):
            told = service.get(f"{path}/explanations/{in_path(workload)}", ExplanationOut, candidates=candidates)
            decisions = list(service.every(f"{path}/decisions", Decision, workload=workload))
        if as_json:
            out.document({**told, "decisions": decisions})
        elif as_csv:
            out.sheet(sheets.story(told))
        else:
            out.show(views.story(told, decisions, site_of(service, decisions[0]["site"]) if decisions else None))
