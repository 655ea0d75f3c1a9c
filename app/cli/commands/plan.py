"""`edgeplan plan`: ask for plans, follow them, understand them, make one of them the allocation."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.cli.commands import completion
from app.cli.commands import plan_request as asked
from app.cli.commands.groups import Group
from app.cli.commands.options import AsCsv, AsJson, Server, Yes
from app.cli.common.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="Request plans, follow them, understand them, apply them.")

PlanName = Annotated[
    str,
    typer.Argument(
        metavar="PLAN",
        autocompletion=completion.plans,
        help="A plan: its id, the first letters of it (four or more), or `latest`.",
    ),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Follow it to its end.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything is unplaced.")]
Stale = Annotated[
    Literal["refuse", "reverify"],
    typer.Option(help="If the plan is stale: refuse it, or verify it on what is stored now."),
]
NotOperating = Annotated[
    bool, typer.Option("--allow-not-operating", help="Apply it although it uses nodes that do not operate today.")
]


@app.command("submit")
def submit(
    file: asked.File = None,
    workloads: asked.Workloads = None,
    everything: asked.Everything = False,
    seconds: asked.Seconds = None,
    seed: asked.Seed = None,
    cold: asked.Cold = False,
    horizon: asked.Horizon = None,
    commitment: asked.Commitment = None,
    scope: asked.Scope = None,
    may_end: asked.MayEnd = None,
    cap: asked.Caps = None,
    no_caps: asked.NoCaps = False,
    from_node: asked.FromNodes = None,
    from_site: asked.FromSites = None,
    what_if: asked.WhatIf = None,
    name: asked.Name = None,
    priority: asked.Priority = None,
    watch: Watch = False,
    apply: Annotated[bool, typer.Option("--apply", help="Follow it, then make it the allocation.")] = False,
    strict: Strict = False,
    yes: Yes = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Request a plan: of a request in a file, of some stored workloads, or of all.

    Say which: a FILE, --workloads or --all. Only --scope repair goes without: it is about all that is disturbed or
    unplaced.

    Options go before what the file says. Terms that neither says are kept from what is in force. The service
    solves in the background; --watch follows it, and --apply also makes it the allocation (it shows what would
    change and asks, unless --yes is given).

    \b
    Example:
      edgeplan plan submit --all --seconds 20 --watch
      edgeplan plan submit request.json --name "new cameras" --apply --yes
      edgeplan plan submit --workloads cam-1,cam-2 --what-if failed-node.json --watch
      edgeplan plan submit --scope repair --watch
    """
    from app.cli.actions import plan as actions
    from app.cli.actions.plan_request import Wish, request
    from app.cli.failures import BadInput

    if cap and no_caps:
        raise BadInput("--cap states a share cap and --no-caps says that there is none: give one of the two.")
    wish = Wish(
        file=file, workloads=workloads or [], everything=everything, what_if=what_if, name=name, priority=priority,
        seconds=seconds, seed=seed, start="cold" if cold else None,
        horizon=horizon, commitment=commitment, caps=[] if no_caps else cap or None,
        scope=scope, may_end=may_end or [], from_nodes=from_node or [], from_sites=from_site or [],
    )  # fmt: skip
    with session(server, as_json) as (service, out):
        actions.submit(service, out, request(service, wish), watch or apply or strict, apply, strict, yes)


