"""The options of `edgeplan plan submit`: what a request asks for.

Typer makes one option of one parameter, and knows no groups of them. So each is declared here, named once more in the
signature of the command, and from there on all travel as one value (:class:`app.cli.actions.plan_request.Wish`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.commands import completion

File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="A request in JSON, as POST /v1/plans takes it; - for standard input."),
]
Workloads = Annotated[
    list[str] | None,
    typer.Option(metavar="ID,...", autocompletion=completion.workloads, help="Plan these stored workloads."),
]
Everything = Annotated[bool, typer.Option("--all", help="Plan every stored workload.")]
Seconds = Annotated[
    float | None, typer.Option(min=0.001, metavar="N", help="Time limit of the solve in seconds (default: the service's).")
]
Seed = Annotated[int | None, typer.Option(min=0, metavar="N", help="Seed of the random numbers.")]
Cold = Annotated[bool, typer.Option("--cold", help="Cold start: no warm start from the newest plan.")]
Horizon = Annotated[
    str | None, typer.Option(metavar="DAY", help="The day to plan for, as 2026-12-01; today, where this is typed.")
]
Commitment = Annotated[
    str | None,
    typer.Option(
        metavar="STEP",
        help="Lowest commitment of the nodes used: operational, under_construction, contracted, "
        "announced, mou or aspiration (default: as in force).",
    ),
]
Scope = Annotated[
    Literal["repair", "keep", "move", "preempt"] | None,
    typer.Option(
        help="What may become of what runs. repair: only what is disturbed moves, and with no workload named it is "
        "about all that is disturbed or unplaced. keep (the default): what is not asked about stays as it is. "
        "move: it may move. preempt: it may also be ended, at its value."
    ),
]
MayEnd = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID", autocompletion=completion.workloads, help="This workload may be ended; may be given several times."
    ),
]
Caps = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CAP",
        help="No owner (operator, vendor) serves more than so many thousandths of the devices: owner=300, or of one: "
        "owner:NAME=300; may be given several times. Default: the caps in force.",
    ),
]
NoCaps = Annotated[bool, typer.Option("--no-caps", help="Plan without share caps, whatever is in force.")]
FromNodes = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", autocompletion=completion.nodes, help="Let what runs on this node be moved."),
]
FromSites = Annotated[list[str] | None, typer.Option(metavar="ID", help="Let what runs for this site be moved.")]
WhatIf = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help='Differences of a network that does not exist, as {"nodes": [{"id": ...}]}.'),
]
Name = Annotated[str | None, typer.Option(metavar="TEXT", help="What to call the plan.")]
Priority = Annotated[
    Literal["low", "normal", "high"] | None,
    typer.Option(help="Of the plans that wait, those of the highest priority are solved first. [normal]"),
]
