"""`edgeplan allocation`: what is in force."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.cli import completing
from app.cli.groups import Group
from app.cli.options import AsJson, Server
from app.cli.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="See what is in force: where everything runs, and how full it is.")


@app.command("show")
def show(
    by: Annotated[
        Literal["tier", "province", "accelerator"], typer.Option(help="How the use of capacity is grouped.")
    ] = "tier",
    day: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="The day to show cost and use of, as 2027-06-30; today, where the service runs, if not said."
        ),
    ] = None,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Show the allocation as it is now: placed, refused and disturbed, by which rule; cost; use; the tightest limits.

    With --day it is what runs now on the network of that day: which nodes operate then, which certificates still hold.

    \b
    Example:
      edgeplan allocation show --by accelerator
      edgeplan allocation show --day 2027-06-30
    """
    from app.cli.answers import AllocationOut, AllocationSummary, Capacity
    from app.cli.views import allocations

    with session(server, as_json) as (service, out):
        summary = service.get("/v1/allocations/summary", AllocationSummary, day=day)
        capacity = service.get("/v1/capacity", Capacity, day=day)
        groups = [group for group in capacity["groups"] if group["by"] == by]
        held = list(service.every("/v1/allocations", AllocationOut, status="disturbed"))
        if as_json:
            out.document({**summary, "groups": groups, "tightest": capacity["tightest"], "disturbed": held})
        elif summary["plan"] is None:
            out.note("Nothing is in force yet. Make a plan the allocation: edgeplan plan apply latest")
        else:
            out.show(allocations.summary(summary, groups, capacity["tightest"], held))


@app.command("list")
def list_shards(
    node: Annotated[
        str | None, typer.Option(metavar="NODE", autocompletion=completing.nodes, help="Only what runs there.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only what runs for this site.")] = None,
    workload: Annotated[
        str | None, typer.Option(metavar="WORKLOAD", autocompletion=completing.workloads, help="Only this workload.")
    ] = None,
    policy: Annotated[str | None, typer.Option(metavar="POLICY", help="Only this class of data.")] = None,
    status: Annotated[
        Literal["placed", "unplaced", "disturbed"] | None, typer.Option(help="Only what is in this state.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Shards to list; 0 lists all.")] = 50,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """List what is in force, shard by shard.

    \b
    Example:
      edgeplan allocation list --node co-usn
      edgeplan allocation list --status disturbed --limit 0 --json
    """
    from app.cli.answers import AllocationOut
    from app.cli.views import allocations

    with session(server, as_json) as (service, out):
        found = list(
            service.every(
                "/v1/allocations", AllocationOut, limit,
                node=node, site=site, workload=workload, policy=policy, status=status,
            )
        )  # fmt: skip
        if as_json:
            out.document({"items": found})
        elif found:
            out.show(allocations.shards(found))
            if limit and len(found) == limit:
                out.note(f"The first {limit}; --limit 0 lists all.")
        else:
            out.note("There is no such shard in force.")
