"""What is asked of callers: bodies within the limit, whether they say their length or not, and no more than their share."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import answer
from app.errors import TooLarge, TooMany
from app.hosts import is_loopback

#: What is always answered: whether the service is alive.
HEALTH = frozenset({"/healthz"})
#: How many seconds' worth of requests may come at once after a pause.
BURST_SECONDS = 5.0
#: Addresses that are remembered, the longest silent given up first.
ADDRESSES = 10_000


class Limited:
    """Middleware that takes no more than so many bytes of a body."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and int(said) > self._most:
            refusal = answer(TooLarge(f"At most {self._most} bytes are taken."), scope["path"])
            await refusal(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


class Paced:
    """Middleware that answers so many requests in a second from one address, and no question whether the service is alive.

    Each address has a bucket that fills at that pace, up to what fits into :data:`BURST_SECONDS`.
    """

    def __init__(self, app: ASGIApp, per_second: float, loopback: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._pace = per_second
        self._most = max(1.0, per_second * BURST_SECONDS)
        self._loopback = loopback
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client") if scope["type"] == "http" and scope["path"] not in HEALTH else None
        if client is None or (not self._loopback and is_loopback(client[0])) or (wait := self._take(client[0])) <= 0:
            await self._app(scope, receive, send)
            return
        refusal = TooMany(f"At most {self._pace:g} requests in a second from one address are answered.")
        refusal.retry_after = math.ceil(wait)
        await answer(refusal, scope["path"])(scope, receive, send)

    def _take(self, address: str) -> float:
        """Take one request out of the bucket of an address; answers for how long there is none in it."""
        now = self._now()
        left, at = self._buckets.pop(address, (self._most, now))
        left = min(self._most, left + (now - at) * self._pace)
        wait = (1 - left) / self._pace
        self._buckets[address] = (left if wait > 0 else left - 1), now
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return wait
