"""For dashboards: what is drawn. Answers are kept encoded, and made once for each version."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.access import AppContext, ContextDep, PlanId, named_plan
from app.api.answers import answer_kept, newest, standing_version, version_now, whole
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed
from app.api.lanes import Admitted
from app.api.problems import refusals
from app.api.queries import Day
from app.clock import today
from app.errors import AppError, Fault, Invalid, NotFound, PlanNotReady
from app.schemas.maps import Capacity, NetworkMap, PlacementMap
from app.schemas.wire import LATEST, PLAN_PATTERN
from app.service import maps, plans
from app.service.response_cache import CachedResponse, encoded
from app.service.settling import refresh
from app.service.standing import day_of
from app.trouble import Trouble

router = APIRouter(route_class=Admitted, prefix="/v1", tags=["dashboards"])

#: Time between two looks at the calendar.
LOOK_SECONDS = 60.0
#: Time between two looks whether something has changed, and how long a dashboard that has looked is taken to look again.
CHANGE_SECONDS, LOOKED_SECONDS = 0.5, 120.0

_READ = NOT_MODIFIED | refusals()
_READ_PLAN = NOT_MODIFIED | refusals(NotFound, PlanNotReady)


@router.get("/map", response_model=NetworkMap, responses=_READ, summary="The network, for drawing")
async def read_network_map(request: Request, context: ContextDep, if_none_match: IfNoneMatch = None) -> Response:
    """Nodes, sites and links in columns; words that come again stand once, in a list. The `ETag` is the generation."""
    generation = await newest(context, "network")
    check_changed(if_none_match, generation)
    return await answer_kept(request, await whole(context, "map", generation, maps.network_map))


@router.get("/map/allocation", response_model=PlacementMap, responses=_READ, summary="What is in force, for drawing")
async def read_allocation_map(
    request: Request, context: ContextDep, day: Annotated[Day, Query()] = None, if_none_match: IfNoneMatch = None
) -> Response:
    """Every shard as it is now, and the fullest resource of every node, now or on another day; in columns."""
    version = await standing_version(context, day)
    check_changed(if_none_match, version)
    return await answer_kept(request, await _allocation(context, version, day))


@router.get("/map/plans/{id}", response_model=PlacementMap, responses=_READ_PLAN, summary="A plan, for drawing")
async def read_plan_map(request: Request, context: ContextDep, id: PlanId, if_none_match: IfNoneMatch = None) -> Response:
    """A plan that has its decisions, in the columns of `/v1/map/allocation`."""
    version = await context.lanes.reading.call(plans.version_of, context.store, id)
    check_changed(if_none_match, version)
    return await answer_kept(request, await whole(context, "plan", version, maps.plan_map, id))


@router.get("/capacity", response_model=Capacity, responses=_READ_PLAN, summary="How full everything is, and what is scarce")
async def read_capacity(
    request: Request,
    context: ContextDep,
    plan: Annotated[
        str | None,
        Query(
            pattern=PLAN_PATTERN,
            description=f"A plan with decisions, by its id or as `{LATEST}`; without one, the allocation in force.",
            examples=[LATEST],
        ),
    ] = None,
    day: Annotated[Day, Query()] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """By tier, province and kind of accelerator; and the tightest limits, with what one more unit of each would save.

    Of the allocation it is what runs now against the network of now, on the day asked about; the prices are those of the
    plan applied last. A plan is for its own day, so `plan` and `day` exclude each other.
    """
    if plan is None:
        stands = await standing_version(context, day)
        check_changed(if_none_match, stands)
        make = partial(context.judge_pool.call, encoded, maps.capacity_of_allocation, day_of(day))
        return await answer_kept(request, await context.response_cache.get("capacity", stands, make))
    if day is not None:
        raise Invalid("A plan is for its own day.", (Fault("day", "`plan` and `day` exclude each other", code="excluded"),))
    plan = await named_plan(context, plan)
    version = await context.lanes.reading.call(plans.version_of, context.store, plan)
    check_changed(if_none_match, version)
    return await answer_kept(request, await whole(context, "plan capacity", version, maps.capacity_of_plan, plan))


async def prepare(context: AppContext) -> None:
    """Make what every dashboard asks for first, so that the first of them does not wait for it. Then keep
    them ready, and day after day bring what is in force in line with the new day."""
    try:
        network, standing = await newest(context, "network"), await standing_version(context)
        # Without a network there is nothing to draw, for which the reader would be started.
        if network:
            await whole(context, "map", network, maps.network_map)
            await _allocation(context, standing)
    except AppError as error:
        # Whoever asks for it has it made then, or is told why not.
        Trouble("dashboards.prepare").met(error)
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_days(context))
        group.create_task(keep_drawn(context))


async def keep_drawn(context: AppContext, look_seconds: float = CHANGE_SECONDS) -> None:
    """While dashboards look, have what they look at made as soon as nothing changes any more, so that the next poll does not
    wait for it. In the middle of a row of changes it is left to whoever asks: the judge has those to carry out."""
    drawn, before, trouble = None, None, Trouble("dashboards.draw")
    while True:
        await asyncio.sleep(look_seconds)
        if not context.last_look.within(LOOKED_SECONDS):
            continue
        try:
            version = await version_now(context)
            if version == before != drawn:
                if context.cache.pictures.at_hand(version) is None:
                    await context.response_cache.call(context.cache.pictures.of)
                await _allocation(context, version)
                drawn = version
        except AppError as error:
            trouble.met(error)
        else:
            before = version
            trouble.over()


async def keep_days(context: AppContext, look_seconds: float = LOOK_SECONDS) -> None:
    """Have certificates that lapse and halls that open told on the day, though nobody changes anything."""
    day, trouble = None, Trouble("standing.refresh")
    while True:
        if day != (now := today()):
            try:
                await context.lanes.judging.call(context.judge_pool.call, refresh)
                day = now
            except AppError as error:
                trouble.met(error)
            else:
                trouble.over()
        await asyncio.sleep(look_seconds)


async def _allocation(context: AppContext, version: str, day: date | None = None) -> CachedResponse:
    # The judge has what the picture of it is made from.
    make = partial(context.judge_pool.call, encoded, maps.allocation_map, day_of(day))
    return await context.response_cache.get("allocation", version, make)