@app.command("list")
def list_plans(
    status: Annotated[
        Literal["queued", "running", "finished", "cancelled", "failed"] | None, typer.Option(help="Only such plans.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 20,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List plans, the newest first.

    \b
    Example:
      edgeplan plan list --status running
    """
    from app.cli.actions import plan as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show_list(service, out, status, limit)


@app.command("watch")
def watch(plan: PlanName = "latest", strict: Strict = False, server: Server = "", as_json: AsJson = False) -> None:
    """Follow a plan to its end: cost and lower bound as they converge.

    Ctrl-C stops watching, not solving. With --json, or into a file, each change is one line.

    \b
    Example:
      edgeplan plan watch
      edgeplan plan watch 3f2a9c41 --json | tail -1 | jq .result.cost
    """
    from app.cli.actions import plan as actions
    from app.cli.common.naming import plan_id

    with session(server, as_json) as (service, out):
        actions.watch(service, out, plan_id(service, plan), strict)


@app.command("show")
def show(
    plan: PlanName = "latest",
    refusals: Annotated[int, typer.Option(min=0, metavar="N", help="Refusals to list; 0 lists all.")] = 10,
    strict: Strict = False,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show a plan: cost, lower bound, what is placed, the tightest limits, and what is unplaced and why.

    With --json this is the plan as the service has it, with the refusals as
    `unplaced`, the tightest limits as `tightest`, and under `placements` where each
    shard runs: servers, cards, batch limit, route, and the rules violated if it is disturbed. With
    --csv there is a line for each shard.

    \b
    Example:
      edgeplan plan show latest
    """
    from app.cli.actions import plan as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show(service, out, plan, refusals, strict)


@app.command("compare")
def compare(
    plan: PlanName,
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER", autocompletion=completion.plans, help="Another plan, or `allocation`: what is in force."
        ),
    ] = "allocation",
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Changes to list; 0 lists all.")] = 20,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show what would change from OTHER to PLAN: costs, and every shard that moves.

    \b
    Example:
      edgeplan plan compare latest
      edgeplan plan compare 3f2a9c41 77b0d2e5
    """
    from app.cli.actions import plan as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.compare(service, out, plan, other, limit)


Listed = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Rows to list; 0 lists all.")]


@app.command("costs")
def costs(
    plan: PlanName = "latest", limit: Listed = 20, server: Server = "", as_json: AsJson = False, as_csv: AsCsv = False
) -> None:
    """Show what a plan costs by site, what is unplaced apart; all of it adds up to the plan's cost.

    \b
    Example:
      edgeplan plan costs
      edgeplan plan costs 3f2a9c41 --csv > costs.csv
    """
    from app.cli.actions import plan as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.costs(service, out, plan, limit)


@app.command("cards")
def cards(
    plan: PlanName = "latest", limit: Listed = 20, server: Server = "", as_json: AsJson = False, as_csv: AsCsv = False
) -> None:
    """Show where one more card would pay, after its own price, by the dual prices of a plan's lower bound.

    \b
    Example:
      edgeplan plan cards latest
    """
    from app.cli.actions import plan as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.cards(service, out, plan, limit)


@app.command("apply")
def apply(
    plan: PlanName,
    on_stale: Stale = "refuse",
    allow_not_operating: NotOperating = False,
    yes: Yes = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Make a plan the allocation: all of it, or nothing.

    Shows what would change and asks first: other terms than those in force, what stays disturbed, nodes that do not
    operate today, then how many shards move. --yes goes on without asking, and is needed where nobody can be asked.

    \b
    Example:
      edgeplan plan apply latest
      edgeplan plan apply 3f2a9c41 --on-stale reverify --yes
    """
    from app.cli.actions import plan as actions
    from app.cli.common.naming import plan_id

    with session(server, as_json) as (service, out):
        actions.apply(service, out, plan_id(service, plan), on_stale, yes, allow_not_operating)


@app.command("cancel")
def cancel(plan: PlanName, server: Server = "", as_json: AsJson = False) -> None:
    """Stop a solve. It ends soon, with the best plan so far.

    \b
    Example:
      edgeplan plan cancel latest
    """
    from app.cli.actions import plan as actions

    with session(server, as_json) as (service, out):
        actions.cancel(service, out, plan)


@app.command("delete")
def delete(plan: PlanName, yes: Yes = False, server: Server = "", as_json: AsJson = False) -> None:
    """Forget a plan that has ended and is not in force.

    \b
    Example:
      edgeplan plan delete 3f2a9c41
    """
    from app.cli.actions import plan as actions

    with session(server, as_json) as (service, out):
        actions.delete(service, out, plan, yes)
