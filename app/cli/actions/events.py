"""What `edgeplan events` does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from app.cli.answers import EventOut
from app.cli.common.client import Service
from app.cli.common.feed import Feed
from app.cli.common.naming import plan_id
from app.cli.common.output import Output
from app.cli.views import events as views
from app.cli.views import sheets


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events: types, a plan's name, severities; None asks for all."""

    types: str | None
    plan: str | None
    severity: str | None


def events(service: Service, out: Output, asked: Asked, last: int, since: int | None, logged: bool) -> None:
    """Tell events as they come: after the `last` so many, or after the event `since`; `logged` leaves after those so far."""
    id = None if asked.plan is None else plan_id(service, asked.plan)
    feed = Feed(service, asked.types, id, since, lambda what: out.note(what or "connected again"), severity=asked.severity)
    if since is None:
        told: Iterable[EventOut] = feed.lately(last)
        if not logged:
            told = chain(told, feed)
    else:
        told = feed.logged() if logged else feed
    if out.as_csv:
        out.sheet(sheets.picked(told, sheets.EVENT))
        return
    for event in told:
        if out.as_json:
            out.line(event)
        else:
            out.show(views.line(event))
