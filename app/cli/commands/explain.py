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
    """Explain why a workload runs where it does, or why it is unplaced and what would make it fit.

    For what is placed: its latency budget as a bar, its cost, its cards and its batch limit, the next-best node and what
    that would cost more. For what is not: the rules violated at the nearest candidate nodes, with what is needed and
    available; what to change for it to fit; which workloads hold the capacity, and which scope would free it. With
    --csv there is a line for each placed shard, and one for each node and rule violated.

    \b
    Example:
      edgeplan explain hmc-ulsan-amr-perception
      edgeplan explain port-busan-new-crane --plan latest --json
    """
    from app.cli.actions import explain as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.explain(service, out, workload, plan, candidates)
