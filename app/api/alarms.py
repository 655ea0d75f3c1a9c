"""For dashboards: what needs somebody's eye, in one small answer that every page asks for."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.access import ContextDep
from app.api.answers import newest
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed
from app.api.lanes import Admitted
from app.api.problems import refusals
from app.api.tags import tag
from app.schemas.alarms import Alarms
from app.service import alarms

router = APIRouter(route_class=Admitted, prefix="/v1", tags=["dashboards"])

_READ = NOT_MODIFIED | refusals()


@router.get("/alarms", responses=_READ, summary="What needs somebody's eye")
async def read_alarms(context: ContextDep, response: Response, if_none_match: IfNoneMatch = None) -> Alarms:
    """How many nodes have failed or drain, how many shards are disturbed, unlawful where they run, or refused, and whether
    the plan in force knows the world as it is. The `ETag` is the newest generation and the day."""
    # Read before all else: what is changed meanwhile is told under an older version, and so once more.
    version = alarms.version_of(await newest(context, "all"))
    check_changed(if_none_match, version)
    found = await context.lanes.reading.call(alarms.raised, context.store)
    response.headers["ETag"] = tag(version)
    return found
