"""For dashboards: what needs somebody's eye, in one small answer that every page asks for."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response

from app.api.access import PartsDep
from app.api.answers import newest, standing_version
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed, tag
from app.api.lanes import Admitted
from app.api.problems import refusals
from app.schemas.alarms import Alarms
from app.service import alarms
from app.service.standing import kept_picture, picture

router = APIRouter(route_class=Admitted, prefix="/v1", tags=["dashboards"])

_READ = NOT_MODIFIED | refusals()


@router.get("/alarms", responses=_READ, summary="What needs somebody's eye")
async def read_alarms(parts: PartsDep, response: Response, if_none_match: IfNoneMatch = None) -> Alarms:
    """How many nodes have failed or drain, how many shards are disturbed, unlawful where they run, or refused, and whether
    the plan in force knows the world as it is. The `ETag` is the newest generation and the day."""
    # Read before all else: what is changed meanwhile is told under an older version, and so once more.
    version = alarms.version_of(await newest(parts, "all"))
    check_changed(if_none_match, version)
    kept = kept_picture(parts.store, await standing_version(parts))
    # While it is computed nobody holds a thread: the picture is that of the map, most often at hand.
    stands = kept if kept is not None else await parts.shelf.call(partial(picture, parts.store, parts.desk.call, None))
    found = await parts.lanes.reading.call(alarms.raised, parts.store, stands)
    response.headers["ETag"] = tag(version)
    return found
