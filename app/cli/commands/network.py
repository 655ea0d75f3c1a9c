"""`edgeplan network`: what is stored, in and out of files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import completion
from app.cli.commands.groups import Group
from app.cli.commands.options import AsCsv, AsJson, Server, Yes
from app.cli.common.session import session

app = typer.Typer(cls=Group, no_args_is_help=True, help="See what is stored, import it from files and export it.")


class Part(StrEnum):
    """A document."""

    NETWORK = "network"
    CATALOGUE = "catalogue"
    POLICIES = "policies"
    WORKLOADS = "workloads"


#: Documents to read, and which of them.
Documents = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, help="A document in JSON, or a folder of them, as data.generate writes it."),
]
Parts = Annotated[
    list[Part] | None,
    typer.Option(metavar="PART", help="Only network, catalogue, policies or workloads; may be given several times."),
]


@app.command("import")
def import_(
    file: Documents,
    part: Parts = None,
    if_match: Annotated[
        int | None,
        typer.Option(metavar="GENERATION", help="Only if the stored document is still of this generation (see export)."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Keep nothing of what is stored, and end all that runs; for another network.")
    ] = False,
    yes: Yes = False,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Replace what is stored by documents: all of them, or none.

    A folder may have catalogue.json, network.json, policies.json and workloads.json (or request.json). They are
    validated together before anything is changed, and never overwrite a concurrent change. If running workloads
    are left out, you are asked first. What was stored before is kept in a file
    beside the store, the newest five such files; the answer names it and says what was added, changed, removed
    and ended.

    \b
    Example:
      edgeplan network import data/reference
      python -m data.generate --nodes 300 --workloads 1000 --out var/n300
      edgeplan network import var/n300 --fresh
    """
    from app.cli.actions import network as actions

    with session(server, as_json) as (service, out):
        actions.import_documents(service, out, file, list(part or []), if_match, fresh, yes)


@app.command("check")
def check(
    file: Documents,
    part: Parts = None,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Validate documents without a service: all faults, and what is not given and taken for zero. Exits with 1 on faults.

    What a document names has to be in one of those given; a service also knows what it has stored. No service is
    asked, whatever --server says.

    \b
    Example:
      edgeplan network check data/reference
    """
    from app.cli.actions.network_check import check_documents

    check_documents(file, list(part or []), as_json)


@app.command("export")
def export(
    format: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            autocompletion=completion.formats,
            help="json can be imported again; `edgeplan network formats` lists all.",
        ),
    ] = "json",
    part: Annotated[Part, typer.Option(help="Which document; all but the network come as json.")] = Part.NETWORK,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write here; into a folder go all four documents."),
    ] = None,
    server: Server = "",
    as_json: AsJson = False,
) -> None:
    """Write what is stored to standard output, a file or a folder.

    \b
    Example:
      edgeplan network export -o network.json
      edgeplan network export --format geojson > network.geojson
      edgeplan network export -o backup/
    """
    from app.cli.actions import network as actions

    with session(server, as_json) as (service, out):
        actions.export(service, out, format, part, out_file)


@app.command("formats")
def formats(server: Server = "", as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the formats in which the service exports the network.

    \b
    Example:
      edgeplan network formats
    """
    from app.cli.actions import network as actions

    with session(server, as_json, as_csv) as (service, out):
        actions.show_formats(service, out)


@app.command("show")
def show(
    node: Annotated[
        str | None,
        typer.Option(metavar="NODE", autocompletion=completion.nodes, help="Show this node instead of the whole."),
    ] = None,
    server: Server = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show what the network is made of: nodes by tier, state, province, sovereignty and commitment; cards.

    First comes what is in trouble, with the commands that show and mend it. With --csv there is a line for each count, or
    with --node for each shard that runs there.

    \b
    Example:
      edgeplan network show
      edgeplan network show --node co-usn
    """
    from app.cli.actions import network
    from app.cli.actions import node as nodes

    with session(server, as_json, as_csv) as (service, out):
        if node is None:
            network.show(service, out)
        else:
            nodes.show(service, out, node)
