"""What shells complete beyond commands and options: the ids of plans, nodes and workloads, asked of the service."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from app.cli.commands.options import DEFAULT_SERVER, SERVER_VARIABLE
from app.texts import visible

if TYPE_CHECKING:
    from app.cli.common.client import Service

#: Seconds that a person who pressed the tabulator waits at most for one answer, and for all of them.
_ANSWER, _ALL = 0.5, 1.0

#: An id and what it is, as shells show them.
Offer = tuple[str, str]


def plans(context: typer.Context, incomplete: str) -> list[Offer]:
    """Plans, the newest first."""

    def offers(service: Service) -> Iterator[Offer]:
        yield "latest", "the newest plan"
        for plan in service.every("/v1/plans", dict):
            yield plan["id"], " ".join(filter(None, (plan["status"], plan["name"])))

    return _offered(context, incomplete, offers)


def nodes(context: typer.Context, incomplete: str) -> list[Offer]:
    """Nodes, by id."""
    return _offered(
        context,
        incomplete,
        lambda service: ((n["id"], f"{n['tier']}, {n['state']}") for n in service.every("/v1/nodes", dict)),
    )


def workloads(context: typer.Context, incomplete: str) -> list[Offer]:
    """Workloads, by id."""
    return _offered(
        context, incomplete, lambda service: ((w["id"], w["model"]) for w in service.every("/v1/workloads", dict))
    )


def formats(context: typer.Context, incomplete: str) -> list[Offer]:
    """Formats in which the network is exported."""
    return _offered(
        context,
        incomplete,
        lambda service: ((f["name"], f["title"]) for f in service.get("/v1/formats", list[dict[str, Any]]) if f["export"]),
    )


def _offered(
    context: typer.Context,
    incomplete: str,
    offers: Callable[[Service], Iterator[Offer]],
) -> list[Offer]:
    from app.cli.common.client import Service
    from app.cli.failures import Failure

    found: list[Offer] = []
    until = time.monotonic() + _ALL
    try:
        with Service(_server(context), connect=_ANSWER, answer=_ANSWER) as service:
            for offer in offers(service):
                if offer[0].startswith(incomplete):
                    found.append((offer[0], visible(offer[1])))
                if time.monotonic() > until:
                    break
    except Failure:
        # Nobody has run a command: a message would land in the middle of the line that is being typed. What was found
        # before is offered; whoever goes on and runs the command is told what is wrong.
        return found
    return found


def _server(context: typer.Context) -> str:
    """The address that the half-typed command line names."""
    for given in (context.params, context.find_root().params):
        if given.get("server"):
            return str(given["server"])
    return os.environ.get(SERVER_VARIABLE) or DEFAULT_SERVER
