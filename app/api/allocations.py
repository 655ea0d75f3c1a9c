"""For dashboards: the allocation in force, as it stands. Nothing here solves; polls with `If-None-Match` cost next to
nothing."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.access import AppContext, ContextDep, StoreDep
from app.api.answers import standing_version
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed
from app.api.lanes import Admitted
from app.api.paging import cut, decode, encode, page
from app.api.problems import refusals
from app.api.queries import NUMERIC, AllocationChangeQuery, AllocationQuery, Day, UseQuery
from app.api.tags import tag
from app.schemas.allocations import (
    AllocationChange,
    AllocationChanges,
    AllocationOut,
    AllocationSummary,
    UsePage,
)
from app.schemas.figures import UseOut
from app.schemas.wire import LATEST, Page
from app.service import allocations, plans
from app.service.standing import Standing
from app.store.records import AllocationRow, PageQuery

router = APIRouter(route_class=Admitted, prefix="/v1/allocations", tags=["dashboards"])

_READ = NOT_MODIFIED | refusals()


@router.get("", responses=_READ, summary="List the allocation")
def list_allocations(
    store: StoreDep,
    query: Annotated[AllocationQuery, Query()],
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> Page[AllocationOut]:
    """What is in force, shard by shard: by node, site, data class, status and more."""
    check_changed(if_none_match, allocations.generation_of(store, "allocation"))
    if query.plan == LATEST:
        query = query.model_copy(update={"plan": plans.newest(store)})
    asked = cut(query, query.sort, NUMERIC)
    generation, rows = allocations.listed(store, _columns(asked))
    shown, more = page(rows, query.limit)
    response.headers["ETag"] = tag(generation)
    return Page[AllocationOut](
        items=tuple(AllocationOut.of_row(row) for row in shown),
        next=_following(shown[-1], asked) if more else None,
    )


@router.get("/summary", responses=_READ, summary="The allocation in figures")
async def read_summary(
    context: ContextDep,
    response: Response,
    day: Annotated[Day, Query()] = None,
    if_none_match: IfNoneMatch = None,
) -> AllocationSummary:
    """What is in which status now; what it costs and how full everything is, now or on another day; and the figures of the
    plan as applied."""
    stands = await _standing(context, if_none_match, day)
    summary = await context.lanes.reading.call(allocations.summarised, context.store, stands)
    response.headers["ETag"] = tag(stands.version)
    return summary


@router.get("/usage", responses=_READ, summary="How full everything is")
async def list_allocation_usage(
    context: ContextDep,
    query: Annotated[UseQuery, Query()],
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> UsePage:
    """Used and capacity of every limited thing, or of those whose subject has the parts asked for, now or on another day."""
    stands = await _standing(context, if_none_match, query.day)
    after = decode(query.cursor, str, str, str)
    place = None if after is None else (after[0], after[1], after[2])
    rows = await context.lanes.reading.call(allocations.uses, stands, query.rule, query.parts(), place, query.limit + 1)
    shown, more = page(rows, query.limit)
    response.headers["ETag"] = tag(stands.version)
    following = encode(*shown[-1].place) if more else None
    return UsePage(items=tuple(UseOut.of(row) for row in shown), next=following)


@router.get("/changes", responses=refusals(), summary="What changed in the allocation")
def list_allocation_changes(store: StoreDep, query: Annotated[AllocationChangeQuery, Query()]) -> AllocationChanges:
    """Since a generation, oldest first: what was placed, moved, resized, left unplaced, disturbed, restored, ended."""
    after = decode(query.cursor, int, int)
    generation, rows = allocations.changes(
        store, query.since, None if after is None else (after[0], after[1]), query.limit + 1
    )
    shown, more = page(rows, query.limit)
    following = encode(shown[-1].generation, shown[-1].ordinal) if more else None
    return AllocationChanges(items=tuple(AllocationChange.of(row) for row in shown), next=following, generation=generation)


async def _standing(context: AppContext, if_none_match: str | None, day: date | None) -> Standing:
    """How what is in force stands on a day, unless the caller has that version. While it is computed nobody holds a
    thread."""
    version = await standing_version(context, day)
    check_changed(if_none_match, version)
    kept = context.cache.pictures.at_hand(version)
    return kept if kept is not None else await context.response_cache.call(partial(context.cache.pictures.of, day))


def _columns(asked: PageQuery) -> PageQuery:
    """The cut in the words of the stored rows."""
    named = {"plan": "plan_id"}
    equal = tuple((named.get(name, name), value) for name, value in asked.equal)
    return PageQuery(asked.limit, equal, asked.sort, asked.numeric, asked.descending, asked.after)


def _following(last: AllocationRow, asked: PageQuery) -> str:
    """The cursor of the page after `last`."""
    if asked.sort == "id":
        return encode(last.key)
    return encode(getattr(last.decision, asked.sort) or 0, last.key)
