"""`edgeplan allocation`: what is in force."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.cli.commands import completion
from app.cli.commands.groups import Group
from app.cli.commands.options import AsCsv, AsJson, Server, Yes
from app.cli.common.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="See what is in force: where everything runs, and how full it is.")


LeaveOut = Annotated[
    bool, typer.Option("--leave-out", help="Leave out what cannot run any more as it did, instead of doing nothing.")
]


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
    as_csv: AsCsv = False,
) -> None:
    """Show the allocation as it is now: alarms first, then cost, use and the tightest limits.

    Each alarm comes with the command that shows it and the one that fixes it.

    With --day it is what runs now on the network of that day: which nodes operate then, which certificates still hold.
    With --csv there is how full each group of nodes is, and nothing else.

    \b
    Example:
      edgeplan allocation show --by accelerator
      edgeplan allocation show --day 2027-06-30
    """
    from app.cli.actions import allocation as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show(service, out, by, day)


@app.command("list")
def list_shards(
    node: Annotated[
        str | None, typer.Option(metavar="NODE", autocompletion=completion.nodes, help="Only what runs there.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only what runs for this site.")] = None,
    workload: Annotated[
        str | None, typer.Option(metavar="WORKLOAD", autocompletion=completion.workloads, help="Only this workload.")
    ] = None,
    policy: Annotated[str | None, typer.Option(metavar="POLICY", help="Only this class of data.")] = None,
    status: Annotated[
        Literal["placed", "unplaced", "disturbed"] | None,
        typer.Option(help="Only what is in this state; unplaced is what is refused."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Shards to list; 0 lists all.")] = 50,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List what is in force, shard by shard.

    \b
    Example:
      edgeplan allocation list --node co-usn
      edgeplan allocation list --status disturbed --limit 0 --json
    """
    from app.cli.actions import allocation as actions

    asked = {"node": node, "site": site, "workload": workload, "policy": policy, "status": status}
    with session(server, as_json, as_csv) as (service, out):
        actions.show_list(service, out, asked, limit)


@app.command("history")
def history(
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Changes to list; 0 lists all.")] = 20,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the changes of the allocation, newest first: plans that were applied, and what else ended something.

    \b
    Example:
      edgeplan allocation history
      edgeplan allocation history --limit 0 --json
    """
    from app.cli.actions import allocation as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show_history(service, out, limit)


@app.command("undo")
def undo(leave_out: LeaveOut = False, yes: Yes = False, server: Server = "", as_json: AsJson = False) -> None:
    """Undo the plan that was applied last: what it placed ends, what it moved goes back, what it ended returns.

    It makes a plan of what ran before, shows what that would do, asks, and applies it. What cannot run any more as it
    did is named, and nothing is done, unless --leave-out goes on without it. Undone again, it is as it was.

    \b
    Example:
      edgeplan allocation undo
      edgeplan allocation undo --leave-out --yes
    """
    from app.cli.actions import allocation as actions

    with session(server, as_json) as (service, out):
        actions.restore(service, out, None, leave_out, False, yes)


@app.command("restore")
def restore(
    generation: Annotated[
        int, typer.Argument(min=1, metavar="GENERATION", help="As `edgeplan allocation history` lists it.")
    ],
    leave_out: LeaveOut = False,
    end_later: Annotated[
        bool, typer.Option("--end-later", help="End what was started since, too; without it that stays as it is.")
    ] = False,
    yes: Yes = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Restore the allocation of just after a generation.

    It makes a plan of what ran then, shows what that would do, asks, and applies it.

    \b
    Example:
      edgeplan allocation restore 41
    """
    from app.cli.actions import allocation as actions

    with session(server, as_json) as (service, out):
        actions.restore(service, out, generation, leave_out, end_later, yes)
