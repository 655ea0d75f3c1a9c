"""`edgeplan plot`: pictures for reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.commands import completion
from app.cli.commands.groups import Group
from app.cli.commands.options import AsJson, Server
from app.cli.common.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="Draw the map, or how a solve converged, as SVG or PNG.")

Dark = Annotated[bool, typer.Option("--dark", help="On a dark page, in the colours of the dark dashboard.")]
Picture = Annotated[Path, typer.Argument(metavar="FILE", help="Where to: a file that ends in .svg or .png.")]


@app.command("map")
def map_(
    file: Picture,
    plan: Annotated[
        str | None,
        typer.Option(metavar="PLAN", autocompletion=completion.plans, help="Draw this plan (default: what is in force)."),
    ] = None,
    colour: Annotated[
        Literal["utilisation", "margin", "sovereignty"],
        typer.Option(
            "--colour", "--color", help="Utilisation of the nodes, least latency margin, or sovereignty of the nodes."
        ),
    ] = "utilisation",
    dark: Dark = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Draw the nodes by tier, and what runs where as arcs from sites to nodes.

    What has failed, drains or is disturbed is drawn last and largest; what is idle or not yet in operation is hollow; links
    are the wider the fuller. Nodes that stand at one place are drawn side by side.

    \b
    Example:
      edgeplan plot map map.svg
      edgeplan plot map plan.png --plan latest --colour margin --dark
    """
    from app.cli.actions import plot as actions

    with session(server, as_json) as (service, out):
        actions.draw_map(service, out, file, plan, colour, dark)


@app.command("convergence")
def convergence(
    plan: Annotated[
        str,
        typer.Argument(metavar="PLAN", autocompletion=completion.plans, help="A plan: its id, first letters, or `latest`."),
    ],
    file: Picture,
    dark: Dark = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Draw the cost and the lower bound of a plan over time, and the gap between them.

    \b
    Example:
      edgeplan plot convergence latest convergence.png
    """
    from app.cli.actions import plot as actions

    with session(server, as_json) as (service, out):
        actions.draw_convergence(service, out, plan, file, dark)
