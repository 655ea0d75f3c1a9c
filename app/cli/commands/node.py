"""`edgeplan node`: the nodes, and taking them out of service and back."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.commands import completion
from app.cli.commands.groups import Group
from app.cli.commands.options import AsCsv, AsJson, Server, Yes
from app.cli.common.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="See the nodes; drain, fail and activate them.")

NodeId = Annotated[str, typer.Argument(metavar="NODE", autocompletion=completion.nodes, help="Id of the node.")]
Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the history.")]


@app.command("list")
def list_nodes(
    tier: Annotated[str | None, typer.Option(metavar="TIER", help="Only onsite, mec, metro, regional or core.")] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="Only active, draining or failed.")] = None,
    province: Annotated[str | None, typer.Option(metavar="CODE", help="Only in this province, as KR-26.")] = None,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List nodes, those with alarms first: failed, draining, with something disturbed.

    Of the whole network it begins with all alarms, and with the commands that show and fix them.

    \b
    Example:
      edgeplan node list --tier mec --state draining
    """
    from app.cli.actions import node as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show_list(service, out, tier, state, province)


@app.command("show")
def show(node: NodeId, server: Server = "", as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Show one node: whose it is, what it holds, how full it is, what runs there. With --csv, only what runs there.

    \b
    Example:
      edgeplan node show co-usn
    """
    from app.cli.actions import node as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show(service, out, node)


@app.command("drain")
def drain(node: NodeId, reason: Why = None, yes: Yes = False, server: Server = "", as_json: AsJson = False) -> None:
    """Have a node take no new work. What runs there runs on, disturbed, until a repair finds it another place.

    Where something runs there it asks first; --yes goes on without asking. A repair moves what is disturbed and has
    somewhere to go, and nothing else; what has nowhere to go stays.

    \b
    Example:
      edgeplan node drain co-usn --reason "cooling fault in hall 2"
      edgeplan plan submit --scope repair --apply
    """
    _change(server, as_json, node, "drain", reason, yes)


@app.command("fail")
def fail(node: NodeId, reason: Why = None, yes: Yes = False, server: Server = "", as_json: AsJson = False) -> None:
    """Declare a node failed: it runs nothing any more. What the allocation has there counts as disturbed.

    Where something runs there it asks first; --yes goes on without asking. A repair moves what is disturbed and has
    somewhere to go, and nothing else.

    \b
    Example:
      edgeplan node fail co-usn --reason "power lost" --yes
      edgeplan plan submit --scope repair --apply
    """
    _change(server, as_json, node, "fail", reason, yes)


@app.command("activate")
def activate(node: NodeId, reason: Why = None, server: Server = "", as_json: AsJson = False) -> None:
    """Have a node take work again.

    \b
    Example:
      edgeplan node activate co-usn
    """
    _change(server, as_json, node, "activate", reason, True)


def _change(server: str, as_json: bool, node: str, action: str, reason: str | None, yes: bool) -> None:
    from app.cli.actions import node as actions

    with session(server, as_json) as (service, out):
        actions.change_state(service, out, node, action, reason, yes)
