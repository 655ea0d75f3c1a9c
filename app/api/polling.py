"""Polls that find nothing changed, answered before anything else is done.

Two hundred dashboards that ask once a second are most of what a quiet service does. Such a poll is answered from one
look at the newest generations, on the event loop: no route, no thread, no session, no line in the log. Each poll asks
the store, so no answer is older than its last commit. Whatever is not plainly such a poll, and every poll while the store
cannot tell at once, takes the ordinary way, which answers the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.conditions import names
from app.api.metrics import Metrics
from app.api.tags import tag
from app.service import alarms
from app.service.standing import version_of
from app.store.records import Versions

#: The version that a path is at, which its route says as `ETag`.
Version: TypeAlias = Callable[[Versions], int | str]


def last_change(*parts: str) -> Version:
    """The version of what shows these parts: the generation that last changed any of them."""
    return lambda marks: max(marks.generations.get(part, 0) for part in parts)


def standing(marks: Versions) -> str:
    """The version of what shows how what is in force stands: the day is part of it."""
    return version_of(lambda part: marks.generations.get(part, 0))


#: The paths that are polled; without a query, so that there is nothing in them to be refused.
POLLED: dict[str, Version] = {
    "/v1/alarms": lambda marks: alarms.version_of(marks.generations.get("all", 0)),
    "/v1/allocations": last_change("allocation"),
    "/v1/allocations/summary": standing,
    "/v1/allocations/usage": standing,
    "/v1/capacity": standing,
    "/v1/events/log": lambda marks: marks.event,
    "/v1/map": last_change("network"),
    "/v1/map/allocation": standing,
}


class Polled:
    """Answers them before `app` is asked."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        version = POLLED.get(scope["path"]) if scope["type"] == "http" else None
        if version is None or scope["method"] != "GET" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        known = [value for name, value in scope["headers"] if name == b"if-none-match"]
        marks = scope["app"].state.context.store.peek() if known else None
        if marks is None or not names(known[0].decode("latin-1"), found := version(marks)):
            await self._app(scope, receive, send)
            return
        if version is standing:
            scope["app"].state.context.last_look.note()
        headers = [(b"etag", tag(found).encode()), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        self._metrics.answered("GET", scope["path"], 304, time.perf_counter() - began)
