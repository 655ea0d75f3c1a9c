"""For dashboards: what happens, as it happens, and what has happened lately."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.access import ContextDep, named_plan
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed
from app.api.lanes import Admitted
from app.api.problems import refusals
from app.api.tags import tag
from app.schemas.events import EventOut, EventPage
from app.schemas.wire import LATEST, PLAN_PATTERN
from app.service import events
from app.service.events import Wanted

router = APIRouter(route_class=Admitted, tags=["dashboards"])

#: Where the stream is.
STREAM = "/v1/events"
#: How long a browser that was cut off waits before it comes back, in milliseconds.
RETRY_MS = 2_000

EventId = Annotated[int, Query(ge=0, le=2**53)]


async def _wanted(
    context: ContextDep,
    types: Annotated[
        str | None,
        Query(
            max_length=500,
            description="Comma-separated; a type in full, or its first word for all that begin with it.",
            examples=["plan,node.failed"],
        ),
    ] = None,
    plan: Annotated[
        str | None,
        Query(
            pattern=PLAN_PATTERN,
            description=f"Only what concerns this plan; `{LATEST}` is the one that was asked for last when you ask.",
            examples=[LATEST],
        ),
    ] = None,
    severity: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Comma-separated severities: `info`, `notice`, `warning`, `critical`; all without it.",
            examples=["warning,critical"],
        ),
    ] = None,
) -> Wanted:
    return events.wanted(types, None if plan is None else await named_plan(context, plan), severity)


WantedDep = Annotated[Wanted, Depends(_wanted)]


async def _listening(context: ContextDep) -> AsyncIterator[None]:
    with context.broadcast.listening():
        yield


@router.get(
    STREAM,
    response_class=EventSourceResponse,
    dependencies=[Depends(_listening)],
    responses=refusals(),
    summary="Follow what happens",
)
async def follow_events(
    context: ContextDep,
    wants: WantedDep,
    since: Annotated[EventId | None, Query(description="Begin after this event; from now on without one.")] = None,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=2**53, description="As `since`, and stronger: browsers send it when they come back.")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `id` grows, `event` is the type, `data` is the event as in `/v1/events/log`.

    A stream that is cut off goes on after the last id seen, without a gap. When the events after that id are no longer
    kept, the first one is `stream.reset`: reload everything. At least every fifteen seconds there is a sign of life.
    """
    after = since if last_event_id is None else last_event_id
    async with aclosing(context.broadcast.follow(after, wants)) as told:
        first = True
        async for one in told:
            retry = RETRY_MS if first else None
            if one.row is not None:
                yield ServerSentEvent(raw_data=one.text, event=one.row.type, id=str(one.id), retry=retry)
            else:
                yield ServerSentEvent(comment="listening" if first else "ping", id=str(one.id), retry=retry)
            first = False


@router.get("/v1/events/log", responses=NOT_MODIFIED | refusals(), summary="What has happened lately")
async def list_events(
    context: ContextDep,
    wants: WantedDep,
    response: Response,
    after: Annotated[EventId | None, Query(description="Only what came after this event; the newest without one.")] = None,
    before: Annotated[
        EventId | None, Query(description="Only what came before this event, the newest of it; not together with `after`.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Events on the page.")] = 100,
    if_none_match: IfNoneMatch = None,
) -> EventPage:
    """The same events, page by page, oldest first; for history, and for whoever cannot hold a stream.

    The service keeps the newest twenty thousand (`EDGEPLAN_EVENTS_KEPT`). When events after `after` are no longer kept,
    the only one is `stream.reset`. The `ETag` is the newest event of all.
    """
    marks = context.store.peek()
    if marks is not None:
        check_changed(if_none_match, marks.event)
    rows, more, newest = await context.lanes.reading.call(events.page, context.store, wants, after, limit, before)
    check_changed(if_none_match, newest)
    response.headers["ETag"] = tag(newest)
    response.headers["Cache-Control"] = "no-cache"
    items = tuple(EventOut.of(row) for row in rows)
    return EventPage(items=items, next=items[-1].id if more else None, last=newest)
