"""Answers that are made elsewhere and travel as they are: encoded and zipped before the event loop sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, TypeAlias

from fastapi import Request, Response

from app.api.access import AppContext
from app.api.tags import tag
from app.service.allocations import generation_of
from app.service.response_cache import CachedResponse, encoded
from app.service.standing import newest_version

#: Makes an answer from a store and what it is about: its version, and its body.
Make: TypeAlias = Callable[..., tuple[int | str, Any]]

JSON = "application/json"


async def whole(context: AppContext, what: str, version: int | str, make: Make, *about: Any) -> CachedResponse:
    """The large answer `what` in its version: kept, or made by the reader (:class:`app.jobs.judge_pool.JudgePool`)."""
    return await context.response_cache.get(what, version, partial(context.judge_pool.read, encoded, make, *about))


async def answer_kept(request: Request, kept: CachedResponse, media_type: str = JSON) -> Response:
    """The response that gives an answer; for those who take no gzip it is unzipped in a thread."""
    if takes_gzip(request):
        return answered(request, kept, media_type)
    context: AppContext = request.app.state.context
    return await context.lanes.reading.call(answered, request, kept, media_type)


def answered(request: Request, kept: CachedResponse, media_type: str = JSON) -> Response:
    """The response that gives an answer. Not to be called on an event loop unless the caller takes gzip."""
    headers = {"ETag": tag(kept.version), "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if takes_gzip(request):
        return Response(kept.zipped, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(kept.plain, media_type=media_type, headers=headers)


def takes_gzip(request: Request) -> bool:
    """Whether the caller takes gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


async def standing_version(context: AppContext, day: date | None = None) -> str:
    """The version of the picture of what is in force, of today or another day, for a dashboard that looks at it."""
    context.last_look.note()
    return await version_now(context, day)


async def version_now(context: AppContext, day: date | None = None) -> str:
    """The version of the picture of what is in force, of today or another day."""
    if context.store.peek() is None:
        return await context.lanes.reading.call(newest_version, context.store, day)
    return newest_version(context.store, day)


async def newest(context: AppContext, part: str) -> int:
    """The generation that last changed a part of the store."""
    found = context.store.peek()
    if found is not None:
        return found.generations.get(part, 0)
    return await context.lanes.reading.call(generation_of, context.store, part)
