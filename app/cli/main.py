"""`edgeplan`: the groups of commands put together."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from app.cli.commands import allocation, bench, events, explain, network, node, packing, plan, plot, service, store
from app.cli.commands.groups import Root
from app.cli.commands.options import DEFAULT_SERVER, RootAsJson, RootServer
from app.version import VERSION

_HELP = """\
Decide where inference runs on a telecom operator's network: plans that are
legal, proven and explained.

\b
To begin, with Korea's reference network:
  edgeplan serve --seed-reference   in one terminal; in another:
  edgeplan plan watch               follow its first plan
  edgeplan plan show                its cost, and what is unplaced
  edgeplan explain WORKLOAD         why there, and why not elsewhere
  edgeplan plan apply latest        make it the allocation
  edgeplan plot map map.svg         draw it

\b
Every command explains itself with an example: edgeplan COMMAND --help.
Those that ask a service take --server URL. With --json there is JSON on
standard output and nothing else. Errors go to standard error;
with --json as one object: code, sentence, how, details, faults, exit_code.
What lists something also takes --csv, for spreadsheets.

\b
Exit codes:
  0    done
  1    the answer is no: a plan is illegal, a solve ended without a plan,
       --strict was given and something is unplaced, a check found
       something wrong, or you were asked and said no
  2    the command line, or a file, is not right
  3    the service refused; the code of its refusal is in the message
  4    no service was reached
  130  interrupted with Ctrl-C
"""

_SERVICE, _OPERATORS, _PLANNERS = "The service", "Operators", "Planners"
_DASHBOARDS, _FILES = "Dashboards and reports", "Packing files, without a service"

Root.order = (
    "serve", "worker", "backup", "restore", "doctor", "network", "node", "plan", "explain", "allocation", "events", "plot",
    "solve", "check", "bench",
)  # fmt: skip

app = typer.Typer(
    name="edgeplan",
    cls=Root,
    help=_HELP,
    no_args_is_help=True,
    # Help in plain words: it is there in half the time, and fits any terminal.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edgeplan {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    server: RootServer = DEFAULT_SERVER,
    as_json: RootAsJson = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """What every command shares is read by the commands themselves; see :mod:`app.cli.commands.options`."""


app.command("serve", rich_help_panel=_SERVICE)(service.serve)
app.command("worker", rich_help_panel=_SERVICE)(service.worker)
app.command("backup", rich_help_panel=_SERVICE)(store.backup)
app.command("restore", rich_help_panel=_SERVICE)(store.restore)
app.command("doctor", rich_help_panel=_SERVICE)(store.doctor)
app.add_typer(network.app, name="network", rich_help_panel=_OPERATORS)
app.add_typer(node.app, name="node", rich_help_panel=_OPERATORS)
app.add_typer(plan.app, name="plan", rich_help_panel=_PLANNERS)
app.command("explain", rich_help_panel=_PLANNERS)(explain.explain)
app.add_typer(allocation.app, name="allocation", rich_help_panel=_DASHBOARDS)
app.command("events", rich_help_panel=_DASHBOARDS)(events.events)
app.add_typer(plot.app, name="plot", rich_help_panel=_DASHBOARDS)
app.command("solve", rich_help_panel=_FILES)(packing.solve)
app.command("check", rich_help_panel=_FILES)(packing.check)
app.command("bench", rich_help_panel=_FILES, context_settings={"ignore_unknown_options": True})(bench.bench)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command line, this process's own unless given, and leave."""
    for stream in (sys.stdout, sys.stderr):
        # A name that a terminal's encoding lacks is no reason to say nothing at all.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    app(arguments, prog_name="edgeplan")
    raise AssertionError("the root leaves by itself")
